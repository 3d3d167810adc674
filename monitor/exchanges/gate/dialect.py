"""How Gate is spoken to over HTTP: its labels of errors and what they mean, its limits, its clock."""

import re
from datetime import datetime

from finance.observed import RefusalReason
from monitor.exchanges.gate import endpoints
from monitor.exchanges.http.dialect import Budgets, Dialect, ErrorAnswer
from monitor.exchanges.http.fields import a_moment, an_object

REASONS = {
    "REQUEST_EXPIRED": RefusalReason.CLOCK,
    "TOO_MANY_REQUESTS": RefusalReason.PAUSE,
    "TOO_FAST": RefusalReason.PAUSE,
    "TOO_BUSY": RefusalReason.PAUSE,
    "INVALID_SIGNATURE": RefusalReason.SIGNATURE,
    "MISSING_REQUIRED_HEADER": RefusalReason.SIGNATURE,
    "INVALID_KEY": RefusalReason.KEY,
    "INVALID_CREDENTIALS": RefusalReason.KEY,
    "IP_FORBIDDEN": RefusalReason.KEY,
    "FORBIDDEN": RefusalReason.KEY,  # a right is missing, or this machine's address is not on the list
    "READ_ONLY": RefusalReason.KEY,
    "ACCOUNT_LOCKED": RefusalReason.KEY,
    "USER_NOT_FOUND": RefusalReason.NOT_OPENED,
    "CROSS_ACCOUNT_NOT_FOUND": RefusalReason.NOT_OPENED,
    "INVALID_CURRENCY": RefusalReason.UNKNOWN_SYMBOL,
    "INVALID_CURRENCY_PAIR": RefusalReason.UNKNOWN_SYMBOL,
    "CONTRACT_NOT_FOUND": RefusalReason.UNKNOWN_SYMBOL,
}
LABEL = re.compile(r"[A-Z][A-Z0-9_]{1,60}")
PRIVATE_BUDGET = (
    70  # in ten seconds, of each endpoint and account: half of the 150 that those without a limit of their own have
)
TOTALS_BUDGET = 35  # of 80
PUBLIC_BUDGET = 95  # of 200, of each endpoint and address


def read_error(answer: object) -> ErrorAnswer | None:
    """The label and message of an answer that has them; None if it has none."""
    if not isinstance(answer, dict) or not isinstance(answer.get("label"), str):
        return None
    label = answer["label"]
    return ErrorAnswer(
        code=label,
        message=str(answer.get("message", "")),
        reason=REASONS.get(label),
        is_documented=LABEL.fullmatch(label) is not None,
        fails_always=True,
    )


def read_time(answer: object) -> datetime:
    """The exchange's clock, in milliseconds."""
    return a_moment(an_object(answer, "server_time"), "server_time")


DIALECT = Dialect(
    client="gate",
    server_time=endpoints.SERVER_TIME,
    read_time=read_time,
    read_error=read_error,
    budgets=Budgets(
        by_bucket={endpoints.TOTALS.bucket: TOTALS_BUDGET},
        endpoint=PUBLIC_BUDGET,
        account=PRIVATE_BUDGET,
        seconds=10,
        reset_header="x-gate-ratelimit-reset-timestamp",
    ),
    key_page="API Management",
    own_statuses=(403,),
    added_addresses={"private/flash_swap": "private/spot"},
)
