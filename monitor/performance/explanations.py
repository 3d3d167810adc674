"""The explanations of an account's hours, computed from what is stored: the same for one hour or for all of them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, pairwise
from operator import attrgetter
from typing import NamedTuple

from finance.attribution.booked import Minute, MinutePrices
from finance.attribution.booking import Booking
from finance.attribution.causes import Evidence, suggest_cause
from finance.attribution.events import Event, Standing
from finance.attribution.explanation import Explanation, State
from finance.attribution.hour import LATE, MOST_LATE, RESOLUTION, explain_hour, find_minutes
from monitor.accounts.store.portfolios import load_exchange
from monitor.ledger.store.events import load_fills_and_income, load_flows
from monitor.ledger.store.standings import load_standings
from monitor.performance.minutes import MinutesAsked
from sql.rows import Db

AT_ONCE = 200  # hours in memory
OCCURRED_AT = attrgetter("occurred_at")


class ExplainedHour(NamedTuple):
    """Why NAV changed between two readings, without gains."""

    found: Explanation
    before: Standing
    after: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What histories hold of a stretch of hours, in time order."""

    exchange: str
    flows: Sequence[Event]
    moves: Sequence[Event]  # fills and income, and those of the minute after it
    minutes: MinutePrices = field(default_factory=dict)  # that are known, of hours that are booked by the minute


def explain_account(
    db: Db,
    account_id: int,
    hours: Sequence[datetime],
    hour_before: Explanation | None,
    minutes: MinutesAsked | None = None,
) -> Iterator[list[ExplainedHour]]:
    """The explanations of an account's valued `hours` but the first, a stretch at a time; nothing is written.

    `hour_before` explains the first of `hours`, if anything does; `minutes` notes which prices are lacking.
    """
    minutes = minutes or MinutesAsked()
    for start in range(0, len(hours) - 1, AT_ONCE):
        stretch = _explain_stretch(db, account_id, hours[start : start + AT_ONCE + 1], hour_before, minutes)
        hour_before = stretch[-1].found
        yield stretch


def _explain_stretch(
    db: Db, account_id: int, hours: Sequence[datetime], hour_before: Explanation | None, minutes: MinutesAsked
) -> list[ExplainedHour]:
    standings = load_standings(db, account_id, hours)
    since, until = standings[hours[0]].taken_at, standings[hours[-1]].taken_at
    records = Records(
        exchange=load_exchange(db, account_id) or "",
        flows=load_flows(db, account_id, since, until),
        moves=load_fills_and_income(db, account_id, since, until + LATE),
    )
    wanted = [_find_minutes(standings[earlier], standings[later], records) for earlier, later in pairwise(hours)]
    records = replace(records, minutes=minutes.load(db, records.exchange, set().union(*wanted)))
    explained = []
    for earlier, later in pairwise(hours):
        before, after = standings[earlier], standings[later]
        hour_before = _explain_since(before, after, records, hour_before)
        explained.append(ExplainedHour(hour_before, before, after))
    return explained


def _explain_since(before: Standing, after: Standing, records: Records, hour_before: Explanation | None) -> Explanation:
    """Flows have the snapshot's promise; fills and income of the seconds of a reading may be counted already."""
    if hour_before and hour_before.hour == before.hour:
        return _explain(before, after, records, hour_before.through, hour_before)
    # No hour counted them before the first one. As many as explain the next hour are held by it.
    early = _within(records.moves, before.taken_at, min(before.taken_at + LATE, after.taken_at))[:MOST_LATE]
    starts = (before.taken_at, *(event.occurred_at + RESOLUTION for event in early))
    tries = (_explain(before, after, records, start, None) for start in starts)
    plain = next(tries)
    return next((found for found in chain([plain], tries) if found.state is not State.UNEXPLAINED), plain)


def _find_minutes(before: Standing, after: Standing, records: Records) -> set[Minute]:
    """The minute prices that the hour may take; none where it is booked at its closing price."""
    if after.booking is Booking.CLOSING:
        return set()
    flows = _within(records.flows, before.taken_at, after.taken_at)
    return find_minutes(before, after, [*flows, *_within(records.moves, before.taken_at, after.taken_at + LATE)])


def _within(events: Sequence[Event], since: datetime, until: datetime) -> Sequence[Event]:
    """Those of `events` (in time order) in [since, until)."""
    first, end = (bisect_left(events, moment, key=OCCURRED_AT) for moment in (since, until))
    return events[first:end]


def _explain(
    before: Standing, after: Standing, records: Records, start: datetime, hour_before: Explanation | None
) -> Explanation:
    """By the moves from `start` on."""
    flows = _within(records.flows, before.taken_at, after.taken_at)
    events = sorted([*flows, *_within(records.moves, start, after.taken_at)], key=OCCURRED_AT)
    late = _within(records.moves, max(start, after.taken_at), after.taken_at + LATE)
    minutes = records.minutes if after.booking is Booking.MINUTE else None
    found = explain_hour(before, after, events, late, minutes)
    if found.state is not State.UNEXPLAINED:
        return found
    evidence = Evidence(
        hour=found, before=before, after=after, events=events, hour_before=hour_before, exchange=records.exchange
    )
    return replace(found, cause=suggest_cause(evidence))
