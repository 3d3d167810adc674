"""How Binance is spoken to over HTTP: its error codes and what they mean, its limits, its clock, and the envelopes in
which some histories answer a page.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from finance.observed import RefusalReason
from monitor.exchanges.http.dialect import Budgets, Dialect, Endpoint, ErrorAnswer
from monitor.exchanges.http.fields import Malformed, Row, a_list, a_moment, amount, an_object

REASONS = {
    -1021: RefusalReason.CLOCK,
    -1003: RefusalReason.PAUSE,
    -1015: RefusalReason.PAUSE,
    -1022: RefusalReason.SIGNATURE,
    -1002: RefusalReason.KEY,
    -2008: RefusalReason.KEY,
    -2014: RefusalReason.KEY,
    -2015: RefusalReason.KEY,  # also: this machine's address, or a permission
    -1121: RefusalReason.UNKNOWN_SYMBOL,
    -3003: RefusalReason.NOT_OPENED,  # no margin
    -11001: RefusalReason.NOT_OPENED,  # no isolated margin
    -4041: RefusalReason.NOT_OPENED,  # inactive futures
    -12022: RefusalReason.NOT_OPENED,  # no sub-accounts: of a sub-account,
    -8012: RefusalReason.NOT_OPENED,  # of an ordinary account,
    -10038: RefusalReason.NOT_OPENED,  # of a broker's
    100001002: RefusalReason.NOT_OPENED,
}
LARGEST_CODE = 10**12
DOCUMENTED = range(-99_999, 0)
SERVER_TIME = Endpoint(family="public", path="time", weight=1, bucket="api", signed=False)
ACCOUNT_BUDGET = 180_000  # a minute, for each sapi endpoint whose weight counts against the account
ENDPOINT_BUDGET = 10_000  # of 12,000 a minute, for each sapi endpoint


def encode(parameters: Mapping[str, str | int]) -> str:
    """Query or body as it is signed and sent: everything but A-Z a-z 0-9 - . _ ~ is percent-encoded (RFC 3986).

    The exchange refuses a signature over anything else (-1022), since 2026-01-15; ccxt escapes nothing on some paths:
    "+" would arrive as a blank, and "@" is refused.
    """
    return urlencode(parameters, quote_via=quote, safe="")


def read_error(answer: object) -> ErrorAnswer | None:
    """The code and message of an answer that has them; None if it has none."""
    if not isinstance(answer, dict) or not isinstance(answer.get("code"), int) or isinstance(answer["code"], bool):
        return None
    code = answer["code"]
    if abs(code) > LARGEST_CODE:
        return None
    return ErrorAnswer(
        code=code,
        message=str(answer.get("msg", "")),
        reason=REASONS.get(code),
        is_documented=code in DOCUMENTED or code in REASONS,
        fails_always=code < 0,
    )


def read_time(answer: object) -> datetime:
    """The exchange's clock."""
    return a_moment(an_object(answer, "serverTime"), "serverTime")


DIALECT = Dialect(
    client="binance",
    options={"recvWindow": 10_000},
    encode=encode,
    server_time=SERVER_TIME,
    read_time=read_time,
    read_error=read_error,
    banned_until=re.compile(r"until (\d{13})"),
    budgets=Budgets(
        by_bucket={"api": 5_000, "fapi": 2_000, "dapi": 2_000, "papi": 5_000, "eapi": 350},
        endpoint=ENDPOINT_BUDGET,
        account=ACCOUNT_BUDGET,
        used_header="x-mbx-used-weight-1m",
    ),
    key_page="API Management",
)


def read_counted(answer: object, name: str = "rows") -> tuple[list[Row], int | None]:
    """The rows of an answer that also says how many there are in all."""
    page = an_object(answer, name, "total")
    return a_list(page[name], name), int(amount(page, "total"))


def read_envelope(answer: object) -> tuple[list[Row], int | None]:
    """The rows of an answer with code "000000"; its `data` may be missing when there are none."""
    envelope = an_object(answer, "code")
    if envelope["code"] != "000000" or envelope.get("success", True) is not True:
        raise Malformed("the answer says neither success nor why")
    total = None if envelope.get("total") is None else int(amount(envelope, "total"))
    if envelope.get("data") is None:
        if total or "message" not in envelope:
            raise Malformed("the answer has no rows, though it counts some")
        return [], 0
    return a_list(envelope["data"], "data"), total
