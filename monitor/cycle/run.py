"""One hourly run: read every account, then write each account's hour in a transaction of its own.

Nothing is open in the database while the exchange is being asked. One account's failure is that account's hour; the
others go on. What was killed half-way is simply run again: an hour is there as a whole or not at all.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import psycopg

from finance.hour_status import HourStatus
from monitor.accounts.client import ExchangeClient
from monitor.accounts.registry import TrackedAccount, record_key_state
from monitor.cycle.clocks import check_clock, compare_clocks
from monitor.cycle.completion import Recorded, complete_accounts, complete_whole
from monitor.cycle.portfolios import record_portfolios
from monitor.cycle.turns import WAITS, choose_turns, read_in_time
from monitor.database import Db
from monitor.database.containment import contained
from monitor.database.runs import fail_run, finish_run, load_pauses, record_broken, record_pause, start_run
from monitor.errors import ClockWrong, Crashed, ExchangePaused, KeyRejected, MonitorError, ReadAgain, WaitsForTurn
from monitor.exchanges.public import Ticker
from monitor.market.other_prices import RunPrices, find_run_prices
from monitor.market.price_rounds import write_priced
from monitor.market.scope import Scope
from monitor.market.ticker import check_ticker, fetch_ticker
from monitor.performance.combined import Telling
from monitor.performance.recomputation import complete_recomputations
from monitor.performance.recording import WAITING, Outcome, record_account_hour, record_unread_hour
from monitor.recovery.filling import Rebuilder
from monitor.recovery.missing_fills import RunContext
from monitor.snapshots.appraisal import list_wanted, value_reading
from monitor.snapshots.planning import Plan, Reading, plan_reading, read_account
from monitor.snapshots.snapshot import Seen, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult:
    """What a run came to."""

    run_id: int
    hour: datetime
    outcomes: tuple[Outcome, ...]
    portfolios: tuple[Outcome, ...]  # the one of all accounts first
    seen: dict[int, Seen]
    weight: dict[str, int]
    broken: tuple[str, ...] = ()  # what an error of this program left undone after the hours, in words

    @property
    def incomplete(self) -> tuple[Outcome, ...]:
        """What is not complete; portfolios only where that is no account's fault."""
        found = tuple(outcome for outcome in self.outcomes if outcome.status != HourStatus.COMPLETE)
        return found or tuple(outcome for outcome in self.portfolios if outcome.status != HourStatus.COMPLETE)

    @property
    def is_complete(self) -> bool:
        """Whether the hour of every account is complete, and that of every portfolio."""
        return not self.incomplete


def hour_of(moment: datetime) -> datetime:
    """The UTC hour that contains `moment`."""
    return moment.replace(minute=0, second=0, microsecond=0)


async def run_cycle(
    db: Db, client: ExchangeClient, accounts: Sequence[TrackedAccount], *, now: datetime, pid: int, version: str
) -> CycleResult:
    """Read `accounts` and record the hour of `now`. An account's failure is its outcome.

    Raises ClockWrong or Crashed when this machine's clock can't name an hour, or when something of all accounts together
    breaks, and what the database raises when it is away; the attempt is recorded as failed, if the database is there.
    """
    run_id = start_run(db, hour=hour_of(now), now=now, pid=pid, version=version)
    try:
        with contained("The run"):
            return await _run(db, client, accounts, run_id, now)
    except MonitorError as failure:
        fail_run(db, run_id, now=failure.now if isinstance(failure, ClockWrong) else now, message=str(failure))
        raise
    except psycopg.Error as error:
        with suppress(psycopg.Error):  # gone for good: the next run says how this one ended
            fail_run(db, run_id, now=now, message=f"the database broke off: {' '.join(str(error).split())}")
        raise


async def _run(
    db: Db, client: ExchangeClient, accounts: Sequence[TrackedAccount], run_id: int, now: datetime
) -> CycleResult:
    hour = hour_of(now)
    await check_clock(db, client, hour, now)
    plans, outcomes = _plan_all(db, accounts, run_id, now)
    ticker, readings = await _read_all(db, client, plans, now, run_id)
    prices = await _price(db, client, ticker, _held(plans, readings), hour) if isinstance(ticker, Ticker) else ticker
    seen: dict[int, Seen] = {}
    recorded: list[Recorded] = []
    for plan, reading in zip(plans, readings, strict=True):
        outcome, told = await _record_account(db, client, plan, reading, prices, run_id, now)
        outcomes.append(outcome)
        if told and isinstance(prices, RunPrices):
            seen[plan.account.id], at = told, told.snapshot.taken_at
            work = Rebuilder(
                db=db, client=client, ticker=prices.ticker, account=plan.account, now=at, current_hour=hour
            )
            run = RunContext(run_id=run_id, hour=hour, at=at, is_new=outcome.is_new)
            recorded.append(Recorded(work=work, run=run))
    broken = await complete_accounts(recorded, hour)
    broken += await complete_recomputations(db, client, run_id, now)
    telling = Telling(at=now, run_id=run_id, current_hour=hour)
    portfolios = await record_portfolios(db, client, ticker, telling) if accounts else ()
    broken += await complete_whole(recorded, now)
    result = CycleResult(
        run_id=run_id,
        hour=hour,
        outcomes=tuple(outcomes),
        portfolios=portfolios,
        seen=seen,
        weight=client.used_weight(),
        broken=broken,
    )
    _finish(db, run_id, result, now)
    return result


