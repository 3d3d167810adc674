"""One hourly run: read every account, then write each account's hour in a transaction of its own.

Nothing is open in the database while the exchange is being asked. One account's failure is that account's hour; the
others go on. What was killed half-way is simply run again: an hour is there as a whole or not at all.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.accounts import TrackedAccount, record_key_state
from monitor.appraisal import list_assets, value_reading
from monitor.checks.clocks import check_clock, compare_clocks
from monitor.checks.daily_checks import check_days
from monitor.checks.suspicion import ReadAgain
from monitor.checks.ticker import check_ticker, fetch_ticker
from monitor.checks.unread import Remembered
from monitor.combined import Telling, record_combined_hour
from monitor.completion import Recorded, complete_accounts
from monitor.edge import Edge
from monitor.errors import ClockWrong, ExchangeError, ExchangePaused, KeyRejected, MonitorError, WaitsForTurn
from monitor.exchanges.contract import Account
from monitor.exchanges.deadline import reading_deadline
from monitor.exchanges.public import Ticker
from monitor.explained.missing_fills import RunContext
from monitor.identity import identify_account
from monitor.lookback import SourceMarks, find_spare, look_back
from monitor.other_prices import RunPrices, find_run_prices
from monitor.price_rounds import write_priced
from monitor.rebuilt.filling import Rebuilder
from monitor.rebuilt.outages import combine_outages
from monitor.recomputation import complete_recomputations
from monitor.recording import Outcome, Seen, record_account_hour, record_unread_hour
from monitor.scope import Scope
from monitor.snapshot import Lookback, Snapshot, judge_histories, take_snapshot
from monitor.store import Db
from monitor.store.history import load_configs
from monitor.store.observations import load_assets, load_last_reading
from monitor.store.runs import fail_run, finish_run, load_pauses, record_pause, start_run
from monitor.store.sources import load_source_marks
from monitor.store.wallets import load_idle_wallets, load_remembered
from monitor.turns import WAITS, choose_turns, read_in_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the database knows that an account's reading needs."""

    account: TrackedAccount
    marks: SourceMarks  # how far its histories are known
    wallets: Remembered
    idle: frozenset[str]  # wallets that may be skipped: empty when they were last asked
    assets: frozenset[str]  # priced beside what is found: held before, and the benchmarks'

    @property
    def is_new(self) -> bool:
        """Whether the account was never read: then everything is asked for, as far back as it goes."""
        return not self.marks.cursors


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult:
    """What a run came to."""

    hour: datetime
    outcomes: tuple[Outcome, ...]
    combined: Outcome | None
    seen: dict[int, Seen]
    weight: dict[str, int]

    @property
    def is_complete(self) -> bool:
        """Whether every account's hour is complete."""
        return all(outcome.status == "COMPLETE" for outcome in self.outcomes)


def hour_of(moment: datetime) -> datetime:
    """The UTC hour that contains `moment`."""
    return moment.replace(minute=0, second=0, microsecond=0)


