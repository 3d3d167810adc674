"""Rebates: what is paid for the trades of people who were invited, and what the account gets back of its own fees.

Two lists of one shape. `rebate/taxQuery` adds the first one up by person and says no times, so it is not read.
"""

from datetime import datetime, timedelta

from finance.records import IncomeKind, IncomeRecord
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_list, a_moment, amount, an_object, asset, select, text
from monitor.exchanges.mexc.dialect import spot
from monitor.exchanges.mexc.spot import SPOT
from monitor.exchanges.windows import Page, Window, fetch_pages, milliseconds, number_duplicates, windows

OF_OTHERS, OWN = spot("rebate/detail"), spot("rebate/detail/kickback")
NAMES = {OF_OTHERS: "of others", OWN: "own"}
WEEK = timedelta(days=7)
PAGE_SIZE, MOST_PAGES = 10, 1000  # so many rows are given, and there is no asking for more
FIELDS = ("asset", "type", "rate", "amount", "tradeTime", "updateTime")


async def fetch_rebates(connection: Connection, since: datetime, until: datetime) -> tuple[IncomeRecord, ...]:
    """Rebates of [since, until]. They have no numbers, so a week ends a moment before the next begins."""
    found: list[IncomeRecord] = []
    for endpoint in NAMES:
        for start, end in windows(since, until, WEEK):
            found += await _fetch(connection, endpoint, (start, end), is_last=end == until)
    return tuple(number_duplicates(sorted(found, key=lambda one: (one.occurred_at, one.exchange_id))))


async def _fetch(connection: Connection, endpoint: Endpoint, window: Window, *, is_last: bool) -> list[IncomeRecord]:
    doing, (start, end) = f"Reading rebates, {NAMES[endpoint]}", window
    times = {"startTime": milliseconds(start), "endTime": milliseconds(end) + (999 if is_last else -1)}

    async def fetch(number: int) -> Page[IncomeRecord]:
        return await connection.call(
            endpoint, doing, lambda answer: read_rebates(answer, NAMES[endpoint]), **times, page=number
        )

    return await fetch_pages(fetch, PAGE_SIZE, doing, MOST_PAGES)


def read_rebates(answer: object, name: str) -> Page[IncomeRecord]:
    """A page of rebates, and how many there are in all."""
    page = an_object(answer, "data", "totalRecords")
    return [_read(row, name) for row in a_list(page["data"], "data")], int(amount(page, "totalRecords"))


def _read(row: Row, name: str) -> IncomeRecord:
    size, coin, traded_at = amount(row, "amount"), asset(row), a_moment(row, "tradeTime")
    return IncomeRecord(
        kind=IncomeKind.REBATE,
        exchange_id=f"{name} {text(row, 'type')} {traded_at.isoformat()} {size:f} {coin}",
        wallet=SPOT,
        asset=coin,
        amount=size,
        occurred_at=a_moment(row, "updateTime"),
        raw=select(row, FIELDS),
    )
