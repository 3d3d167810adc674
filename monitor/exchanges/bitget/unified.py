"""The unified account's one pool: spot, margin and futures hold the same coins, so they are counted once, by their equity.

A coin's equity is its balance less its debt, with the profit of open positions that settle in it. Never `balance`, which
has the debt in it, and never `available`, which is what may be used.
"""

from asyncio import gather

from finance.decimals import ONE, ZERO, exact
from finance.observed import Balance, Position
from monitor.exchanges.bitget.answers import coin
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.futures import PRODUCTS, Names, find_open
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Row, a_list, amount, an_object, refuse_duplicates

POOL = "unified"
ASSETS = private("v3/account/assets")
MARGINS = ("imr", "mmr")
POSITIONS = private("v3/position/current-position")


async def fetch_pool(connection: Connection) -> tuple[Balance | Position, ...]:
    """What the pool holds of every coin, and its open positions."""
    balances, is_exposed = await connection.call(ASSETS, "Reading the unified account", read_account)
    if not is_exposed:
        return balances
    found = await gather(*(_fetch_positions(connection, product) for product in PRODUCTS.values()))
    return (*balances, *(one for positions in found for one in positions))


async def fetch_balances(connection: Connection) -> tuple[Balance | Position, ...]:
    """What the pool holds of every coin, without the positions."""
    balances, _ = await connection.call(ASSETS, "Reading the unified account", read_account)
    return balances


async def _fetch_positions(connection: Connection, product: str) -> tuple[Position, ...]:
    doing = "Reading the unified account, positions"
    return await connection.call(POSITIONS, doing, read_positions, category=product)


@exact
def read_account(answer: object) -> tuple[tuple[Balance, ...], bool]:
    """Balances by equity, and whether something may be open: a margin is asked for, or a profit is not realised.

    The profit of what is open is what equity has beyond the balance without the debt.
    """
    fields = an_object(answer, "assets")
    rows = a_list(fields["assets"], "assets")
    refuse_duplicates((coin(row) for row in rows), "coin")
    balances = tuple(_read_asset(row) for row in rows)
    margins = (amount(fields, name, default=ONE) for name in MARGINS)  # where one is missing, nothing is certain
    return balances, any(margins) or any(balance.unrealised for balance in balances)


def _read_asset(row: Row) -> Balance:
    equity, debt = amount(row, "equity", signed=True), amount(row, "debt", default=ZERO)
    unrealised = equity - amount(row, "balance", signed=True) + debt
    owned = equity + debt
    locked = min(amount(row, "locked", default=ZERO), max(owned, ZERO))
    return Balance(
        asset=coin(row),
        free=max(owned, ZERO) - locked,
        locked=locked,
        owed=debt + max(-owned, ZERO),
        unrealised=unrealised,
    )


def read_positions(answer: object) -> tuple[Position, ...]:
    """The open positions of one kind of contract."""
    rows = a_list(an_object(answer, "list")["list"], "list")
    return find_open(rows, Names("posSide", "holdMode", "avgPrice", "unrealisedPnl"))