async def run_cycle(
    db: Db, edge: Edge, accounts: Sequence[TrackedAccount], *, now: datetime, pid: int, version: str
) -> CycleResult:
    """Read `accounts` and record the hour of `now`. An account's failure is its outcome.

    Raises ClockWrong, with nothing recorded but the attempt, when this machine's clock can't name an hour.
    """
    hour = hour_of(now)
    run_id = start_run(db, hour=hour, now=now, pid=pid, version=version)
    try:
        await check_clock(db, edge, hour, now)
        plans = [_plan(db, account, now) for account in accounts]
        ticker, readings = await _read_all(db, edge, plans, now, run_id)
    except ClockWrong as wrong:
        fail_run(db, run_id, now=wrong.now, message=str(wrong))
        raise
    prices = await _price(db, edge, ticker, _held(plans, readings), hour) if isinstance(ticker, Ticker) else None
    seen: dict[int, Seen] = {}
    outcomes = []
    recorded: list[Recorded] = []
    for plan, reading in zip(plans, readings, strict=True):
        if isinstance(reading, Snapshot) and prices:
            outcome, seen[plan.account.id] = await _record_account(db, edge, plan, reading, prices, run_id, now)
            outcomes.append(outcome)
            taken_at = seen[plan.account.id].snapshot.taken_at
            work = Rebuilder(
                db=db, edge=edge, ticker=prices.ticker, account=plan.account, now=taken_at, current_hour=hour
            )
            run = RunContext(run_id=run_id, hour=hour, at=taken_at, is_new=outcome.is_new)
            recorded.append(Recorded(work=work, run=run))
        elif isinstance(reading, WaitsForTurn):
            outcomes.append(Outcome(account_id=plan.account.id, status="WAITING", reason=str(reading)))
        else:
            failure = reading if isinstance(reading, MonitorError) else ticker
            outcomes.append(_record_failure(db, plan.account, failure, hour, run_id, now))
    await complete_accounts(recorded, hour)
    await complete_recomputations(db, edge, run_id, now)
    telling = Telling(at=now, run_id=run_id, current_hour=hour)
    combined = await _record_combined(db, edge, ticker, telling) if plans else None
    if recorded:
        await combine_outages(recorded[-1].work, recorded[-1].run)
        await check_days(db, edge, [each.work.account for each in recorded], run_id, now)
    result = CycleResult(hour=hour, outcomes=tuple(outcomes), combined=combined, seen=seen, weight=edge.used_weight())
    _finish(db, run_id, result, now)
    return result


def _plan(db: Db, account: TrackedAccount, now: datetime) -> Plan:
    last = load_last_reading(db, account.id, now)
    basket = {asset for config in load_configs(db, account.id) for asset in config.assets}
    return Plan(
        account=account,
        marks=load_source_marks(db, account.id),
        wallets=load_remembered(db, account.id, account.label),
        idle=load_idle_wallets(db, account.id, now),
        assets=frozenset(basket | (load_assets(db, last.snapshot_id) if last else set())),
    )


Reading = Snapshot | MonitorError


async def _read_all(
    db: Db, edge: Edge, plans: Sequence[Plan], now: datetime, run_id: int
) -> tuple[Ticker | MonitorError, list[Reading]]:
    if paused := load_pauses(db, now).get(edge.exchange):
        return paused, [paused for _ in plans]
    fetching = asyncio.create_task(fetch_ticker(edge))
    admitted = choose_turns([plan.is_new for plan in plans], run_id, edge.most_first_readings)
    reading = {number: _read(db, edge, plans[number], now) for number in admitted}
    finished = await read_in_time(reading, edge.reading_seconds)
    readings = [finished.get(number, WaitsForTurn(WAITS)) for number in range(len(plans))]
    ticker = await fetching
    if isinstance(ticker, Ticker):
        compare_clocks(ticker.at, now)  # the exchange may not have told its time before
    for read in (ticker, *readings):
        pause = read.pause if isinstance(read, Snapshot) else read
        if isinstance(pause, ExchangePaused):
            record_pause(db, edge.exchange, pause)
    return ticker, readings


async def _read(db: Db, edge: Edge, plan: Plan, now: datetime) -> Reading:
    try:
        async with reading_deadline(edge.deadline_seconds):
            await identify_account(db, edge, plan.account, now)
            return await _take_snapshot(edge.open_account(plan.account), plan, now)
    except MonitorError as failure:
        return failure
    except TimeoutError:
        return ExchangeError(
            f"Reading the account took longer than {edge.deadline_seconds} s (ACCOUNT_DEADLINE_SECONDS). "
            "The next run tries again."
        )


