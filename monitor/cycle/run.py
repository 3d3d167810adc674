"""One hourly run: read every account, then write each account's hour in a transaction of its own.

Nothing is open in the database while the exchange is being asked. One account's failure is that account's hour; the
others go on. What was killed half-way is simply run again: an hour is there as a whole or not at all.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from shlex import quote as quote_shell

import psycopg

from finance.exchanges import NAMES
from finance.hour_status import WAITING, Outcome
from finance.moments import hour_of
from monitor.accounts.client import AccountRun, ExchangeClient, TrackedAccount
from monitor.accounts.registry import record_key_state
from monitor.cycle.clocks import check_clock
from monitor.cycle.follow_up import look_after_accounts, look_after_all, look_after_rates, record_portfolios
from monitor.cycle.reading import Planned, price_all, read_all
from monitor.cycle.result import CycleResult
from monitor.database.containment import contained
from monitor.database.runs import fail_run, finish_run, record_broken, start_run
from monitor.errors import ClockWrong, Crashed, KeyRejected, MonitorError, ReadAgain, WaitsForTurn
from monitor.exchanges import EXCHANGES
from monitor.exchanges.public import Ticker
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices
from monitor.market.other_prices import RunPrices
from monitor.performance.portfolio_hours import PortfolioRun
from monitor.performance.recomputation import complete_recomputations, turn_disabled_accounts
from monitor.performance.recording import record_account_hour, record_unread_hour
from monitor.snapshots.planning import Reading, ReadingPlan, plan_reading, read_account
from monitor.snapshots.snapshot import Snapshot
from monitor.snapshots.valued_reading import ValuedReading, value_reading
from sql.rows import Db

UNREADABLE = "this version of the program does not read {exchange}: install one that does, or disable the account"


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
    clients = {name: client.at(name) for name in _list_exchanges(client, accounts)}
    await check_clock(db, list(clients.values()), hour, now)
    planned, outcomes = _plan_all(
        AccountRun(db=db, client=clients[account.exchange], account=account, now=now, hour=hour, run_id=run_id)
        for account in accounts
        if account.exchange in clients
    )
    outcomes += [
        record_unread_hour(db, account.id, hour, UNREADABLE.format(exchange=account.exchange), run_id, now)
        for account in accounts
        if account.exchange not in clients
    ]
    read = await read_all(db, clients, planned, run_id, now)
    prices = await price_all(db, clients, read, planned, hour)
    readings: dict[int, ValuedReading] = {}
    recorded: list[tuple[AccountRun, Outcome]] = []
    for (run, plan), snapshot in zip(planned, read.snapshots, strict=True):
        own = prices[run.client.exchange]
        outcome, reading = await _record_account(run, plan, snapshot, own)
        outcomes.append(outcome)
        if reading and isinstance(own, RunPrices):
            readings[run.account_id] = reading
            recorded.append((replace(run, now=reading.taken_at, ticker=own.ticker), outcome))
    broken = await look_after_accounts(recorded, hour)
    broken += await turn_disabled_accounts(db, client, run_id, now)
    broken += await complete_recomputations(db, client, run_id, now)
    portfolio_run = PortfolioRun(at=now, run_id=run_id, current_hour=hour)
    first, ticker = read.first_ticker()
    portfolios = await record_portfolios(db, clients[first], ticker, portfolio_run)
    broken += await look_after_all([run for run, _ in recorded], now)
    broken += await look_after_rates(db, clients[first], ticker, hour, now)
    result = CycleResult(
        run_id=run_id,
        hour=hour,
        outcomes=tuple(outcomes),
        portfolios=portfolios,
        readings=readings,
        weight=client.used_weight(),
        broken=broken,
    )
    _finish(db, run_id, result, now)
    return result


def _list_exchanges(client: ExchangeClient, accounts: Sequence[TrackedAccount]) -> list[str]:
    """The exchanges of `accounts`, the first whose prices count first; without accounts the client's own."""
    found = {account.exchange for account in accounts}
    return [name for name in NAMES if name in found and name in EXCHANGES] or [client.exchange]


def _plan_all(runs: Iterable[AccountRun]) -> tuple[list[Planned], list[Outcome]]:
    """What is to be read, and the failures of accounts of which that can't be said."""
    planned: list[Planned] = []
    failed: list[Outcome] = []
    for run in runs:
        try:
            with contained(f"Preparing to read the account {run.account.label}"):
                planned.append((run, plan_reading(run)))
        except Crashed as failure:
            failed.append(_record_failure(run, failure))
    return planned, failed


async def _record_account(
    run: AccountRun, plan: ReadingPlan, snapshot: Reading, prices: RunPrices | MonitorError
) -> tuple[Outcome, ValuedReading | None]:
    """Record the account's hour; returns its valued reading as well, if it could be read and recorded."""
    if isinstance(snapshot, WaitsForTurn):
        return Outcome(account_id=run.account_id, status=WAITING, reason=str(snapshot)), None
    if isinstance(snapshot, MonitorError) or isinstance(prices, MonitorError):
        return _record_failure(run, snapshot if isinstance(snapshot, MonitorError) else prices), None
    try:
        with contained(f"Recording the account {run.account.label}"):
            return await _record_reading(run, plan, snapshot, prices)
    except Crashed as failure:
        return _record_failure(replace(run, now=snapshot.taken_at), failure), None


async def _record_reading(
    run: AccountRun, plan: ReadingPlan, snapshot: Snapshot, prices: RunPrices
) -> tuple[Outcome, ValuedReading]:
    """A doubtful reading is made once more, of every wallet, and then believed or suspect."""
    unseen, dust_limit = run.connect().unseen, run.client.dust_limit
    reading = value_reading(snapshot, plan.wallets, plan.assets, unseen, prices, dust_limit)
    try:
        return await _write_hour(run, reading, prices.ticker), reading
    except ReadAgain:
        await asyncio.sleep(run.client.second_look_seconds)
    again = await read_account(run, plan.without_gaps())
    if isinstance(again, Snapshot):
        reading = value_reading(again, plan.wallets, plan.assets, unseen, prices, dust_limit)
    reading = replace(reading, is_final=True)
    return await _write_hour(run, reading, prices.ticker), reading


async def _write_hour(run: AccountRun, reading: ValuedReading, ticker: Ticker) -> Outcome:
    run = replace(run, now=reading.taken_at, ticker=ticker)

    def write(fetched: Fetched) -> Outcome:
        record_key_state(run.db, run.account_id, state="accepted", message="")
        return record_account_hour(run, fetched, reading)

    try:
        return await with_prices(run.db, run.client, ticker, write)
    except MonitorError as failure:
        return _record_failure(run, failure)


def _record_failure(run: AccountRun, failure: object) -> Outcome:
    said = str(failure)
    with run.db.transaction():
        if isinstance(failure, KeyRejected):
            whose = "LABEL_OF_ITS_MASTER" if run.account.sub_email else quote_shell(run.account.label)
            said += f" Give the account a new key: python -m monitor account rekey {whose}"
            record_key_state(run.db, run.account_id, state="rejected", message=said)
        return record_unread_hour(run.db, run.account_id, run.hour, said, run.run_id, run.now)


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
