"""The unified account: one pool of coins for spot, margin and contracts in the three unified modes.

Of each coin `equity` counts, which has debts and the profit of open positions in it, and `iso_balance`, the margin of isolated
positions, which by the documentation `equity` ("cross") has not. Never `available`, and never the totals in USD.

What is lent in Earn may serve as margin (`use_funding`), and `funding` says how much. The Earn wallet counts it; whether
`equity` has it in it, too, is reported nowhere, so each coin is asked itself: what is left of `equity` beyond available, frozen and
owed is nearer to `funding` or to nothing. Where that says nothing it is believed to be in it: money is
rather missing than counted twice, and the exchange's own totals stand beside it.
"""

from collections.abc import Mapping
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.observed import Balance
from monitor.exchanges.http.fields import Malformed, Row, amount, an_object, asset, text

UNIFIED = "unified"
CLASSIC = "classic"
MODES = (CLASSIC, "multi_currency", "portfolio", "single_currency")
NOTHING: Mapping[str, Decimal] = {}


def read_mode(answer: object) -> str:
    """Which of MODES an account is in. Raises Malformed for any other: whose money is where would not be known."""
    mode = text(an_object(answer, "mode"), "mode")
    if mode not in MODES:
        raise Malformed("the account is in a mode that nobody knows")
    return mode


def read_accounts(answer: object, unrealised: Mapping[str, Decimal] = NOTHING) -> tuple[Balance, ...]:
    """Balances of the pool; `unrealised` is the profit of open positions by coin, which `equity` has in it."""
    account = an_object(answer, "balances")
    coins = account["balances"]
    if not isinstance(coins, dict) or not all(isinstance(row, dict) for row in coins.values()):
        raise Malformed("balances are not a list by coin")
    lends = account.get("use_funding") is True
    return tuple(_read_coin(coin, row, unrealised.get(coin, ZERO), lends=lends) for coin, row in coins.items())


@exact
def _read_coin(coin: str, row: Row, unrealised: Decimal, *, lends: bool) -> Balance:
    equity = amount(row, "equity", signed=True) + amount(row, "iso_balance", default=ZERO, signed=True)
    frozen = amount(row, "freeze", default=ZERO)
    owed = amount(row, "total_liab", default=amount(row, "borrowed", default=ZERO))
    if lends and _has_lent_inside(row, equity - unrealised, frozen - owed):
        equity -= amount(row, "funding", default=ZERO)
    owed = max(owed, -equity)
    locked = min(frozen, equity + owed)
    return Balance(
        asset=asset({"coin": coin}, "coin"),
        free=equity + owed - locked,
        locked=locked,
        owed=owed,
        unrealised=unrealised,
    )


def _has_lent_inside(row: Row, equity: Decimal, frozen: Decimal) -> bool:
    lent = amount(row, "funding", default=ZERO)
    left = equity - amount(row, "available", default=ZERO, signed=True) - frozen
    return bool(lent) and abs(left - lent) <= abs(left)
