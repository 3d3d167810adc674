"""`python -m monitor backfill --all`: the history of every account, as far back as the exchange's records go.

What `run_forever.py` starts between the hours. It works month by month, the newest first, account by account; how far it is
stands in the database, where it goes on whenever it was interrupted. It holds the run's lock for one month at a time, gives
it up as soon as somebody waits for it, and ends by itself before an hour is due.
"""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from finance.moments import EPOCH, HOUR, hour_of
from monitor.accounts.client import AccountRun, ExchangeClient, TrackedAccount
from monitor.accounts.opening import find_first_exchange, using_client
from monitor.accounts.registry import load_accounts
from monitor.accounts.store.portfolios import load_exchanges, load_portfolios
from monitor.database.containment import contained
from monitor.database.runs import hold_run_lock, note_pause, release_run_lock
from monitor.errors import AlreadyRunning, ExchangePaused, MonitorError
from monitor.exchanges.public import Ticker
from monitor.market.market_hours import complete_minutes
from monitor.market.rates import fill_rates, is_any_rate_missing
from monitor.market.store.hours import load_hours_without_minutes
from monitor.market.ticker import fetch_tickers
from monitor.performance.store.portfolio_hours import load_combinable
from monitor.recovery.backfill import combine_history
from monitor.recovery.rebuilding import Clock, Progress, Step, backfill_next, give_up, plan_rebuilding
from monitor.recovery.store.rebuildings import Rebuilding, load_rebuildings, record_rebuilding
from monitor.settings import Settings
from sql.locks import is_run_lock_wanted, try_backfill_lock
from sql.rows import Db

COMPLETE, MORE, NOTHING, FAILED = 0, 1, 3, 4
LOOK_SECONDS = 1.0  # whether somebody waits for the lock
FREE_SECONDS = 0.1  # between two months: who waits for the lock has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One call of the command."""

    db: Db
    settings: Settings
    client: ExchangeClient
    clock: Clock
    tickers: dict[str, Ticker]  # by exchange; of those that answer

    @property
    def first(self) -> ExchangeClient:
        """The first exchange that answers."""
        return self.client.at(next(iter(self.tickers)))

    def run_of(self, account: TrackedAccount) -> AccountRun:
        """Work on one account."""
        now = self.clock()
        return AccountRun(
            db=self.db,
            client=self.client.at(account.exchange),
            account=account,
            now=now,
            hour=hour_of(now),
            ticker=self.tickers[account.exchange],
        )


def backfill_all(db: Db, settings: Settings, now: datetime, seconds: float | None) -> int:
    """Rebuild until nothing is left, or for `seconds` and no longer than the hour lasts.

    Returns 0 when all is done, 1 if more is left, 3 if nothing was to do, 4 if something has to be tried again later.
    """
    if not try_backfill_lock(db):
        raise AlreadyRunning("History is being rebuilt already. The Overview shows how far it is.")
    is_market_whole = not (load_hours_without_minutes(db, find_first_exchange(db), now) or is_any_rate_missing(db))
    if is_market_whole and not _list_steps(db, settings, now, ()):
        return NOTHING
    left = None if seconds is None else min(seconds, (hour_of(now) + HOUR - now).total_seconds())
    return asyncio.run(_backfill_in_time(db, settings, now, left))


async def _backfill_in_time(db: Db, settings: Settings, now: datetime, seconds: float | None) -> int:
    limit = asyncio.timeout(seconds)
    try:
        async with using_client(settings, find_first_exchange(db)) as client, limit:
            return await _backfill_giving_way(db, settings, client, limit, now)
    except TimeoutError:
        if not limit.expired():
            raise
        return MORE


async def _backfill_giving_way(
    db: Db, settings: Settings, client: ExchangeClient, limit: asyncio.Timeout, now: datetime
) -> int:
    giving_way = asyncio.create_task(_give_way(db, limit))
    try:
        tickers = await fetch_tickers(db, client, load_exchanges(db) or [client.exchange], now)
        clock = Clock(await client.at(next(iter(tickers))).market.fetch_server_time())
        work = Work(db=db, settings=settings, client=client, clock=clock, tickers=tickers)
        try:
            return await _backfill(work)
        except ExchangePaused as pause:
            note_pause(db, work.first.exchange, pause)
            raise
    finally:
        giving_way.cancel()


