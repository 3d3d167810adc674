"""How MEXC is spoken to over HTTP: two families, their error codes and what they mean, their limits, their clock.

Spot answers bare, and refuses with HTTP 400 and a code. Contracts answer in an envelope, and refuse with HTTP 200.
"""

from datetime import datetime

from finance.observed import RefusalReason
from monitor.exchanges.http.dialect import Budgets, Dialect, Endpoint, ErrorAnswer
from monitor.exchanges.http.fields import Malformed, a_moment, an_object

REASONS = {
    **dict.fromkeys((700003, 513, 10073), RefusalReason.CLOCK),
    **dict.fromkeys((429, 510), RefusalReason.PAUSE),
    **dict.fromkeys((700002, 602), RefusalReason.SIGNATURE),
    **dict.fromkeys((10072, 700001, 401, 402), RefusalReason.KEY),  # unknown or expired
    **dict.fromkeys((700006, 406), RefusalReason.KEY),  # this machine's address is not on its list
    **dict.fromkeys((700007, 701, 703), RefusalReason.KEY),  # the right for this one thing is missing
    **dict.fromkeys((-1121, 10007, 30014, 1001), RefusalReason.UNKNOWN_SYMBOL),
}
SUCCESS, LARGEST_CODE = (0, 200), 10**9
CONTRACT = "contract/"
SPOT_SECONDS, CONTRACT_SECONDS = 10, 2
PRIVATE, PUBLIC = "contract private", "contract public"  # the limit is each endpoint's: one for all is within it
DETAIL = "contract detail"  # one call in five seconds


def spot(path: str, weight: int = 1) -> Endpoint:
    """A reading endpoint of spot behind a key; its weight counts against the account."""
    return Endpoint(family="spot/private", path=path, weight=weight, bucket=path, per_account=True)


def spot_public(path: str, weight: int = 1) -> Endpoint:
    """An endpoint of spot for everybody."""
    return Endpoint(family="spot/public", path=path, weight=weight, bucket=path, signed=False)


def contract(path: str) -> Endpoint:
    """A reading endpoint of contracts behind a key."""
    return Endpoint(family="contract/private", path=path, weight=1, bucket=PRIVATE, per_account=True)


def contract_public(path: str, bucket: str = PUBLIC) -> Endpoint:
    """An endpoint of contracts for everybody."""
    return Endpoint(family="contract/public", path=path, weight=1, bucket=bucket, signed=False)


def read_error(answer: object) -> ErrorAnswer | None:
    """The code and message of an answer that says no; None if it says none."""
    if not isinstance(answer, dict):
        return None
    code, is_success = answer.get("code"), answer.get("success")
    if isinstance(code, str) and code.lstrip("-").isdigit() and len(code) <= 9:
        code = int(code)
    is_refused = is_success is False or (is_success is None and code not in (None, *SUCCESS))
    if not is_refused or isinstance(code, bool) or not isinstance(code, int) or abs(code) > LARGEST_CODE:
        return None
    if not code:  # "success": false and no reason: what it hides is not known
        return None
    return ErrorAnswer(
        code=code,
        message=str(answer.get("msg") or answer.get("message") or ""),
        reason=REASONS.get(code),
        is_documented=code in REASONS,
        fails_always=True,
    )


def unwrap(endpoint: Endpoint, answer: object) -> object:
    """What an answer of contracts holds; those of spot have no envelope, and say `success` only where there is none."""
    if not endpoint.family.startswith(CONTRACT):
        if isinstance(answer, dict) and answer.get("success") is False:
            raise Malformed("the answer says neither success nor why")
        return answer
    envelope = an_object(answer, "success", "data")
    if envelope["success"] is not True:
        raise Malformed("the answer says neither success nor why")
    return envelope["data"]


def read_time(answer: object) -> datetime:
    """The exchange's clock, in milliseconds."""
    return a_moment(an_object(answer, "serverTime"), "serverTime")


DIALECT = Dialect(
    client="mexc",
    options={"recvWindow": 10_000},
    server_time=spot_public("time"),
    read_time=read_time,
    read_error=read_error,
    unwrap=unwrap,
    own_statuses=(200, 403),
    budgets=Budgets(  # half of 500 in any ten seconds for each endpoint, and of 20 calls in two for contracts
        by_bucket={DETAIL: 1, PRIVATE: 10, PUBLIC: 10},
        endpoint=250,
        account=250,
        seconds=SPOT_SECONDS,
        seconds_by_bucket={DETAIL: 10, PRIVATE: CONTRACT_SECONDS, PUBLIC: CONTRACT_SECONDS},
    ),
    key_page="API Management",
)
