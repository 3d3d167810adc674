"""Everything an account's histories tell of a time before its first reading, read from the exchange and recorded.

Flows and income are read window by window, converts by their times. Trades are told pair by pair only: pairs are looked
through, the likeliest first, until what the account holds goes back to nothing or no pair is left.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from monitor.accounts import TrackedAccount
from monitor.booking import Change, supersede
from monitor.edge import Edge
from monitor.errors import ExchangeError
from monitor.exchanges.contract import Account, FillQuery
from monitor.exchanges.happenings import FillMarket, FillRecord, FlowRecord
from monitor.exchanges.public import Ticker
from monitor.exchanges.sources import Source, SourceReading, SourceState
from monitor.explained.fills import BY_TIME, WORTH_A_SCAN, Found, Gap, find_fills
from monitor.explained.missing_fills import plan_search
from monitor.flows import list_keys, revise_ledger
from monitor.rebuilt.rebuilding import End, list_moves, rebuild_hours
from monitor.store import Db
from monitor.store.events import load_flows, load_happenings
from monitor.store.fills import record_fills, record_sources
from monitor.store.income import record_income
from monitor.store.ledger import load_entries, record_entries

DAY = timedelta(days=1)
LONGEST_WAY = timedelta(days=7)  # from a flow's request to its effect
CALLS_AT_ONCE = 100  # until what was found is recorded
Tell = Callable[[str], None]  # says how far it is


def keep_silent(said: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The time before an account's first valued hour, back to `since`."""

    account: TrackedAccount
    since: datetime
    end: End
    always_read: frozenset[str]  # histories that every run since the first reading could read
    now: datetime  # the exchange's clock

    @property
    def until(self) -> datetime:
        """When the first reading was taken."""
        return self.end.standing.taken_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """How far back the past is known now, and which flows that were known before have changed."""

    since: datetime
    reason: str  # why not further
    changes: tuple[Change, ...]


async def learn_past(db: Db, edge: Edge, ticker: Ticker, past: Past, tell: Tell) -> Learnt:
    """Read and record the past. Raises ExchangeError when a history can't be read; what was recorded stays."""
    account = edge.open_account(past.account)
    tell("reading flows and income")
    readings = await _read_histories(account, past)
    converts = [await _read_swaps(account, past, market) for market in BY_TIME]
    with db.transaction():
        changes = _record(db, past, readings, [fill for fills in converts for fill in fills])
    since, reason = _known_since(account, readings, past)
    await _find_trades(db, edge, ticker, replace(past, since=since), tell)
    return Learnt(since=since, reason=reason, changes=changes)


async def _read_histories(account: Account, past: Past) -> tuple[SourceReading, ...]:
    income = {source.name: _oldest(source, past) for source in account.income_sources}
    found: list[SourceReading] = []
    for until, sources in groupby(account.flow_sources, key=lambda source: _until(source, past)):
        flows = {source.name: _oldest(source, past) - min(source.overlap, LONGEST_WAY) for source in sources}
        while flows:
            readings = await account.fetch_flows(flows, until)
            found += readings
            flows = {r.source: r.through for r in readings if r.state is SourceState.BEHIND and r.through}
    found += await account.fetch_income(income, past.until)
    for reading in found:
        if reading.state is SourceState.FAILED:
            raise ExchangeError(f"{reading.source}: {reading.problem}")
    return tuple(found)


def _until(source: Source, past: Past) -> datetime:
    """A dear history is not read again where the hourly runs have read it from the first reading on."""
    return past.until - source.first + DAY if source.longest and source.name in past.always_read else past.until


def _oldest(source: Source, past: Past) -> datetime:
    return max(past.since, past.now - source.kept) if source.kept else past.since


async def _read_swaps(account: Account, past: Past, market: FillMarket) -> Sequence[FillRecord]:
    query = FillQuery(market=market, since=past.since, until=past.until)
    return (await account.fetch_fills(query)).fills


def _record(db: Db, past: Past, readings: Sequence[SourceReading], swaps: Iterable[FillRecord]) -> tuple[Change, ...]:
    account_id = past.account.id
    told: list[FlowRecord] = [flow for reading in readings for flow in reading.flows]
    known = load_entries(db, account_id, list_keys(told))
    revisions = record_entries(db, revise_ledger(account_id, known, told, past.now), None)
    for reading in readings:
        record_income(db, account_id, reading.income, past.now, None)
    fills = [*swaps, *(fill for reading in readings for fill in reading.fills)]
    record_fills(db, account_id, fills, seen_at=past.now, run_id=None)
    return supersede(db, known, revisions)


def _known_since(account: Account, readings: Iterable[SourceReading], past: Past) -> tuple[datetime, str]:
    """An exchange keeps some histories for a while only: what was before, an account that uses them can't know."""
    used = {reading.source for reading in readings if reading.flows or reading.income}
    sources: list[Source] = [*account.flow_sources, *account.income_sources]
    kept = [(past.now - source.kept, source.name) for source in sources if source.kept and source.name in used]
    since, name = max(kept, default=(past.since, ""))
    if since <= past.since:
        return past.since, ""
    return since, f"the exchange keeps {name} no longer than that"


async def _find_trades(db: Db, edge: Edge, ticker: Ticker, past: Past, tell: Tell) -> None:
    account, calls = edge.open_account(past.account), 0
    while True:
        missing = _missing(db, past)
        if not missing.quantities:
            return
        search = replace(plan_search(db, past.account.id, ticker, past.now), gaps=[missing])
        found = await find_fills(account, search, CALLS_AT_ONCE)
        with db.transaction():
            record_fills(db, past.account.id, found.fills, seen_at=past.now, run_id=None)
            record_sources(db, past.account.id, found.sources)
        for failure in found.failures.values():
            raise failure
        calls += found.calls
        if _is_through(found):
            return
        tell(f"reading trades: {calls} pairs looked through")


def _is_through(found: Found) -> bool:
    """Nothing was left to ask, and nothing new came of it that would make other pairs likely."""
    return found.calls < CALLS_AT_ONCE and not found.fills


def _missing(db: Db, past: Past) -> Gap:
    """What the account would have held at the beginning, by what is known so far: trades may explain it."""
    account_id, since, until = past.account.id, past.since, past.until
    events = [*load_flows(db, account_id, since, until), *load_happenings(db, account_id, since, past.end.through)]
    rebuilt = rebuild_hours(past.end.quantities, list_moves(events), [], start=None, may_owe=True)
    return Gap(since=since, until=until, quantities=rebuilt.start, worth=WORTH_A_SCAN)
