"""Simple Earn, flexible and locked: all pages, principal and rewards already credited."""

from collections.abc import Callable

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.binance.margin import add_up
from monitor.exchanges.connection import Connection, Endpoint
from monitor.exchanges.contract import Balance
from monitor.exchanges.gate import Row, a_list, amount, an_object, asset, text
from monitor.precision import ZERO, exact

FLEXIBLE = "earn_flexible"
LOCKED = "earn_locked"
PAGE_SIZE = 100
MOST_PAGES = 50
FLEXIBLE_POSITIONS = Endpoint(
    family="sapi", path="simple-earn/flexible/position", weight=150, bucket="sapi earn flexible"
)
LOCKED_POSITIONS = Endpoint(family="sapi", path="simple-earn/locked/position", weight=150, bucket="sapi earn locked")


async def fetch_flexible(connection: Connection) -> tuple[Balance, ...]:
    """Flexible positions: `totalAmount` is principal and credited rewards; a part pledged for a loan is in it."""
    rows = await _fetch_pages(connection, FLEXIBLE_POSITIONS, "Reading flexible Earn", _key_flexible)
    return add_up(_read_flexible(row) for row in rows)


@exact
def _read_flexible(row: Row) -> Balance:
    quantity = amount(row, "totalAmount")
    pledged = min(quantity, amount(row, "collateralAmount", default=ZERO))
    return Balance(asset=asset(row), free=quantity - pledged, locked=pledged)


async def fetch_locked(connection: Connection) -> tuple[Balance, ...]:
    """Locked positions; rewards that are not paid out yet are not counted."""
    rows = await _fetch_pages(connection, LOCKED_POSITIONS, "Reading locked Earn", _key_locked)
    return add_up(Balance(asset=asset(row), free=ZERO, locked=amount(row, "amount")) for row in rows)


def _key_flexible(row: Row) -> str:
    return f"{asset(row)} {row.get('productId', '')}"


def _key_locked(row: Row) -> str:
    return text(row, "positionId")


async def _fetch_pages(connection: Connection, endpoint: Endpoint, doing: str, key: Callable[[Row], str]) -> list[Row]:
    rows: list[Row] = []
    for page in range(1, MOST_PAGES + 1):
        found, total = await connection.call(endpoint, doing, _read_page, current=page, size=PAGE_SIZE)
        rows += found
        if len(rows) >= total or not found:
            break
    if len(rows) != total or len({key(row) for row in rows}) != len(rows):
        raise ExchangeUnavailable(f"{doing}: the pages don't fit together ({len(rows)} rows of {total}).")
    return rows


def _read_page(answer: object) -> tuple[list[Row], int]:
    page = an_object(answer, "rows", "total")
    return a_list(page["rows"], "rows"), int(amount(page, "total"))
