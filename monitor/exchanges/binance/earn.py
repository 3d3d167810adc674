"""Simple Earn, flexible and locked: all pages, principal and rewards already credited."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.connection import Connection, Endpoint
from monitor.exchanges.contract import Balance
from monitor.exchanges.gate import Row, a_list, amount, an_object, asset, text
from monitor.precision import ZERO

FLEXIBLE = "earn_flexible"
LOCKED = "earn_locked"
PAGE_SIZE = 100
MOST_PAGES = 50
FLEXIBLE_POSITIONS = Endpoint(
    family="sapi", path="simple-earn/flexible/position", weight=150, bucket="sapi earn flexible"
)
LOCKED_POSITIONS = Endpoint(family="sapi", path="simple-earn/locked/position", weight=150, bucket="sapi earn locked")


async def fetch_flexible(connection: Connection) -> tuple[Balance, ...]:
    """Flexible positions: `totalAmount` is principal and credited rewards; a pledged part is in it."""
    rows = await _fetch_pages(connection, FLEXIBLE_POSITIONS, "Reading flexible Earn", _key_flexible)
    return _add_up((asset(row), amount(row, "totalAmount")) for row in rows)


async def fetch_locked(connection: Connection) -> tuple[Balance, ...]:
    """Locked positions; rewards that are not paid out yet are not counted."""
    rows = await _fetch_pages(connection, LOCKED_POSITIONS, "Reading locked Earn", _key_locked)
    found = _add_up((asset(row), amount(row, "amount")) for row in rows)
    return tuple(Balance(asset=b.asset, free=ZERO, locked=b.free) for b in found)


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


def _add_up(parts: Iterable[tuple[str, Decimal]]) -> tuple[Balance, ...]:
    totals: dict[str, Decimal] = {}
    for name, quantity in parts:
        totals[name] = totals.get(name, ZERO) + quantity
    return tuple(Balance(asset=name, free=quantity) for name, quantity in totals.items())
