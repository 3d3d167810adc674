"""How Bitget's histories are read: windows of time, and in each the newest rows first, page by page.

A page is asked for by the id that the one before ended with (`idLessThan`), in the unified system by a cursor.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row
from monitor.exchanges.windows import CursorPage, fetch_by_cursor, milliseconds, windows

T = TypeVar("T")
ReadPage = Callable[[object], CursorPage[T]]
BY_ID, BY_CURSOR = "idLessThan", "cursor"
PAGE_SIZE = 100


async def fetch_history(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    read: ReadPage[T],
    span: tuple[datetime, datetime],
    longest: timedelta,
    *,
    cursor: str = BY_ID,
    **asked: object,
) -> list[T]:
    """All rows of `span`, in windows of at most `longest`. A row on the edge of two windows is in both."""
    found: list[T] = []
    for start, end in windows(*span, longest):
        # Both ends are inside a window: the last one is the end of the exchange's second, so that no row is cut off.
        times = {"startTime": milliseconds(start), "endTime": milliseconds(end) + 999}

        async def fetch(before: str, times: dict[str, int] = times) -> CursorPage[T]:
            page = {cursor: before} if before else {}
            return await connection.call(endpoint, doing, read, **asked, **times, limit=PAGE_SIZE, **page)

        found += await fetch_by_cursor(fetch, PAGE_SIZE, doing)
    return found


def page_of(read_page: Callable[[object], tuple[list[Row], str]], read: Callable[[Row], T], name: str) -> ReadPage[T]:
    """A reader of pages of rows; the next one is asked for with what the answer says, else with the last row's `name`."""

    def read_answer(answer: object) -> CursorPage[T]:
        rows, end = read_page(answer)
        return [read(row) for row in rows], end or (str(rows[-1].get(name) or "") if rows else "")

    return read_answer
