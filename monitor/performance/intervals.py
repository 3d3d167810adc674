"""The time between two valued hours: who was part of it, what they held at both ends and which flows fell into it; and a
reading of an account beside an earlier one that is stored: what was held then, and what is known since.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from finance.decimals import ZERO, exact, total
from finance.exposure import Exposure
from finance.flow_values import Basis, Move, without_uncounted
from finance.ledger_entries import LedgerEntry
from finance.plausibility import NOTHING, Lately, doubt_residual, find_residual, is_notable
from finance.portfolios import Transfer, is_portfolio, quantities_in_transit
from finance.track import FlowEvent, Prices
from finance.valuation import sum_quantities
from monitor.ledger.store.entries import load_flows_between
from monitor.ledger.store.events import load_moves
from monitor.ledger.store.transfers import load_transfers
from monitor.ledger.store.unsettled import load_counted_flows, load_pending, load_uncounted
from monitor.performance.store.exposures import Open, load_exposure, load_open, read_open
from monitor.performance.store.members import Member, load_members
from monitor.performance.store.valued_hours import ValuedHour
from monitor.snapshots.store.observations import load_basis
from monitor.snapshots.valued_reading import ValuedReading
from sql.rows import Db

LONGEST_PENDING = timedelta(days=2)  # a flow requested before explains no reading that has it already
STALE = timedelta(hours=1)  # how old an answer may be that is given as new
Members = tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What an account held at a reading."""

    taken_at: datetime
    basis: Basis
    open: Open


def describe_reading(reading: ValuedReading) -> AccountState:
    """A reading that is not stored yet."""
    balances = [holding.balance for holding in reading.valuation.holdings]
    basis = Basis(
        quantities=sum_quantities((one.asset, one.quantity - one.unrealised) for one in balances),
        prices={asset: price.value for asset, price in reading.prices.items()},
        profits=sum_quantities((one.asset, one.unrealised) for one in balances),
    )
    return AccountState(taken_at=reading.taken_at, basis=basis, open=read_open(reading.judged.wallets))


def load_state(db: Db, snapshot_id: int, taken_at: datetime) -> AccountState:
    """A reading that is stored."""
    return AccountState(taken_at=taken_at, basis=load_basis(db, [snapshot_id]), open=load_open(db, snapshot_id))


def load_state_at(db: Db, account_id: int, hour: ValuedHour) -> AccountState:
    """The reading that a valued hour of an account stands on."""
    (member,) = load_members(db, account_id, hour.hour, hour.hour)[hour.hour]
    return load_state(db, member.snapshot_id, member.taken_at)


def load_between(
    db: Db, account_id: int, earlier: AccountState, later: AccountState
) -> tuple[Basis, tuple[LedgerEntry, ...]]:
    """What an account held at the earlier of two readings, with what is known to have moved until the later one; and
    the flows between them."""
    span = (earlier.taken_at, later.taken_at)
    exposure = load_exposure(db, account_id, span, (earlier.open, later.open))
    held = replace(earlier.basis, moves=load_moves(db, account_id, *span), exposures=(exposure,))
    return held, load_flows_between(db, [account_id], *span)


def find_doubt(
    db: Db, account_id: int, earlier: AccountState, later: AccountState, doubted_since: datetime | None = None
) -> str:
    """Why the later of two readings of an account contradicts the earlier one, or nothing.

    `doubted_since`: the earlier one is doubted itself, and may lack what came or went from then on.
    """
    residual = _find_residual(db, account_id, earlier, later)
    if not is_notable(residual, later.basis):
        return ""
    lately = _load_lately(db, account_id, min(earlier.taken_at, later.taken_at - STALE), later.taken_at)
    lately = replace(lately, pending=load_pending(db, account_id, later.taken_at - LONGEST_PENDING))
    before = _load_lately(db, account_id, doubted_since, earlier.taken_at) if doubted_since else NOTHING
    return doubt_residual(residual, later.basis, lately, before)


@exact
def measure_unexplained(db: Db, account_id: int, earlier: AccountState, later: AccountState) -> Decimal:
    """What the later of two readings has (+) or lacks (-) that nothing known explains, in the valuation asset."""
    residual = _find_residual(db, account_id, earlier, later)
    return total(units * later.basis.prices.get(asset, ZERO) for asset, units in residual.items())


