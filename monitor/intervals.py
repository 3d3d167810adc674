"""The time between two valued hours: who was part of it, what they held at both ends and which flows fell into it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from monitor.flow_values import Basis, Move
from monitor.flows import LedgerEntry
from monitor.store import Db
from monitor.store.events import load_moves
from monitor.store.history import ValuedHour
from monitor.store.ledger import load_flows_between
from monitor.store.members import COMBINED, Member, load_members
from monitor.store.observations import load_basis
from monitor.store.transfers import load_transfers
from monitor.transfers import Transfer, quantities_in_transit
from monitor.valuation import sum_quantities

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
    since = min((member.taken_at for member in members.get(first.hour, ())), default=first.taken_at)
    transfers = load_transfers(db, since) if account_id == COMBINED else ()
    matched = {end for transfer in transfers for end in (transfer.out_id, transfer.in_id)}
    entries = [e for e in load_flows_between(db, accounts, since, hours[-1].taken_at) if e.id not in matched]
    seconds = [entry.second for entry in entries]
    intervals = []
    for before, hour in pairwise([start, *hours] if start else [None, *hours]):
        assert hour  # only the first of the list may be None
        both = (members.get(before.hour, ()) if before else (), members.get(hour.hour, ()))
        begin = min((member.taken_at for member in both[0]), default=hour.taken_at)
        inside = entries[bisect_left(seconds, begin) : bisect_left(seconds, hour.taken_at)]
        intervals.append(_interval(db, before, hour, both, inside, transfers))
    return tuple(intervals)


def _interval(
    db: Db,
    before: ValuedHour | None,
    hour: ValuedHour,
    members: tuple[Members, Members],
    inside: Iterable[LedgerEntry],
    transfers: Sequence[Transfer],
) -> Interval:
    began, ended = ({member.account_id: member.taken_at for member in part} for part in members)
    # Each account has its own moments. Flows of one that joins or leaves are part of what it brings or takes.
    entries = tuple(
        entry
        for entry in inside
        if entry.account_id in began.keys() & ended.keys()
        and began[entry.account_id] <= entry.second < ended[entry.account_id]
    )
    return Interval(
        before=before,
        hour=hour,
        members_before=members[0],
        members=members[1],
        entries=entries,
        held=_load_held(db, members[0], transfers, ended) if entries else None,
        found=_load_basis(db, members[1], quantities_in_transit(transfers, ended)) if entries else None,
    )


def _load_held(db: Db, members: Members, transfers: Sequence[Transfer], ended: Mapping[int, datetime]) -> Basis:
    """What `members` held, and what moved in it until each one's end; of a transfer only what the network took."""
    began = {member.account_id: member.taken_at for member in members}
    moves = [
        move
        for member in members
        if member.account_id in ended
        for move in load_moves(db, member.account_id, member.taken_at, ended[member.account_id])
    ]
    moves += [
        Move(at=transfer.left_at, asset=transfer.asset, quantity=-transfer.cost)
        for transfer in transfers
        if (account := transfer.out_account) in began.keys() & ended.keys()
        and began[account] <= transfer.left_at < ended[account]
    ]
    in_transit = quantities_in_transit(transfers, began)
    return replace(_load_basis(db, members, in_transit), moves=tuple(sorted(moves, key=lambda move: move.at)))


def _load_basis(db: Db, members: Members, in_transit: Iterable[tuple[str, Decimal]]) -> Basis:
    basis = load_basis(db, [member.snapshot_id for member in members])
    return replace(basis, quantities=sum_quantities([*basis.quantities.items(), *in_transit]))
