"""History rebuilt from the exchange's own records: hours before the first reading, and gaps between readings.

A rebuilt hour stands at its full hour: what was held then, at the price of that very moment. It is written only where
it is exact; what can't be stays a visible gap with the reason. A valued hour is never touched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from finance.attribution.events import Event, Flow, Income
from finance.moments import HOUR, ceil_hour, hour_of, minute_of
from finance.records import IncomeKind
from monitor.accounts.client import AccountRun
from monitor.database.containment import contained
from monitor.ledger.store.events import load_fills_and_income, load_flows
from monitor.market.known_prices import Fetched, find_prices
from monitor.market.missing_prices import with_prices
from monitor.performance.derivation import derive_changes
from monitor.performance.evidence import confirm_earlier
from monitor.performance.intervals import load_state
from monitor.performance.portfolio_hours import PortfolioRun, record_portfolio_history
from monitor.performance.proven_flows import void_repeated
from monitor.performance.store.members import load_members
from monitor.recovery.daily_records import Unrecorded, find_unrecorded
from monitor.recovery.depths import Say, say_nothing
from monitor.recovery.earlier_history import TimeBefore, read_earlier_history
from monitor.recovery.earlier_positions import find_earlier_spans
from monitor.recovery.filling import Filled, Marked, Stretch, derive_shown, fill_stretch, mark_gap
from monitor.recovery.reconstruction import (
    End,
    OpenSpan,
    Quantities,
    ReconstructedHours,
    find_open_spans,
    list_moves,
    reconstruct_hours,
)
from monitor.recovery.store.gaps import Gap
from monitor.recovery.store.reconstructed_hours import load_always_read, load_bookings, load_end, record_left_open

CONFIRMED = "hours before count whose readings were left open, and fit what is known by now"
COUNTED_THEN = "a part counts at the exchange's own total, which is not known for the past"


async def confirm_gap(run: AccountRun, gap: Gap) -> Filled:
    """Give the hours of a gap their NAV whose readings were left open and fit the one after it. Raises ExchangeError."""
    (member,) = load_members(run.db, run.account_id, gap.after, gap.after)[gap.after]
    state = load_state(run.db, member.snapshot_id, member.taken_at)

    def write(fetched: Fetched) -> tuple[datetime, ...]:
        confirmed = confirm_earlier(run.db, run.account_id, state, gap.after)
        if confirmed:
            derive_shown(run, fetched, min(confirmed), CONFIRMED)
        return confirmed

    return Filled(hours=await with_prices(run.db, run.client, run.ticker, write))


async def fill_gap(run: AccountRun, gap: Gap, say: Say = say_nothing) -> Filled:
    """Rebuild the hours between two readings from the events that are recorded. Raises ExchangeError."""
    db, account_id = run.db, run.account_id
    before, after = (load_end(db, account_id, hour) for hour in (gap.before, gap.after))
    if before.standing.counted or after.standing.counted:
        record_left_open(db, account_id, dict.fromkeys(gap.hours, COUNTED_THEN))
        return Filled(left_open=dict.fromkeys(gap.hours, COUNTED_THEN))
    since, until = before.standing.taken_at, after.standing.taken_at
    flows = load_flows(db, account_id, since, until)
    events = [*flows, *load_fills_and_income(db, account_id, before.through, after.through)]
    moves = list_moves(events)

    def reconstruct(hours: Sequence[datetime], unrecorded: Iterable[Unrecorded] = ()) -> ReconstructedHours:
        all_moves = sorted([*moves, *(one.move() for one in unrecorded)], key=lambda move: move.at)
        return reconstruct_hours(after.quantities, all_moves, hours, start=before.quantities, may_owe=_may_owe(events))

    reconstructed = reconstruct(gap.hours)
    unrecorded: tuple[Unrecorded, ...] = ()
    if reconstructed.unrecorded:
        unrecorded = await find_unrecorded(
            run, (since, until), reconstructed.unrecorded, lambda hours: reconstruct(hours).hours
        )
        reconstructed = reconstruct(gap.hours, unrecorded)
    if reconstructed.contradiction:
        reasons = dict.fromkeys(gap.hours, reconstructed.contradiction)
        record_left_open(db, account_id, reasons)
        return Filled(left_open=reasons)
    bookings = load_bookings(db, account_id, since, until)
    open_spans = find_open_spans(bookings, (since, until), before=before.positions, after=after.positions)
    marked = await mark_gap(run, gap, (since, until), open_spans)
    unpriced = before.unpriced | after.unpriced
    return await fill_stretch(run, _plan_gap(reconstructed.hours, marked, unpriced, unrecorded), say)


async def fill_before_first_reading(
    run: AccountRun, first: datetime, since: datetime, say: Say, *, is_again: bool
) -> Filled:
    """Rebuild the hours from `since` to the account's `first` valued hour, after reading what the exchange has of them.

    `is_again`: also what an earlier call has read. `say` is given how far it is.

    Raises ExchangeError when a history or prices can't be read; what was rebuilt before stays.
    """
    past = await read_past(run, first, since, say, is_again=is_again)
    return await write_past(run, past, say) if isinstance(past, EarlierTime) else Filled(reason=past)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTime:
    """What is known of the time before an account's first valued hour."""

    first: datetime
    since: datetime  # the first hour of which everything is known
    end: End
    events: Sequence[Event]
    reason: str  # why no more is known than since then; empty: nobody asked for more


