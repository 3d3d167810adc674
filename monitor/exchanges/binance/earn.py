"""Earn: Simple Earn, flexible and locked, and On-chain Yields: all pages, principal and rewards already credited.

The coins of ETH and SOL staking (WBETH, BNSOL), BFUSD and RWUSD lie in spot, and those of soft staking never leave it:
their products' own figures would count them twice.
"""

from collections.abc import Callable

from finance.decimals import ZERO, exact
from finance.observed import Balance
from monitor.errors import ExchangeUnavailable
from monitor.exchanges.binance.margin import add_up
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Row, a_list, amount, an_object, asset, optional_text

FLEXIBLE = "earn_flexible"
LOCKED = "earn_locked"
ONCHAIN = "onchain_yields"
STAKED = ("WBETH", "BETH", "BNSOL", "BFUSD", "RWUSD")  # products whose coins lie in spot
PAGE_SIZE = 100
MOST_PAGES = 50
FLEXIBLE_POSITIONS = Endpoint(
    family="sapi", path="simple-earn/flexible/position", weight=150, bucket="sapi earn flexible"
)
LOCKED_POSITIONS = Endpoint(family="sapi", path="simple-earn/locked/position", weight=150, bucket="sapi earn locked")
ONCHAIN_POSITIONS = Endpoint(
    family="sapi", path="onchain-yields/locked/position", weight=50, bucket="sapi onchain yields"
)
Position = tuple[str, Balance]  # the row's own name, empty where it has none, and what it holds
Page = tuple[list[Position], int]


async def fetch_flexible(connection: Connection) -> tuple[Balance, ...]:
    """Flexible positions: `totalAmount` is principal and credited rewards; a part pledged for a loan is in it."""
    return await _fetch_pages(connection, FLEXIBLE_POSITIONS, "Reading flexible Earn", _read_flexible)


@exact
def _read_flexible(row: Row) -> Position:
    quantity = amount(row, "totalAmount")
    pledged = min(quantity, amount(row, "collateralAmount", default=ZERO))
    name = f"{asset(row)} {optional_text(row, 'productId')}"
    return name, Balance(asset=asset(row), free=quantity - pledged, locked=pledged)


async def fetch_locked(connection: Connection) -> tuple[Balance, ...]:
    """Locked positions; rewards that are not paid out yet are not counted."""
    return await _fetch_pages(connection, LOCKED_POSITIONS, "Reading locked Earn", _read_locked)


async def fetch_onchain(connection: Connection) -> tuple[Balance, ...]:
    """Positions of On-chain Yields; rewards that are not paid out yet are not counted."""
    return await _fetch_pages(connection, ONCHAIN_POSITIONS, "Reading On-chain Yields", _read_locked)


def _read_locked(row: Row) -> Position:
    return optional_text(row, "positionId"), Balance(asset=asset(row), free=ZERO, locked=amount(row, "amount"))


async def _fetch_pages(
    connection: Connection, endpoint: Endpoint, doing: str, read: Callable[[Row], Position]
) -> tuple[Balance, ...]:
    def read_page(answer: object) -> Page:
        page = an_object(answer, "rows", "total")
        return [read(row) for row in a_list(page["rows"], "rows")], int(amount(page, "total"))

    found: list[Position] = []
    for number in range(1, MOST_PAGES + 1):
        positions, total = await connection.call(endpoint, doing, read_page, current=number, size=PAGE_SIZE)
        found += positions
        if len(found) >= total or not positions:
            break
    names = [name for name, _ in found if name]
    if len(found) != total or len(set(names)) != len(names):
        raise ExchangeUnavailable(f"{doing}: the pages don't fit together ({len(found)} rows of {total}).")
    return add_up(balance for _, balance in found)
