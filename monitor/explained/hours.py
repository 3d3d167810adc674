"""The explanations of an account's hours, derived from what is stored: the same for one hour or for all of them."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from monitor.explained.attribution import LATE, Event, Standing, explain_hour
from monitor.explained.causes import Evidence, suggest_cause
from monitor.explained.explanation import Explanation, State
from monitor.store import Db
from monitor.store.events import load_flows, load_happenings, load_standings
from monitor.store.explanations import load_explanations, record_explanations

AT_ONCE = 200  # hours in memory


def derive_explanations(db: Db, account_id: int, hours: Sequence[datetime]) -> None:
    """Explain each of the valued `hours`, in order, by what happened since the one before; the first is the start."""
    before = next(iter(load_explanations(db, account_id, hours[0], hours[0])), None)
    for start in range(0, len(hours) - 1, AT_ONCE):
        before = _derive_stretch(db, account_id, hours[start : start + AT_ONCE + 1], before)


def _derive_stretch(
    db: Db, account_id: int, hours: Sequence[datetime], hour_before: Explanation | None
) -> Explanation | None:
    standings = load_standings(db, account_id, hours)
    since, until = standings[hours[0]].taken_at, standings[hours[-1]].taken_at
    flows = load_flows(db, account_id, since, until)
    happenings = load_happenings(db, account_id, since, until + LATE)
    explained = []
    for earlier, later in pairwise(hours):
        before, after = standings[earlier], standings[later]
        # Flows have the snapshot's promise; fills and income of the seconds of a reading may be counted already.
        start = hour_before.through if hour_before and hour_before.hour == before.hour else before.taken_at
        events = [*_within(flows, before.taken_at, after.taken_at), *_within(happenings, start, after.taken_at)]
        events.sort(key=lambda event: event.occurred_at)
        late = _within(happenings, max(start, after.taken_at), after.taken_at + LATE)
        hour_before = _explain(before, after, events, late, hour_before)
        explained.append(hour_before)
    record_explanations(db, account_id, explained)
    return hour_before


def _within(events: Sequence[Event], since: datetime, until: datetime) -> Sequence[Event]:
    """Those of `events` (in time order) in [since, until)."""
    first, end = (bisect_left(events, moment, key=lambda event: event.occurred_at) for moment in (since, until))
    return events[first:end]


def _explain(
    before: Standing, after: Standing, events: Sequence[Event], late: Sequence[Event], hour_before: Explanation | None
) -> Explanation:
    found = explain_hour(before, after, events, late)
    if found.state is not State.UNEXPLAINED:
        return found
    evidence = Evidence(hour=found, before=before, after=after, events=events, hour_before=hour_before)
    return replace(found, cause=suggest_cause(evidence))
