"""A reading of an account beside an earlier one that is stored: what was held then, and what is known since."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO, exact, total
from finance.flow_values import Basis
from finance.ledger_entries import LedgerEntry
from finance.plausibility import NOTHING, Lately, doubt_residual, find_residual, is_notable
from finance.valuation import sum_quantities
from monitor.ledger.store.entries import load_flows_between, load_pending
from monitor.ledger.store.events import load_moves
from monitor.performance.store.exposures import Open, load_exposure, load_open, read_open
from monitor.performance.store.members import load_members
from monitor.performance.store.valued_hours import ValuedHour
from monitor.snapshots.store.observations import load_basis
from monitor.snapshots.valued_reading import ValuedReading
from sql.rows import Db

LONGEST_PENDING = timedelta(days=2)  # a flow requested before explains no reading that has it already
STALE = timedelta(hours=1)  # how old an answer may be that is given as new


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
