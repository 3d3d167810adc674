"""A reading of an account beside an earlier one that is stored: what was held then, and what is known since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO, exact, total
from finance.flow_values import Basis
from finance.ledger_entries import LedgerEntry
from finance.observed import WalletReading
from finance.plausibility import NOTHING, Lately, doubt_residual, find_residual, is_notable
from finance.valuation import Valuation, sum_quantities
from monitor.database import Db
from monitor.ledger.store.entries import load_flows_between, load_pending
from monitor.ledger.store.events import load_moves
from monitor.performance.store.exposures import Open, load_exposure, load_open, read_open
from monitor.snapshots.store.observations import load_basis

LONGEST_PENDING = timedelta(days=2)  # a flow requested before explains no reading that has it already
STALE = timedelta(hours=1)  # how old an answer may be that is told as new


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a reading found."""

    taken_at: datetime
    basis: Basis
    open: Open


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What an account held at an earlier reading, and which flows came or went since then."""

    held: Basis
    entries: tuple[LedgerEntry, ...]


def describe_reading(
    taken_at: datetime, wallets: tuple[WalletReading, ...], valuation: Valuation, prices: Mapping[str, Decimal]
) -> Found:
    """A reading that is not stored yet, at `prices` by asset."""
    balances = [holding.balance for holding in valuation.holdings]
    basis = Basis(
        quantities=sum_quantities((one.asset, one.quantity - one.unrealised) for one in balances),
        prices=prices,
        profits=sum_quantities((one.asset, one.unrealised) for one in balances),
    )
    return Found(taken_at=taken_at, basis=basis, open=read_open(wallets))


def load_found(db: Db, snapshot_id: int, taken_at: datetime) -> Found:
    """A reading that is stored."""
    return Found(taken_at=taken_at, basis=load_basis(db, [snapshot_id]), open=load_open(db, snapshot_id))


def load_since(db: Db, account_id: int, earlier: Found, later: Found) -> Since:
    """What is known between two readings of an account."""
    span = (earlier.taken_at, later.taken_at)
    exposure = load_exposure(db, account_id, span, (earlier.open, later.open))
    held = replace(earlier.basis, moves=load_moves(db, account_id, *span), exposures=(exposure,))
    return Since(held=held, entries=load_flows_between(db, [account_id], *span))


def find_doubt(db: Db, account_id: int, earlier: Found, later: Found, doubted_since: datetime | None = None) -> str:
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
def measure_unexplained(db: Db, account_id: int, earlier: Found, later: Found) -> Decimal:
    """What the later of two readings has (+) or lacks (-) that nothing known explains, in the valuation asset."""
    residual = _find_residual(db, account_id, earlier, later)
    return total(units * later.basis.prices.get(asset, ZERO) for asset, units in residual.items())


def _find_residual(db: Db, account_id: int, earlier: Found, later: Found) -> dict[str, Decimal]:
    span = (earlier.taken_at, later.taken_at)
    held = replace(earlier.basis, moves=load_moves(db, account_id, *span))
    return find_residual(held, load_flows_between(db, [account_id], *span), later.basis)


def _load_lately(db: Db, account_id: int, since: datetime, until: datetime) -> Lately:
    return Lately(
        flows=load_flows_between(db, [account_id], since, until), moves=load_moves(db, account_id, since, until)
    )