def _find_residual(db: Db, account_id: int, earlier: AccountState, later: AccountState) -> dict[str, Decimal]:
    span = (earlier.taken_at, later.taken_at)
    held = replace(earlier.basis, moves=load_moves(db, account_id, *span))
    return find_residual(held, load_flows_between(db, [account_id], *span), later.basis)


def _load_lately(db: Db, account_id: int, since: datetime, until: datetime) -> Lately:
    return Lately(
        flows=load_flows_between(db, [account_id], since, until), moves=load_moves(db, account_id, since, until)
    )


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
    transfers = load_transfers(db, account_id, since) if is_portfolio(account_id) else ()
    matched = {end for transfer in transfers for end in (transfer.out_id, transfer.in_id)}
    entries = [e for e in load_counted_flows(db, accounts, since, hours[-1].taken_at) if e.id not in matched]
    seconds = [entry.second for entry in entries]
    intervals = []
    for before, hour in pairwise([start, *hours] if start else [None, *hours]):
        assert hour  # only the first of the list may be None
        both = (members.get(before.hour, ()) if before else (), members.get(hour.hour, ()))
        begin = min((member.taken_at for member in both[0]), default=hour.taken_at)
        inside = entries[bisect_left(seconds, begin) : bisect_left(seconds, hour.taken_at)]
        intervals.append(_interval(db, before, hour, both, inside, transfers))
    return tuple(intervals)


def list_joined(interval: Interval, prices: Prices) -> list[FlowEvent]:
    """In a portfolio an account that joins or leaves is a flow of its whole NAV, at the hour's own moment."""
    if interval.before is None:
        return []  # the opening
    before = {member.account_id: member.nav for member in interval.members_before}
    after = {member.account_id: member.nav for member in interval.members}
    joined = total(nav for account, nav in after.items() if account not in before)
    left = total(nav for account, nav in before.items() if account not in after)
    if joined == left == 0:
        return []
    at, nav_before = interval.hour.taken_at, total((interval.hour.nav, -joined, left))
    return [FlowEvent(at=at, transaction_id=None, value=total((joined, -left)), nav_before=nav_before, prices=prices)]


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
        held=_load_held(db, members, transfers) if entries else None,
        found=_load_basis(db, members[1], quantities_in_transit(transfers, ended)) if entries else None,
    )


def _load_held(db: Db, members: tuple[Members, Members], transfers: Sequence[Transfer]) -> Basis:
    """What the members held, and what moved in it until each one's end; of a transfer only what the network took."""
    began, ended = ({member.account_id: member.taken_at for member in part} for part in members)
    moves = [
        move
        for account_id in began.keys() & ended.keys()
        for move in load_moves(db, account_id, began[account_id], ended[account_id])
    ]
    moves += [
        Move(at=transfer.left_at, asset=transfer.asset, quantity=-transfer.cost)
        for transfer in transfers
        if (account := transfer.out_account) in began.keys() & ended.keys()
        and began[account] <= transfer.left_at < ended[account]
    ]
    uncounted = [part for account_id, at in began.items() for part in load_uncounted(db, account_id, at)]
    return replace(
        without_uncounted(_load_basis(db, members[0], quantities_in_transit(transfers, began)), uncounted),
        moves=tuple(sorted(moves, key=lambda move: move.at)),
        exposures=tuple(_load_exposure(db, member, members[1]) for member in members[0]),
    )


def _load_exposure(db: Db, member: Member, later: Members) -> Exposure:
    """A member's derivatives; who has left by the end of the interval is taken to hold what it held."""
    end = next((other for other in later if other.account_id == member.account_id), member)
    ends = (load_open(db, member.snapshot_id), load_open(db, end.snapshot_id))
    return load_exposure(db, member.account_id, (member.taken_at, end.taken_at), ends)


def _load_basis(db: Db, members: Members, in_transit: Iterable[tuple[str, Decimal]]) -> Basis:
    basis = load_basis(db, [member.snapshot_id for member in members])
    in_transit = list(in_transit)
    nothing = dict.fromkeys((asset for asset, _ in in_transit), ZERO)  # while nothing prices it
    quantities = sum_quantities([*basis.quantities.items(), *in_transit])
    return replace(basis, quantities=quantities, prices={**nothing, **basis.prices})
