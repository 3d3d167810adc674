"""Gate's ways of paging: by the number of a page, or by how many rows to leave out, in a window of seconds or without one; and
its times. Which unit an endpoint uses stands where it is read.

seconds    deposits, withdrawals, transfers, keys, candles, small balances; with a fraction: books and trades of contracts
ms         the clock, the account book of spot, converts, interest; with a fraction: trades of spot
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, amount, seconds
from monitor.exchanges.windows import Window, fetch_pages, unix_seconds

T = TypeVar("T")
Reader = Callable[[object], list[T]]
PAGE, OFFSET = "page", "offset"
MS_PER_SECOND = 1000


def span(window: Window) -> dict[str, int]:
    """A window as the exchange wants it: both ends in seconds, and both inside."""
    return {"from": unix_seconds(window[0]), "to": unix_seconds(window[1])}


async def fetch_numbered(
    connection: Connection, endpoint: Endpoint, doing: str, read: Reader[T], size: int, **asked: object
) -> list[T]:
    """All rows of an endpoint whose pages have numbers, from 1."""
    return await _fetch(connection, endpoint, doing, read, size, {"limit": size, **asked}, lambda n: {PAGE: n})


async def fetch_offset(
    connection: Connection, endpoint: Endpoint, doing: str, read: Reader[T], size: int, **asked: object
) -> list[T]:
    """All rows of an endpoint that is asked to leave out so many rows."""
    asked = {"limit": size, **asked}
    return await _fetch(connection, endpoint, doing, read, size, asked, lambda n: {OFFSET: (n - 1) * size})


async def fetch_unmoved(
    connection: Connection, endpoint: Endpoint, doing: str, read: Reader[T], size: int, **asked: object
) -> list[T]:
    """The same as `fetch_numbered` of rows without an id, of which two may be equal.

    Raises ExchangeUnavailable if a row came while pages were read: the others moved by one, and which are twins can't be known.
    """
    rows = await fetch_numbered(connection, endpoint, doing, read, size, **asked)
    if len(rows) >= size:
        again = await connection.call(endpoint, doing, read, limit=size, **asked, page=1)
        if again != rows[:size]:
            raise ExchangeUnavailable(f"{doing}: rows came while they were read. The next run reads them again.")
    return rows


async def _fetch(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    read: Reader[T],
    size: int,
    asked: dict[str, object],
    place: Callable[[int], dict[str, int]],
) -> list[T]:
    async def fetch(number: int) -> tuple[list[T], None]:
        return await connection.call(endpoint, doing, read, **asked, **place(number)), None

    return await fetch_pages(fetch, size, doing)


def in_ms(row: Row, name: str) -> datetime:
    """The moment `name`, in milliseconds, to the microsecond."""
    return seconds({name: amount(row, name) / MS_PER_SECOND}, name)


def maybe_in_seconds(row: Row, name: str) -> datetime | None:
    """The moment `name`, in seconds; None if the row has none."""
    return None if row.get(name) in (None, "", 0, "0") else seconds(row, name)
