"""How Bitget is spoken to over HTTP: its addresses, its error codes and what they mean, its limits, its clock.

A code is text. HTTP's status varies with the endpoint, so the code alone is judged.
"""

from collections.abc import Mapping
from datetime import datetime

from finance.observed import RefusalReason
from monitor.exchanges.bitget.answers import SUCCESS, unwrap
from monitor.exchanges.http.dialect import Budgets, Dialect, Endpoint, ErrorAnswer
from monitor.exchanges.http.fields import a_moment, an_object

REASONS = {
    **dict.fromkeys(("40004", "40005", "40008"), RefusalReason.CLOCK),
    **dict.fromkeys(("429", "30007", "40200"), RefusalReason.PAUSE),  # 40200: the exchange is being upgraded
    "40009": RefusalReason.SIGNATURE,
    **dict.fromkeys(
        (
            *("40001", "40002", "40003", "40006", "40011", "40012", "40036", "40037"),  # key, secret or passphrase
            *("40014", "40018"),  # a right is missing, this address is not on the list
            "40031",  # the account was closed
        ),
        RefusalReason.KEY,
    ),
    "40084": RefusalReason.OTHER_SYSTEM,  # a classic account, asked as a unified one
    "40085": RefusalReason.OTHER_SYSTEM,  # the other way round
    **dict.fromkeys(("40034", "40309"), RefusalReason.UNKNOWN_SYMBOL),
}
# No answers: the exchange is busy, or has no such address any more. What they hide is not known, so they have failed.
OWN_FAULTS = ("40010", "40015", "40604", "40725", "40404")
LONGEST_CODE = 12
# How often an account, and of what is public an address, may call each endpoint in a second.
LIMITS: Mapping[str, int] = {
    "v2/public/time": 20,
    "v2/spot/market/tickers": 20,
    "v2/spot/market/candles": 20,
    "v2/spot/market/history-candles": 20,
    "v2/mix/market/candles": 20,
    "v2/mix/market/history-mark-candles": 20,
    "v2/spot/account/info": 1,
    "v2/spot/account/assets": 10,
    "v2/spot/account/bills": 10,
    "v2/spot/account/sub-main-trans-record": 20,
    "v2/spot/wallet/deposit-records": 10,
    "v2/spot/wallet/withdrawal-records": 10,
    "v2/spot/trade/fills": 10,
    "v2/spot/trade/unfilled-orders": 20,
    "v2/spot/trade/history-orders": 20,
    "v2/spot/trade/current-plan-order": 20,
    "v2/spot/trade/history-plan-order": 20,
    "v2/account/all-account-balance": 1,
    "v2/account/funding-assets": 10,
    "v2/account/bot-assets": 5,
    "v2/mix/account/accounts": 10,
    "v2/mix/account/bill": 10,
    "v2/mix/order/fill-history": 10,
    "v2/mix/order/orders-pending": 10,
    "v2/mix/order/orders-history": 10,
    "v2/mix/order/orders-plan-pending": 10,
    "v2/mix/order/orders-plan-history": 10,
    "v2/mix/position/all-position": 5,
    "v2/mix/position/history-position": 20,
    "v2/margin/crossed/account/assets": 10,
    "v2/margin/crossed/financial-records": 10,
    "v2/margin/crossed/fills": 10,
    "v2/margin/isolated/account/assets": 10,
    "v2/margin/isolated/financial-records": 10,
    "v2/margin/isolated/fills": 10,
    "v2/margin/crossed/open-orders": 10,
    "v2/margin/crossed/history-orders": 10,
    "v2/margin/isolated/open-orders": 10,
    "v2/margin/isolated/history-orders": 10,
    "v2/margin/crossed/interest-history": 10,
    "v2/margin/isolated/interest-history": 10,
    "v2/earn/account/assets": 5,
    "v2/earn/loan/debts": 10,
    "v2/earn/savings/records": 10,
    "v2/convert/convert-record": 10,
    "v2/convert/bgb-convert-records": 5,
    "v3/account/settings": 10,
    "v3/account/info": 5,
    "v3/account/assets": 20,
    "v3/account/funding-assets": 20,
    "v3/account/funding-financial-records": 20,
    "v3/account/deposit-records": 10,
    "v3/account/withdrawal-records": 10,
    "v3/account/sub-transfer-record": 5,
    "v3/account/financial-records": 20,
    "v3/account/convert-records": 10,
    "v3/position/current-position": 20,
    "v3/position/history-position": 20,
    "v3/trade/fills": 20,
    "v3/trade/unfilled-orders": 20,
    "v3/trade/history-orders": 20,
    "v3/trade/order-info": 20,
    "v3/trade/unfilled-strategy-orders": 10,
    "v3/trade/history-strategy-orders": 10,
    "v3/earn/elite-assets": 5,
    "v3/loan/debts": 5,
    "v3/convert/small-assets-history": 5,
}


def private(path: str) -> Endpoint:
    """A reading endpoint behind a key."""
    return Endpoint(family="private/common", path=path, weight=1, bucket=path, per_account=True)


def public(path: str) -> Endpoint:
    """An endpoint for everybody."""
    return Endpoint(family="public/common", path=path, weight=1, bucket=path, signed=False)


def read_error(answer: object) -> ErrorAnswer | None:
    """The code and message of an answer that has a code other than success; None if it is none."""
    if not isinstance(answer, dict) or isinstance(answer.get("code"), bool):
        return None
    code = answer.get("code")
    if (
        not isinstance(code, (str, int))
        or str(code) in (SUCCESS, *OWN_FAULTS)
        or not 0 < len(str(code)) <= LONGEST_CODE
    ):
        return None
    return ErrorAnswer(
        code=str(code),
        message=str(answer.get("msg") or answer.get("message") or ""),
        reason=REASONS.get(str(code)),
        is_documented=str(code).isascii() and str(code).isdigit() and len(str(code)) <= 6,
        fails_always=True,
    )


def read_time(data: object) -> datetime:
    """The exchange's clock, in milliseconds."""
    return a_moment(an_object(data, "serverTime"), "serverTime")


def _budgets() -> Budgets:
    """Half of each limit, because the exchange counts any second; of one a second a call every two seconds."""
    return Budgets(
        by_bucket={path: max(1, limit // 2) for path, limit in LIMITS.items()},
        endpoint=min(LIMITS.values()),
        account=min(LIMITS.values()),
        seconds=1,
        seconds_by_bucket={path: 2 for path, limit in LIMITS.items() if limit == 1},
    )


DIALECT = Dialect(
    client="bitget",
    server_time=public("v2/public/time"),
    read_time=read_time,
    read_error=read_error,
    unwrap=unwrap,
    own_statuses=(200, 403, 422),
    budgets=_budgets(),
    key_page="API management",
)