async def read_past(
    run: AccountRun, first: datetime, since: datetime, say: Say, *, is_again: bool
) -> EarlierTime | str:
    """Read what the exchange has of the time from `since` on, or say why nothing before `first` can be rebuilt.

    Raises ExchangeError; what was read before stays.
    """
    db, account_id = run.db, run.account_id
    if run.account.sub_email:
        return "a master's key does not show a sub-account's trades; add it with a key of its own"
    end = load_end(db, account_id, first)
    if end.standing.counted:
        return COUNTED_THEN
    if end.standing.loaned:
        return "a loan was owed, whose interest no history shows"
    always_read = load_always_read(db, account_id)
    past = TimeBefore(since=since, end=end, always_read=always_read, is_again=is_again)
    reached = await read_earlier_history(run, past, say)

    def void(fetched: Fetched) -> None:
        """Flows that the owner added and the exchange has as well count once; the known hours are computed again."""
        derive_changes(db, run.account_id, fetched, void_repeated(run, None), at=run.now, since=past.until)

    await with_prices(db, run.client, run.ticker, void)
    since = max(since, ceil_hour(reached.since))
    flows = load_flows(db, account_id, since, past.until)
    events = [*flows, *load_fills_and_income(db, account_id, since, end.through)]
    return EarlierTime(first=first, since=since, end=end, events=events, reason=reached.reason)


async def write_past(run: AccountRun, past: EarlierTime, say: Say) -> Filled:
    """Rebuild the hours of which everything was read, as far as that is exact. Raises ExchangeError."""
    end, events, since, until = past.end, past.events, past.since, past.end.standing.taken_at
    hours = [since + number * HOUR for number in range((past.first - since) // HOUR)]
    reconstructed = reconstruct_hours(end.quantities, list_moves(events), hours, start=None, may_owe=_may_owe(events))
    if reconstructed.contradiction:
        return Filled(reason=reconstructed.contradiction)
    begin, reason = await _find_beginning(run, events, reconstructed.start, (since, until), end.unpriced, say)
    open_spans = await find_earlier_spans(run, since, past.first, end, is_empty=not reconstructed.start)
    wanted = {hour: held for hour, held in reconstructed.hours.items() if hour >= begin}
    filled = await fill_stretch(run, _plan_before_first_reading(wanted, open_spans, end.unpriced), say)
    return Filled(hours=filled.hours, left_open=filled.left_open, reason=reason or past.reason)


async def combine_history(run: AccountRun, portfolio_id: int, since: datetime, until: datetime) -> None:
    """Rebuild a portfolio's rows of hours from `since` to `until` that all its members have by now.

    Raises ExchangeError, or Crashed.
    """
    portfolio_run = PortfolioRun(at=run.now, run_id=run.run_id, current_hour=run.unseen_hour)

    def write(fetched: Fetched) -> None:
        record_portfolio_history(run.db, portfolio_id, fetched, portfolio_run, since, until)

    with contained("Adding rebuilt hours up"):
        await with_prices(run.db, run.client, run.ticker, write)


def _may_owe(events: Sequence[Event]) -> bool:
    """Whether the account borrowed: then it was charged interest."""
    return any(isinstance(event, Income) and event.kind is IncomeKind.MARGIN_INTEREST for event in events)


async def _find_beginning(
    run: AccountRun,
    events: Sequence[Event],
    start: Quantities,
    span: tuple[datetime, datetime],
    nothing: frozenset[str],
    say: Say,
) -> tuple[datetime, str]:
    """The first hour that can be rebuilt and why no earlier one: an account without money has no history.

    A flow must have a price, except of coins that count as `nothing`.
    """
    since, until = span
    begin, reason = since, ""
    if not start:
        first = min((event.occurred_at for event in events), default=until)
        begin = max(begin, hour_of(first))
        say(f"the account held nothing before {first:%Y-%m-%d %H:%M} UTC")
    flows = [event for event in events if isinstance(event, Flow) and event.asset not in nothing]
    keys = {(flow.asset, minute_of(flow.occurred_at)) for flow in flows}
    prices = await with_prices(run.db, run.client, run.ticker, lambda fetched: find_prices(run.db, fetched, keys))
    unpriced = [flow for flow in flows if (flow.asset, minute_of(flow.occurred_at)) not in prices]
    if unpriced:
        last = max(unpriced, key=lambda flow: flow.occurred_at)
        begin = max(begin, ceil_hour(last.occurred_at))
        reason = f"the flow of {last.quantity:f} {last.asset} at {last.occurred_at:%Y-%m-%d %H:%M} UTC has no price"
    return begin, reason


def _plan_gap(
    hours: Mapping[datetime, Quantities],
    marked: Mapping[datetime, Marked],
    unpriced: frozenset[str],
    unrecorded: Sequence[Unrecorded],
) -> Stretch:
    left_open = {hour: str(one) for hour in hours for one in unrecorded if one.holds(hour)}
    left_open |= {hour: one.reason for hour, one in marked.items() if one.reason}
    known = {hour: held for hour, held in hours.items() if hour not in left_open}
    contracts = {hour: one.contracts for hour, one in marked.items() if hour in known}
    return Stretch(hours=known, left_open=left_open, is_first=False, unpriced=unpriced, contracts=contracts)


def _plan_before_first_reading(
    hours: Mapping[datetime, Quantities], open_spans: Sequence[OpenSpan], unpriced: frozenset[str]
) -> Stretch:
    """No reading shows how large a position was before the first one."""
    left_open = {
        hour: f"a position in {one.symbol} {'was' if one.is_sure else 'may have been'} open, whose profit at that hour is not known"
        for hour in hours
        for one in open_spans
        if one.holds(hour)
    }
    known = {hour: held for hour, held in hours.items() if hour not in left_open}
    return Stretch(hours=known, left_open=left_open, is_first=True, unpriced=unpriced)
