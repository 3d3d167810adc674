"""Flows that the exchange tells for a wrong moment, as readings prove: they move to when the balances changed.

One that is told for a moment before a reading which lacks it (its hour lacks exactly what it moved, and another hour
within a day has it too much) counts from the last reading on that lacks it; one whose units were there before it is
told for, from just before the first reading that has them. The ledger keeps what the exchange says beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.attribution.explanation import Explanation
from finance.decimals import ZERO
from finance.ledger_entries import SECOND, LedgerEntry
from finance.plausibility import is_as_much
from monitor.database import Db
from monitor.ledger.store.entries import load_flows_between, record_entries
from monitor.performance.booking import Change, supersede
from monitor.performance.store.explanations import load_unexplained
from monitor.performance.store.history import load_moments

LONGEST_DELAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """An hour with units that no history tells of."""

    since: datetime  # its own reading's moment and that of the one before it
    until: datetime
    units: Mapping[str, Decimal]


def move_misplaced(db: Db, account_id: int, since: datetime, now: datetime, run_id: int) -> tuple[Change, ...]:
    """Move flows that readings since `since` prove to be told for a wrong time; returns what that changes."""
    begin = since - LONGEST_DELAY
    hours = [hour for hour in load_unexplained(db, account_id, begin, now) if hour.missing]
    if len(hours) < 2:  # one lacks what another one has too much
        return ()
    moments = load_moments(db, account_id, {moment for hour in hours for moment in (hour.from_hour, hour.hour)})
    unexplained = [_describe(hour, moments) for hour in hours]
    flows = load_flows_between(db, [account_id], unexplained[0].since, unexplained[-1].until)
    moved = [
        replace(old, id=None, revision=old.revision + 1, occurred_at=at, told_at=old.occurred_at, first_seen_at=now)
        for old, at in find_misplaced(unexplained, [f for f in flows if f.told_at is None and not f.is_manual])
    ]
    recorded = record_entries(db, moved, run_id)
    return supersede(db, {flow.key: flow for flow in flows}, recorded)


def _describe(hour: Explanation, moments: Mapping[datetime, datetime]) -> Unexplained:
    units = {asset.asset: asset.residual for asset in hour.missing}
    return Unexplained(since=moments[hour.from_hour], until=moments[hour.hour], units=units)


def find_misplaced(
    hours: Sequence[Unexplained], flows: Iterable[LedgerEntry]
) -> Iterator[tuple[LedgerEntry, datetime]]:
    """The flows that the unexplained `hours`, in time order, prove to be misplaced, and when they took effect.

    What one flow explains proves nothing of another one.
    """
    left = {hour.until: dict(hour.units) for hour in hours}
    for flow in flows:
        lacking = next((hour for hour in hours if hour.since <= flow.second < hour.until), None)
        if lacking is None or not is_as_much(left[lacking.until].get(flow.asset, ZERO), [-flow.quantity]):
            continue
        for hour in hours:
            moment = _find_moment(lacking, hour)
            if moment and is_as_much(left[hour.until].get(flow.asset, ZERO), [flow.quantity]):
                del left[lacking.until][flow.asset], left[hour.until][flow.asset]
                yield flow, moment
                break


def _find_moment(lacking: Unexplained, other: Unexplained) -> datetime | None:
    """When a flow that one hour lacks took effect, if the other one has it too much."""
    if lacking.until <= other.since < lacking.until + LONGEST_DELAY:
        return other.since
    if lacking.since - LONGEST_DELAY < other.until <= lacking.since:
        return other.until - SECOND
    return None
