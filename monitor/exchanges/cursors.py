"""Reading pages each of which is asked for by what the one before it ended with: an id or a cursor; for every adapter the same."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.windows import MOST_PAGES

T = TypeVar("T")
CursorPage = tuple[Sequence[T], str]  # rows, and what the next page is asked for with; empty: there is none


async def fetch_by_cursor(
    fetch: Callable[[str], Awaitable[CursorPage[T]]], size: int, doing: str, most: int = MOST_PAGES
) -> list[T]:
    """All rows of pages of at most `size` rows; `fetch` gets the cursor, which is empty for the first page.

    A full page always means: ask on. Raises ExchangeUnavailable if a full page has no cursor, or one that was there before.
    """
    rows: list[T] = []
    cursors = {""}
    cursor = ""
    for _ in range(most):
        page, cursor = await fetch(cursor)
        rows += page
        if len(page) < size:
            return rows
        if cursor in cursors:
            raise ExchangeUnavailable(
                f"{doing}: after {len(rows)} rows the exchange does not say how to ask for the rest."
            )
        cursors.add(cursor)
    raise ExchangeUnavailable(f"{doing}: more than {most * size} rows in one window.")
