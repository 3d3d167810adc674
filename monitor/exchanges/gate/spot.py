"""The spot wallet: `available` and what orders lock, per coin; in a unified account it may be less than nothing."""

from finance.decimals import ZERO
from finance.observed import Balance
from monitor.exchanges.http.fields import Row, a_list, amount, asset, refuse_duplicates

SPOT = "spot"


def read_accounts(answer: object) -> tuple[Balance, ...]:
    """Balances of the spot wallet."""
    rows = a_list(answer)
    refuse_duplicates((asset(row, "currency") for row in rows), "coin")
    return tuple(_read_coin(row) for row in rows)


def _read_coin(row: Row) -> Balance:
    available = amount(row, "available", signed=True)
    return Balance(
        asset=asset(row, "currency"),
        free=max(available, ZERO),
        locked=amount(row, "locked"),
        owed=max(-available, ZERO),
    )