def _plan_all(
    db: Db, accounts: Sequence[TrackedAccount], run_id: int, now: datetime
) -> tuple[list[Plan], list[Outcome]]:
    """What is to be read, and the failures of accounts of which that can't be said."""
    plans: list[Plan] = []
    failed: list[Outcome] = []
    for account in accounts:
        try:
            with contained(f"Preparing to read the account {account.label}"):
                plans.append(plan_reading(db, account, now))
        except Crashed as failure:
            failed.append(_record_failure(db, account, failure, hour_of(now), run_id, now))
    return plans, failed


async def _read_all(
    db: Db, client: ExchangeClient, plans: Sequence[Plan], now: datetime, run_id: int
) -> tuple[Ticker | MonitorError, list[Reading]]:
    if paused := load_pauses(db, now).get(client.exchange):
        return paused, [paused for _ in plans]
    fetching = asyncio.create_task(fetch_ticker(client))
    admitted = choose_turns([plan.is_new for plan in plans], run_id, client.most_first_readings)
    reading = {number: read_account(db, client, plans[number], now) for number in admitted}
    try:
        finished = await read_in_time(reading, client.reading_seconds)
        ticker = await fetching
    finally:
        fetching.cancel()  # of no use to anybody once the database breaks off
    readings = [finished.get(number, WaitsForTurn(WAITS)) for number in range(len(plans))]
    if isinstance(ticker, Ticker):
        compare_clocks(ticker.at, now)  # the exchange may not have told its time before
    for read in (ticker, *readings):
        pause = read.pause if isinstance(read, Snapshot) else read
        if isinstance(pause, ExchangePaused):
            record_pause(db, client.exchange, pause)
    return ticker, readings


def _held(plans: Iterable[Plan], readings: Iterable[Reading]) -> frozenset[str]:
    """Every asset that must have a price."""
    found = (list_wanted(read) for read in readings if isinstance(read, Snapshot))
    return frozenset[str]().union(*found, *(plan.assets for plan in plans))


async def _price(db: Db, client: ExchangeClient, ticker: Ticker, assets: frozenset[str], hour: datetime) -> RunPrices:
    return await find_run_prices(db, client, await check_ticker(db, client, ticker, assets, hour), assets)


def _value(plan: Plan, client: ExchangeClient, snapshot: Snapshot, prices: RunPrices) -> Seen:
    unseen = client.open_account(plan.account).unseen
    return value_reading(snapshot, plan.wallets, plan.assets, unseen, prices, client.dust_limit)


async def _record_account(
    db: Db,
    client: ExchangeClient,
    plan: Plan,
    reading: Reading,
    prices: RunPrices | MonitorError,
    run_id: int,
    now: datetime,
) -> tuple[Outcome, Seen | None]:
    """Record the account's hour; returns what was seen of it as well, if it could be read and recorded."""
    hour = hour_of(now)
    if isinstance(reading, WaitsForTurn):
        return Outcome(account_id=plan.account.id, status=WAITING, reason=str(reading)), None
    if isinstance(reading, MonitorError) or isinstance(prices, MonitorError):
        failure = reading if isinstance(reading, MonitorError) else prices
        return _record_failure(db, plan.account, failure, hour, run_id, now), None
    try:
        with contained(f"Recording the account {plan.account.label}"):
            return await _record_reading(db, client, plan, reading, prices, run_id, now)
    except Crashed as failure:
        return _record_failure(db, plan.account, failure, hour, run_id, reading.taken_at), None


async def _record_reading(
    db: Db, client: ExchangeClient, plan: Plan, snapshot: Snapshot, prices: RunPrices, run_id: int, now: datetime
) -> tuple[Outcome, Seen]:
    """A doubtful reading is made once more, of every wallet, and then believed or suspect."""
    seen, ticker = _value(plan, client, snapshot, prices), prices.ticker
    try:
        return await _record(db, client, plan, seen, ticker, hour_of(now), run_id), seen
    except ReadAgain:
        await asyncio.sleep(client.second_look_seconds)
    wide = replace(plan, idle=frozenset(), marks=replace(plan.marks, is_unexplained=True))
    again = await read_account(db, client, wide, now)
    seen = replace(_value(plan, client, again, prices) if isinstance(again, Snapshot) else seen, is_final=True)
    return await _record(db, client, plan, seen, ticker, hour_of(now), run_id), seen


async def _record(
    db: Db, client: ExchangeClient, plan: Plan, seen: Seen, ticker: Ticker, hour: datetime, run_id: int
) -> Outcome:
    scope = Scope(account_id=plan.account.id, exchange=client.exchange, fetched={})

    def write() -> Outcome:
        record_key_state(db, plan.account.id, state="accepted", message="")
        return record_account_hour(db, scope, seen, hour, run_id)

    try:
        return await write_priced(db, client, ticker, scope, write)
    except MonitorError as failure:
        return _record_failure(db, plan.account, failure, hour, run_id, seen.snapshot.taken_at)


def _record_failure(
    db: Db, account: TrackedAccount, failure: object, hour: datetime, run_id: int, now: datetime
) -> Outcome:
    with db.transaction():
        if isinstance(failure, KeyRejected):
            record_key_state(db, account.id, state="rejected", message=str(failure))
        return record_unread_hour(db, account.id, hour, str(failure), run_id, now)


def _finish(db: Db, run_id: int, result: CycleResult, now: datetime) -> None:
    finish_run(
        db,
        run_id,
        now=now,
        outcome="partial" if result.incomplete else "complete",
        message="; ".join(outcome.reason for outcome in result.incomplete),
        weight=result.weight,
    )
    record_broken(db, run_id, result.broken, now)
