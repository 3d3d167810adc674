"""The spot wallet of a classic account: `available` and what orders lock, per coin."""

from finance.observed import Balance
from monitor.exchanges.http.gate import a_list, amount, asset, refuse_duplicates

SPOT = "spot"


def read_accounts(answer: object) -> tuple[Balance, ...]:
    """Balances of the spot wallet."""
    rows = a_list(answer)
    refuse_duplicates((asset(row, "currency") for row in rows), "coin")
    return tuple(
        Balance(asset=asset(row, "currency"), free=amount(row, "available"), locked=amount(row, "locked"))
        for row in rows
    )
