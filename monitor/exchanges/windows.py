"""Reading a range of time completely: in windows the exchange allows, all pages of each; for every adapter the same.

Windows share their edges, so nothing falls between them; what is read twice is counted once.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from finance.records import FillRecord, FlowRecord, IncomeRecord
from monitor.errors import ExchangeUnavailable
from monitor.exchanges.http.connection import Connection, Endpoint, Read

MOST_PAGES = 100
SMALLEST_WINDOW = timedelta(seconds=2)
T = TypeVar("T")
R = TypeVar("R", FlowRecord, IncomeRecord)
N = TypeVar("N", FlowRecord, IncomeRecord, FillRecord)
Window = tuple[datetime, datetime]
Page = tuple[Sequence[T], int | None]  # rows, and how many the window has where the exchange says so
CursorPage = tuple[Sequence[T], str]  # rows, and what the next page is asked for with; empty: there is none


def windows(since: datetime, until: datetime, longest: timedelta) -> Iterator[Window]:
    """[since, until] in windows of at most `longest`, newest last."""
    start = since
    while start < until:
        end = min(start + longest, until)
        yield start, end
        start = end


def milliseconds(at: datetime) -> int:
    """A moment as an exchange wants it that counts milliseconds, cut to the second."""
    return unix_seconds(at) * 1000


def unix_seconds(at: datetime) -> int:
    """A moment as an exchange wants it that counts seconds."""
    return int(at.timestamp())


async def fetch_pages(
    fetch: Callable[[int], Awaitable[Page[T]]], size: int, doing: str, most: int = MOST_PAGES
) -> list[T]:
    """All rows of numbered pages (from 1) of `size` rows.

    Raises ExchangeUnavailable if the pages don't fit together: one sent twice, or moved by a row that came meanwhile.
    """
    rows: list[T] = []
    totals: set[int | None] = set()
    last: Sequence[T] = ()
    for number in range(1, most + 1):
        page, total = await fetch(number)
        is_repeated = bool(page) and page == last
        rows += page
        last = page
        totals.add(total)
        is_last = len(page) < size if total is None else len(rows) >= total or not page
        if is_last and total in (None, len(rows)) and len(totals) == 1 and not is_repeated:
            return rows
        if is_last or is_repeated:
            raise ExchangeUnavailable(f"{doing}: the pages don't fit together ({len(rows)} rows of {total}).")
    raise ExchangeUnavailable(f"{doing}: more than {most * size} rows in one window.")


async def call_pages(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    read: Read[Page[T]],
    size: int,
    /,
    *,
    number: str,
    **asked: object,
) -> list[T]:
    """The same of an endpoint that is asked for a page by its number, in the parameter that it calls `number`."""
    return await fetch_pages(
        lambda page: connection.call(endpoint, doing, read, **asked, **{number: page}), size, doing
    )


async def fetch_halves(
    fetch: Callable[[datetime, datetime], Awaitable[Sequence[T]]],
    window: Window,
    size: int,
    doing: str,
    fetch_after: Callable[[Sequence[T]], Awaitable[Sequence[T]]] | None = None,
) -> list[T]:
    """All rows of a window that has no pages: a full answer (`size` rows) is asked for again in two halves.

    Of a second that is full the rest is what `fetch_after` finds after its rows, by their ids. Raises ExchangeUnavailable
    where there is no such way.
    """
    start, end = window
    rows = await fetch(start, end)
    if len(rows) < size:
        return list(rows)
    if end - start < SMALLEST_WINDOW and fetch_after:
        return [*rows, *(await fetch_after(rows))]
    if end - start < SMALLEST_WINDOW:
        raise ExchangeUnavailable(f"{doing}: {size} rows or more in one second, and no way to ask for the rest.")
    middle = start + (end - start) / 2
    middle = middle.replace(microsecond=0)
    halves = ((start, middle), (middle, end))
    return [row for half in halves for row in await fetch_halves(fetch, half, size, doing, fetch_after)]


def once(records: Iterable[R]) -> tuple[R, ...]:
    """`records` with each id of a kind once; the last one counts. A number may stand for both directions.

    Raises ExchangeUnavailable if one id stands for two amounts: which of them is true can't be known.
    """
    found: dict[tuple[str, str], R] = {}
    for record in records:
        key = (record.kind, record.exchange_id)
        other = found.get(key, record)
        if (other.asset, other.amount) != (record.asset, record.amount):
            raise ExchangeUnavailable(
                f"{record.exchange_id} is listed twice, as {other.amount:f} {other.asset} and as {record.amount:f} "
                f"{record.asset}. The next run reads it again; nothing has to be done."
            )
        found[key] = record
    return tuple(found.values())


def number_duplicates(records: Iterable[N]) -> list[N]:
    """`records` of one window whose ids are made of what they say, equal ones numbered: two equal gains are two."""
    seen: Counter[str] = Counter()
    numbered = []
    for record in records:
        seen[record.exchange_id] += 1
        numbered.append(replace(record, exchange_id=f"{record.exchange_id} #{seen[record.exchange_id]}"))
    return numbered


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
