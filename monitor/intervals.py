"""The time between two valued hours: who was part of it, what they held at both ends and which flows fell into it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from monitor.flows import Basis, LedgerEntry
from monitor.store import Db
from monitor.store.history import ValuedHour
from monitor.store.ledger import load_flows_between
from monitor.store.members import Member, load_members
from monitor.store.observations import load_basis

Members = tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The time between two valued hours (or before the first)."""

    before: ValuedHour | None
    hour: ValuedHour
    members_before: Members
    members: Members
    entries: tuple[LedgerEntry, ...]
    held: Basis | None = None  # at its beginning; only where there are entries to be valued
    found: Basis | None = None  # at its end


def load_intervals(
    db: Db, account_id: int, start: ValuedHour | None, hours: Sequence[ValuedHour]
) -> tuple[Interval, ...]:
    """The intervals that end at each of `hours`; the first begins at `start`, or with the account."""
    first = start or hours[0]
    members = load_members(db, account_id, first.hour, hours[-1].hour)
    accounts = {member.account_id for part in members.values() for member in part}
    entries = load_flows_between(db, accounts, first.taken_at, hours[-1].taken_at)
    seconds = [entry.second for entry in entries]
    intervals = []
    for before, hour in pairwise([start, *hours] if start else [None, *hours]):
        assert hour  # only the first of the list may be None
        begin = bisect_left(seconds, before.taken_at) if before else 0
        inside = entries[begin : bisect_left(seconds, hour.taken_at)] if before else ()
        intervals.append(_interval(db, before, hour, members, inside))
    return tuple(intervals)


def _interval(
    db: Db,
    before: ValuedHour | None,
    hour: ValuedHour,
    members: Mapping[datetime, Members],
    inside: Iterable[LedgerEntry],
) -> Interval:
    members_before = members.get(before.hour, ()) if before else ()
    members_after = members.get(hour.hour, ())
    # Flows of an account that joins or leaves are part of what it brings or takes.
    stayed = {m.account_id for m in members_before} & {m.account_id for m in members_after}
    entries = tuple(entry for entry in inside if entry.account_id in stayed)
    return Interval(
        before=before,
        hour=hour,
        members_before=members_before,
        members=members_after,
        entries=entries,
        held=_load_basis(db, members_before) if entries else None,
        found=_load_basis(db, members_after) if entries else None,
    )


def _load_basis(db: Db, members: Members) -> Basis:
    return load_basis(db, [member.snapshot_id for member in members])
