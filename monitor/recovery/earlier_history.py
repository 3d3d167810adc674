"""Everything an account's histories show of a time before its first reading, read from the exchange and recorded.

Flows and income are read window by window, converts by their times. Trades are reported pair by pair only: pairs are looked
through, the likeliest first, until what the account holds goes back to nothing or no pair is left.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from finance.ledger_entries import list_keys, revise_ledger
from finance.moments import EPOCH, SECOND
from finance.records import FillMarket
from finance.withdrawal_fees import place_fees
from monitor.accounts.client import AccountRun
from monitor.accounts.identity import notice_system
from monitor.exchanges.contract import Account, FillQuery, Source, SourceReading, SourceState
from monitor.ledger.store.entries import load_entries, record_entries
from monitor.ledger.store.events import load_fills_and_income, load_flows
from monitor.ledger.store.fills_and_income import record_fills, record_income
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices
from monitor.performance.changes import Change, supersede
from monitor.performance.derivation import derive_changes
from monitor.performance.sales import settle_sales
from monitor.recovery.depths import READ, TRADED, History, Record, Say, read_back
from monitor.recovery.fills import WORTH_A_SCAN, FillSearchResult, find_fills, plan_search
from monitor.recovery.reconstruction import End, list_moves, reconstruct_hours
from monitor.recovery.store.fill_sources import BY_TIME, Gap, record_sources
from monitor.recovery.store.rebuildings import Depth, load_depths, record_depth

DAY = timedelta(days=1)
LONGEST_WAY = timedelta(days=7)  # from a flow's request to its effect
CALLS_AT_ONCE = 100  # until what was found is recorded
MONTH = timedelta(days=29)
SWAPS = {FillMarket.CONVERT: "converts", FillMarket.DUST: "conversions of dust"}
FetchAll = Callable[[Mapping[str, datetime], datetime], Awaitable[tuple[SourceReading, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBefore:
    """The time before an account's first valued hour, back to `since`."""

    since: datetime
    end: End
    always_read: frozenset[str]  # histories that every run since the first reading could read
    is_again: bool = False  # also what an earlier call has read

    @property
    def until(self) -> datetime:
        """When the first reading was taken."""
        return self.end.standing.taken_at


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthReached:
    """How far back the past is known now."""

    since: datetime
    reason: str  # why not further


async def read_earlier_history(run: AccountRun, past: TimeBefore, say: Say) -> DepthReached:
    """Read and record the past, as far as an earlier call has not; known hours that it changes are computed again.

    Raises ExchangeError when a history can't be read; what was recorded stays, and the next call goes on from there.
    """
    await notice_system(run)
    account = run.connect()
    say("reading flows and income")
    known = {} if past.is_again else load_depths(run.db, run.account_id)
    histories = _list_histories(account, past, run.now)
    depths = await read_back(histories, known, _recorder(run, past), say)
    since, reason = _find_start_of_history(histories, depths, past)
    say("", READ)
    await _find_trades(run, replace(past, since=since), say)
    say("", TRADED)
    return DepthReached(since=since, reason=reason)


def _list_histories(account: Account, past: TimeBefore, now: datetime) -> list[History]:
    flows = [
        _history(source, past, now, account.fetch_flows, _until(source, past), min(source.overlap, LONGEST_WAY))
        for source in account.flow_sources
    ]
    income = [_history(source, past, now, account.fetch_income, past.until) for source in account.income_sources]
    swaps = [_swaps(account, market, past) for market in BY_TIME]
    return [*flows, *income, *swaps]


def _history(
    source: Source,
    past: TimeBefore,
    now: datetime,
    fetch_all: FetchAll,
    until: datetime,
    earlier: timedelta = timedelta(0),
) -> History:
    async def fetch(since: datetime, until: datetime) -> SourceReading:
        (reading,) = await fetch_all({source.name: since}, until)
        return reading

    oldest = now - source.available if source.available else EPOCH
    return History(
        name=source.name,
        fetch=fetch,
        since=max(oldest, past.since - earlier),
        oldest=oldest,
        until=until,
        window=source.window,
        pace=source.pace,
    )


