"""The market of everything held and of the benchmarks, hour by hour, for its windows of an hour, a day and a week.

An hour keeps its close, its volumes, and the sum of its one-minute closes. The last 24 hours are read by every run, a
symbol's first reading goes back 16 days, so that two whole weeks can be compared at once. A symbol costs a weight of 4
an hour. A failure harms nothing: what is missing is read by the next run. What is older than 400 days is forgotten:
the exchange publishes it, and 15 symbols take 15 MB a year.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import total
from finance.moments import hour_of
from monitor.accounts.client import ExchangeClient
from monitor.database.runs import add_weight, load_run_id, note_pause, record_log
from monitor.errors import ExchangeError
from monitor.exchanges.public import Kline
from monitor.market.store.hours import (
    MarketHour,
    StoredHours,
    forget_market_hours,
    load_hours_without_minutes,
    load_stored_hours,
    record_market_hours,
    record_minutes,
    record_minutes_through,
)
from sql.rows import Db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LOOKBACK = timedelta(hours=24)
BACKFILL = timedelta(days=16)
LONGEST = timedelta(days=400)
MOST_AT_ONCE = 16  # hours whose minutes one answer has
NOTHING_STORED = StoredHours(newest=None, whole=frozenset())


async def record_market(db: Db, client: ExchangeClient, symbols: Collection[str], now: datetime) -> None:
    """Read and record what is missing of `symbols` before the hour of `now`; its weight is added to the newest run.

    Raises no ExchangeError: a symbol that can't be read is logged.
    """
    until = hour_of(now)
    known = load_stored_hours(db, client.exchange, until - LOOKBACK)
    found, failures = await _fetch_all(client, symbols, known, until)
    with db.transaction():
        for symbol, hours in found.items():
            record_market_hours(db, client.exchange, symbol, hours)
        forget_market_hours(db, client.exchange, until - LONGEST)
        add_weight(db, client.used_weight())
        if failures:
            _record_failures(db, client, failures, now)


async def _fetch_all(
    client: ExchangeClient, symbols: Collection[str], known: Mapping[str, StoredHours], until: datetime
) -> tuple[dict[str, list[MarketHour]], dict[str, ExchangeError]]:
    """Hours and failures by symbol; those that took too long are failures."""
    tasks = {
        symbol: asyncio.create_task(_fetch_symbol(client, symbol, known.get(symbol, NOTHING_STORED), until))
        for symbol in sorted(symbols)
    }
    if tasks:
        _, late = await asyncio.wait(tasks.values(), timeout=client.deadline_seconds)
        for task in late:
            task.cancel()
    found: dict[str, list[MarketHour]] = {}
    failures: dict[str, ExchangeError] = {}
    for symbol, read in zip(tasks, await asyncio.gather(*tasks.values(), return_exceptions=True), strict=True):
        if isinstance(read, asyncio.CancelledError):
            failures[symbol] = ExchangeError(f"It took longer than {client.deadline_seconds} s.")
        elif isinstance(read, ExchangeError):
            failures[symbol] = read
        elif isinstance(read, BaseException):
            raise read
        else:
            found[symbol] = read
    return found, failures


async def _fetch_symbol(client: ExchangeClient, symbol: str, known: StoredHours, until: datetime) -> list[MarketHour]:
    recent = until - LOOKBACK
    since = until - BACKFILL if known.newest is None else min(recent, known.newest + HOUR)
    missing = [recent + n * HOUR for n in range(LOOKBACK // HOUR) if recent + n * HOUR not in known.whole]
    minutes_since = missing[0] if missing else until
    hours, minutes = await asyncio.gather(
        client.market.fetch_klines(symbol, HOUR, since, until),
        client.market.fetch_klines(symbol, MINUTE, minutes_since, until),
    )
    return join(hours, minutes)


async def complete_minutes(db: Db, client: ExchangeClient, now: datetime) -> None:
    """Read the minutes of past hours that were stored without, the newest first; what was asked for is asked once.

    Raises ExchangeError; what was read before stays.
    """
    for symbol, hours in load_hours_without_minutes(db, client.exchange, now).items():
        for part in _parts(hours):
            minutes = await client.market.fetch_klines(symbol, MINUTE, part[0], part[-1] + HOUR)
            record_minutes(db, client.exchange, symbol, _add_up(minutes))
        record_minutes_through(db, client.exchange, symbol, max(hours) + HOUR)


def _parts(hours: Sequence[datetime]) -> Iterator[Sequence[datetime]]:
    """Of hours in time order: stretches of one answer each, the newest first."""
    end = len(hours)
    while end:
        start = next(n for n in range(end) if hours[n] > hours[end - 1] - MOST_AT_ONCE * HOUR)
        yield hours[start:end]
        end = start


def _add_up(minutes: Iterable[Kline]) -> dict[datetime, tuple[int, Decimal]]:
    """How many minutes an hour has, and the sum of their closes."""
    return {hour: (len(closes), total(closes)) for hour, closes in _closes(minutes).items()}


def _closes(minutes: Iterable[Kline]) -> dict[datetime, list[Decimal]]:
    closes: dict[datetime, list[Decimal]] = {}
    for minute in minutes:
        closes.setdefault(hour_of(minute.opened), []).append(minute.close)
    return closes


def join(hours: Iterable[Kline], minutes: Iterable[Kline]) -> list[MarketHour]:
    """Hours with the minutes that lie in them; an hour without any has a count of 0."""
    closes = _closes(minutes)
    return [_market_hour(hour, closes.get(hour.opened, ())) for hour in hours]


def _market_hour(hour: Kline, closes: Sequence[Decimal]) -> MarketHour:
    return MarketHour(
        hour=hour.opened,
        close=hour.close,
        volume=hour.volume,
        taker_buy=hour.taker_buy,
        minutes=len(closes),
        minute_closes=total(closes),
    )


def _record_failures(db: Db, client: ExchangeClient, failures: Mapping[str, ExchangeError], now: datetime) -> None:
    names = ", ".join(failures)
    reason = next(iter(failures.values()))
    message = f"The market's klines of {names} are missing until the next run. {reason}"
    record_log(db, at=now, level="warning", message=message, run_id=load_run_id(db))
    for failure in failures.values():
        note_pause(db, client.exchange, failure)
