"""The spot wallet: what is free, and what orders and withdrawals hold."""

from finance.decimals import exact
from finance.observed import Balance
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import a_list, amount, an_object, asset, refuse_duplicates
from monitor.exchanges.mexc.dialect import spot

SPOT = "spot"
ACCOUNT = spot("account", weight=10)


async def fetch_spot(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the spot wallet."""
    return await connection.call(ACCOUNT, "Reading the spot wallet", read_account)


@exact
def read_account(answer: object) -> tuple[Balance, ...]:
    """Free and locked of every asset; one of which there is nothing has no balance."""
    rows = a_list(an_object(answer, "balances")["balances"], "balances")
    refuse_duplicates((asset(row) for row in rows), "asset")
    found = (Balance(asset=asset(row), free=amount(row, "free"), locked=amount(row, "locked")) for row in rows)
    return tuple(balance for balance in found if balance.free or balance.locked)