def _swaps(account: Account, market: FillMarket, past: TimeBefore) -> History:
    """What was converted is read by its times, too."""

    async def fetch(since: datetime, until: datetime) -> SourceReading:
        page = await account.fetch_fills(FillQuery(market=market, since=since, until=until))
        return SourceReading(source=market, state=SourceState.READ, fills=page.fills)

    return History(
        name=SWAPS[market],
        fetch=fetch,
        since=past.since,
        oldest=EPOCH,
        until=past.until,
        window=MONTH,
        pace=SECOND,
    )


def _until(source: Source, past: TimeBefore) -> datetime:
    """A dear history is not read again where the hourly runs have read it from the first reading on."""
    return past.until - source.first + DAY if source.longest and source.name in past.always_read else past.until


def _recorder(run: AccountRun, past: TimeBefore) -> Record:
    """Records what a window held, how far back that is, and what it changes of the hours that are known."""

    async def record(reading: SourceReading, name: str, depth: Depth) -> None:
        def write(fetched: Fetched) -> None:
            changes = _record(run, fetched, reading)
            record_depth(run.db, run.account_id, name, depth)
            if later := [change for change in changes if change.at >= past.until]:
                derive_changes(run.db, run.account_id, fetched, later, at=run.now, since=past.until)

        await with_prices(run.db, run.client, run.ticker, write)

    return record


def _record(run: AccountRun, fetched: Fetched, reading: SourceReading) -> tuple[Change, ...]:
    db, account_id = run.db, run.account_id
    known = load_entries(db, account_id, list_keys(reading.flows))
    flows = place_fees(reading.flows, known, run.account.withdrawal_fee)
    settled = settle_sales(run, fetched, flows, known, None)
    revisions = record_entries(db, revise_ledger(account_id, known, settled.flows, run.now), None)
    record_income(db, account_id, reading.income, run.now, None)
    record_fills(db, account_id, [*reading.fills, *settled.fills], seen_at=run.now, run_id=None)
    return supersede(db, known, revisions)


def _find_start_of_history(
    histories: Iterable[History], depths: Mapping[str, Depth], past: TimeBefore
) -> tuple[datetime, str]:
    """Some histories go back a while only: what was before, an account that uses them can't know."""
    ends = [
        (depths[history.name].since, history)
        for history in histories
        if history.name in depths and depths[history.name].has_told and depths[history.name].since > past.since
    ]
    if not ends:
        return past.since, ""
    since, history = max(ends, key=lambda end: end[0])
    if why := depths[history.name].reason:
        return since, f"{history.name} go no further back: {why}"
    return since, f"the exchange keeps {history.name} no longer than that"


async def _find_trades(run: AccountRun, past: TimeBefore, say: Say) -> None:
    calls = 0
    while True:
        missing = _missing(run, past)
        if not missing.quantities:
            return
        found = await find_fills(run.connect(), plan_search(run, [missing]), CALLS_AT_ONCE)
        with run.db.transaction():
            record_fills(run.db, run.account_id, found.fills, seen_at=run.now, run_id=None)
            record_sources(run.db, run.account_id, found.sources)
        for failure in found.failures.values():
            raise failure
        calls += found.calls
        if _is_through(found):
            return
        share = READ + (TRADED - READ) * calls / (calls + CALLS_AT_ONCE)  # how many pairs there are nobody knows
        say(f"reading trades: {calls} pairs looked through", share)


def _is_through(found: FillSearchResult) -> bool:
    """Nothing was left to ask, and nothing new came of it that would make other pairs likely."""
    return found.calls < CALLS_AT_ONCE and not found.fills


def _missing(run: AccountRun, past: TimeBefore) -> Gap:
    """What the account would have held at the beginning, by what is known so far: trades may explain it."""
    db, account_id, since, until = run.db, run.account_id, past.since, past.until
    events = [
        *load_flows(db, account_id, since, until),
        *load_fills_and_income(db, account_id, since, past.end.through),
    ]
    reconstructed = reconstruct_hours(past.end.quantities, list_moves(events), [], start=None, may_owe=True)
    return Gap(since=since, until=until, quantities=reconstructed.start, worth=WORTH_A_SCAN)