async def _take_snapshot(account: Account, plan: Plan, now: datetime) -> Snapshot:
    lookback = Lookback(
        flows=look_back(account.flow_sources, plan.marks, now),
        income=look_back(account.income_sources, plan.marks, now),
        spare=find_spare(account.income_sources, plan.marks, now),
    )
    snapshot = await take_snapshot(account, lookback, now, plan.idle)
    return replace(snapshot, histories=judge_histories(snapshot.histories, account.flow_sources, plan.marks))


def _held(plans: Iterable[Plan], readings: Iterable[Reading]) -> frozenset[str]:
    """Every asset that must have a price."""
    found = (list_assets(read.reading.wallets) for read in readings if isinstance(read, Snapshot))
    return frozenset[str]().union(*found, *(plan.assets for plan in plans))


async def _price(db: Db, edge: Edge, ticker: Ticker, assets: frozenset[str], hour: datetime) -> RunPrices:
    return await find_run_prices(db, edge, await check_ticker(db, edge, ticker, assets, hour), assets)


def _value(plan: Plan, edge: Edge, snapshot: Snapshot, prices: RunPrices) -> Seen:
    unseen = edge.open_account(plan.account).unseen
    return value_reading(snapshot, plan.wallets, plan.assets, unseen, prices, edge.dust_limit)


async def _record_account(
    db: Db, edge: Edge, plan: Plan, snapshot: Snapshot, prices: RunPrices, run_id: int, now: datetime
) -> tuple[Outcome, Seen]:
    """Record the account's hour; a doubtful reading is made once more, of every wallet, and then believed or suspect."""
    seen, ticker = _value(plan, edge, snapshot, prices), prices.ticker
    try:
        return await _record(db, edge, plan, seen, ticker, hour_of(now), run_id), seen
    except ReadAgain:
        await asyncio.sleep(edge.second_look_seconds)
    again = await _read(db, edge, replace(plan, idle=frozenset(), marks=replace(plan.marks, is_unexplained=True)), now)
    seen = replace(_value(plan, edge, again, prices) if isinstance(again, Snapshot) else seen, is_final=True)
    return await _record(db, edge, plan, seen, ticker, hour_of(now), run_id), seen


async def _record(db: Db, edge: Edge, plan: Plan, seen: Seen, ticker: Ticker, hour: datetime, run_id: int) -> Outcome:
    scope = Scope(account_id=plan.account.id, exchange=edge.exchange, fetched={})

    def write() -> Outcome:
        record_key_state(db, plan.account.id, state="accepted", message="")
        return record_account_hour(db, scope, seen, hour, run_id)

    try:
        return await write_priced(db, edge, ticker, scope, write)
    except MonitorError as failure:
        return _record_failure(db, plan.account, failure, hour, run_id, seen.snapshot.taken_at)


def _record_failure(
    db: Db, account: TrackedAccount, failure: object, hour: datetime, run_id: int, now: datetime
) -> Outcome:
    with db.transaction():
        if isinstance(failure, KeyRejected):
            record_key_state(db, account.id, state="rejected", message=str(failure))
        return record_unread_hour(db, account.id, hour, str(failure), run_id, now)


async def _record_combined(db: Db, edge: Edge, ticker: Ticker | MonitorError, telling: Telling) -> Outcome:
    hour, run_id = telling.current_hour, telling.run_id
    assert hour and run_id
    scope = Scope(account_id=0, exchange=edge.exchange, fetched={})
    prices = ticker if isinstance(ticker, Ticker) else Ticker(at=hour, prices={})
    try:
        return await write_priced(db, edge, prices, scope, lambda: record_combined_hour(db, scope, hour, telling))
    except MonitorError as failure:
        return record_unread_hour(db, 0, hour, str(failure), run_id, hour)


def _finish(db: Db, run_id: int, result: CycleResult, now: datetime) -> None:
    incomplete = [o for o in result.outcomes if o.status != "COMPLETE"]
    finish_run(
        db,
        run_id,
        now=now,
        outcome="partial" if incomplete else "complete",
        message="; ".join(o.reason for o in incomplete),
        weight=result.weight,
    )