async def _give_way(db: Db, limit: asyncio.Timeout) -> None:
    """End the work as soon as somebody waits for the lock; nothing is half-written then."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if is_run_lock_wanted(db):
            limit.reschedule(asyncio.get_running_loop().time())


async def _backfill(work: Work) -> int:
    failed: set[int] = set()
    await _combine(work)  # what an earlier call was interrupted before
    while steps := _list_answered(work, failed):
        for account, state in steps:
            if account.exchange in work.tickers:
                with _holding(work.db):
                    failed |= await _backfill_account(work, account, state)
                await asyncio.sleep(FREE_SECONDS)
        await _combine(work)
        with _holding(work.db):
            await fill_rates(work.db, work.first, work.clock())
    with _holding(work.db):
        await fill_rates(work.db, work.first, work.clock())  # of hours that were rebuilt by other means
        await complete_minutes(work.db, work.first, work.clock())
    is_more_left = _list_steps(work.db, work.settings, work.clock(), failed)  # at exchanges that do not answer
    return FAILED if failed or is_more_left else COMPLETE


def _list_answered(work: Work, failed: Collection[int]) -> list[tuple[TrackedAccount, Rebuilding]]:
    """What is left to rebuild at exchanges that answer."""
    steps = _list_steps(work.db, work.settings, work.clock(), failed)
    return [step for step in steps if step[0].exchange in work.tickers]


@contextmanager
def _holding(db: Db) -> Iterator[None]:
    hold_run_lock(db)
    try:
        yield
    finally:
        release_run_lock(db)


def _list_steps(
    db: Db, settings: Settings, now: datetime, failed: Collection[int]
) -> list[tuple[TrackedAccount, Rebuilding]]:
    """The accounts of which something is left to rebuild, as they are tracked now."""
    known = load_rebuildings(db)
    plans = [
        (account, plan_rebuilding(db, account.id, known.get(account.id), hour_of(now)))
        for account in load_accounts(db, settings)
        if account.id not in failed
    ]
    return [(account, state) for account, state in plans if state]


async def _backfill_account(work: Work, account: TrackedAccount, state: Rebuilding) -> set[int]:
    """One step of one account; returns its number if that failed. An exchange that asks for silence is left alone.

    Raises ExchangePaused if there is no other.
    """
    db, clock = work.db, work.clock
    record_rebuilding(db, account.id, state, clock())
    try:
        with contained(f"Rebuilding the history of the account {account.label}"):
            run = work.run_of(account)
            step = await backfill_next(run, state, Progress(db, account.id, account.label, state.month, clock))
    except ExchangePaused as pause:
        if len(work.tickers) == 1:
            raise
        note_pause(db, account.exchange, pause)
        del work.tickers[account.exchange]
        _say(account, f"{pause} It goes on later.")
        return set()
    except MonitorError as failure:
        _say(account, f"{failure} What was rebuilt stays; it goes on later.")
        record_rebuilding(db, account.id, give_up(state, failure, hour_of(clock())), clock())
        return {account.id}
    record_rebuilding(db, account.id, step.state, clock())
    _report(account, step)
    return set()


def _report(account: TrackedAccount, step: Step) -> None:
    if step.hours:
        _say(account, f"{len(step.hours):,} hours rebuilt, back to {min(step.hours):%Y-%m-%d %H:%M} UTC")
    for reason in dict.fromkeys(step.left_open.values()):
        _say(account, f"{list(step.left_open.values()).count(reason):,} hours stay open: {reason}")
    if step.state.is_finished:
        _say(account, f"its history is rebuilt as far as it goes: {step.state.reason}")


async def _combine(work: Work) -> None:
    """Add the rebuilt hours of portfolios up, where all their accounts have them by now."""
    accounts = [one for one in load_accounts(work.db, work.settings) if one.exchange in work.tickers]
    if not accounts:
        return
    run = work.run_of(accounts[0])
    for portfolio in load_portfolios(work.db):
        if not load_combinable(work.db, portfolio.id, EPOCH, run.hour - HOUR):
            continue
        try:
            with _holding(work.db):
                await combine_history(run, portfolio.id, EPOCH, run.hour - HOUR)
        except AlreadyRunning:
            raise
        except MonitorError as failure:
            print(f"{portfolio.label}: {failure} The next run computes it again.", flush=True)


def _say(account: TrackedAccount, words: str) -> None:
    print(f"{account.label}: {words}", flush=True)
