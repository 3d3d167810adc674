"""The owner's word about flows: one that no history shows, one that never was, one that is something else.

Each is a new revision of the ledger with a note. The portfolios and every later row of units and benchmarks are
computed again in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.ledger_entries import OWNERS_REFERENCE, REPORTED_BY_EXCHANGE, LedgerEntry, Treatment, name_entry
from finance.moments import EPOCH, minute_of
from finance.records import FlowKind, FlowState
from monitor.accounts.store.portfolios import load_portfolios_of
from monitor.database.containment import contained
from monitor.database.runs import record_log
from monitor.errors import LedgerError, MonitorError
from monitor.ledger.store.entries import record_entries
from monitor.market.known_prices import Fetched, PricesNeeded, find_prices
from monitor.performance.changes import supersede
from monitor.performance.derivation import derive_history
from monitor.performance.portfolio_hours import PortfolioRun, update_portfolio
from monitor.performance.proven_flows import list_alike, measure_residual
from monitor.performance.store.changes import record_history_change
from monitor.performance.store.valued_hours import load_next_valued
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the owner says, and when."""

    at: datetime
    note: str


def add_entry(
    known: Sequence[LedgerEntry], word: Word, account_id: int, kind: FlowKind, money: tuple[Decimal, str], at: datetime
) -> LedgerEntry:
    """An entry of `money` (amount and asset) at `at` that no history shows. `known` are the account's manual entries.

    Raises LedgerError for one that is there already, or lies in the future.
    """
    amount, asset = money
    if at > word.at:
        raise LedgerError(f"{at:%Y-%m-%d %H:%M} UTC is in the future. Add a flow when it has happened.")
    name = f"manual {at:%Y-%m-%dT%H:%M:%SZ} {amount:f} {asset}"
    alike = [entry for entry in known if entry.kind is kind and entry.exchange_id.startswith(name)]
    standing = next((entry for entry in alike if entry.state is FlowState.COUNTED), None)
    if standing:
        raise LedgerError(f"That flow is in the ledger already, as number {standing.id}. Nothing was added.")
    return LedgerEntry(
        account_id=account_id,
        kind=kind,
        exchange_id=f"{name} #{len({entry.exchange_id for entry in alike}) + 1}",
        state=FlowState.COUNTED,
        asset=asset,
        amount=amount,
        requested_at=at,
        occurred_at=at,
        first_seen_at=word.at,
        is_manual=True,
        note=word.note,
    )


def void_entry(revisions: Sequence[LedgerEntry], word: Word) -> LedgerEntry:
    """The revision that says that an entry, of which all `revisions` are given, never was. Raises LedgerError."""
    newest = _refuse_opening(revisions[-1])
    if newest.is_denied:
        raise LedgerError(f"Flow {newest.id} is void already: {newest.note}")
    return replace(_next(newest, word), state=FlowState.VOID, occurred_at=None)


def reclassify_entry(revisions: Sequence[LedgerEntry], word: Word, treatment: Treatment) -> LedgerEntry:
    """The revision that says what an entry is; it also takes back that it never was. Raises LedgerError."""
    newest = _refuse_opening(revisions[-1])
    known = next((entry for entry in reversed(revisions) if not entry.is_denied), newest)
    if known.state is FlowState.VOID:
        raise LedgerError(f"Flow {newest.id} never took effect, says the exchange: {newest.exchange_status}")
    if not newest.is_denied and newest.treatment is treatment:
        raise LedgerError(f"Flow {newest.id} is counted as {treatment} already.")
    return replace(_next(newest, word), treatment=treatment, state=known.state, occurred_at=known.occurred_at)


@exact
def pair_entries(out: LedgerEntry, into: LedgerEntry, word: Word) -> tuple[LedgerEntry, LedgerEntry]:
    """The revisions that say that a withdrawal and a deposit are one transfer. Raises LedgerError where they can't be."""
    if not (out.is_counted and into.is_counted and out.quantity < 0 < into.quantity):
        raise LedgerError(
            f"Flow {out.id} must be a withdrawal and flow {into.id} a deposit, both counted as flows: first the number "
            "of what was sent, then of what arrived. Nothing was changed."
        )
    if out.account_id == into.account_id or out.asset != into.asset:
        raise LedgerError(f"Flows {out.id} and {into.id} are not one asset that went from one account to another.")
    if into.quantity > -out.quantity:
        raise LedgerError(
            f"{into.amount:f} {into.asset} arrived of {-out.quantity:f} sent: more than was sent can't arrive."
        )
    reference = f"{OWNERS_REFERENCE}the transfer {out.id} to {into.id}"
    paired = [replace(_next(entry, word), reference=reference) for entry in (out, into)]
    return paired[0], paired[1]


def separate_entry(entry: LedgerEntry, word: Word) -> LedgerEntry:
    """The revision that says that a flow is no part of any transfer between own accounts. Raises LedgerError."""
    _refuse_opening(entry)
    return replace(_next(entry, word), reference=f"{OWNERS_REFERENCE}no transfer ({entry.id})")


def _refuse_opening(entry: LedgerEntry) -> LedgerEntry:
    if entry.kind is FlowKind.OPENING:
        raise LedgerError("The opening is what the account held when it was first read. It can't be corrected.")
    return entry


def _next(newest: LedgerEntry, word: Word) -> LedgerEntry:
    status = "" if newest.exchange_status == REPORTED_BY_EXCHANGE else newest.exchange_status
    return replace(
        newest,
        id=None,
        revision=newest.revision + 1,
        exchange_status=status,
        first_seen_at=word.at,
        is_manual=True,
        note=word.note,
    )


@exact
def require_internal(db: Db, old: LedgerEntry, entry: LedgerEntry) -> None:
    """Raise LedgerError unless the readings around the flow show that it left what the account holds as it was.

    Only then are both of its ends inside NAV, and it is neither a flow nor a gain. `old` is the revision before.
    """
    beyond = measure_residual(db, entry.account_id, entry.asset, (entry.second, entry.second), None)
    if beyond is None:
        raise LedgerError(
            f"Whether flow {old.id} is internal is known when complete readings lie before and after it. Nothing changed."
        )
    counted = entry.quantity if old.state is FlowState.COUNTED else ZERO
    moved = beyond + counted  # what came or went at that time beside everything else that is known
    if abs(moved) < abs(moved - entry.quantity):
        return
    effect = "gain" if entry.quantity > 0 else "loss"
    raise LedgerError(
        f"Flow {old.id} is not internal: what the account holds changed by it, so its other end is outside of what is "
        f"read, and as internal it would show as a {effect}. A transfer between tracked accounts is none of "
        "'All accounts' by itself; what is no flow is income."
    )


def list_warnings(db: Db, fetched: Fetched, entry: LedgerEntry) -> tuple[str, ...]:
    """What the owner should know of an `entry` that was added. Raises PricesNeeded, or LedgerError for a double."""
    first = load_next_valued(db, entry.account_id, EPOCH)
    alike = [
        f"The {name_entry(other)}, flow {other.id}, may be the same, and both count. If so: {_advise_void(entry)}"
        for other in list_alike(db, entry)
    ]
    if first is None or entry.second < first.taken_at:
        since = f" of {first.taken_at:%Y-%m-%d %H:%M} UTC" if first else ""
        early = (
            f"It lies before the account's first reading{since}: it is part of what was there then and changes no "
            f"figure. To have the time before rebuilt: python -m monitor backfill --from {entry.second:%Y-%m-%d}"
        )
        return (*alike, early)
    key = (entry.asset, minute_of(entry.second))
    if key in find_prices(db, fetched, {key}):
        return tuple(alike)
    unpriced = (
        f"{entry.asset} has no price at {entry.second:%Y-%m-%d %H:%M} UTC: the flow has no value, and hours after it "
        f"may wait for one. If that is no coin's name: {_advise_void(entry)}"
    )
    return (*alike, unpriced)


def _advise_void(entry: LedgerEntry) -> str:
    return f'python -m monitor flow void {entry.id} --note "..."'


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a word came to."""

    entry: LedgerEntry
    hours: int  # of the account's history that have changed
    warnings: tuple[str, ...] = ()


def record_correction(db: Db, fetched: Fetched, old: LedgerEntry | None, entry: LedgerEntry) -> Corrected:
    """Add `entry` in place of `old` and compute everything after it again; call in a transaction.

    Raises PricesNeeded, and LedgerError for what is there already, or is called internal and is not.
    """
    if old and entry.treatment is Treatment.INTERNAL and entry.state is FlowState.COUNTED:
        require_internal(db, old, entry)
    (recorded,) = record_entries(db, [entry], None)
    warnings = () if old else list_warnings(db, fetched, recorded)
    at, hours = entry.first_seen_at, 0
    for change in supersede(db, {old.key: old} if old else {}, [recorded]):
        derive_history(db, entry.account_id, fetched, since=change.at)
        hours = record_history_change(db, entry.account_id, since=change.at, reason=change.reason, at=at)
    _update_portfolios(db, entry.account_id, fetched, at)
    return Corrected(entry=recorded, hours=hours, warnings=warnings)


def _update_portfolios(db: Db, account_id: int, fetched: Fetched, at: datetime) -> None:
    """Compute the account's portfolios again. One that can't be stays marked for the next run. Raises PricesNeeded."""
    for portfolio_id in load_portfolios_of(db, account_id):
        needed = None
        try:
            with contained("Adding the accounts up"), db.transaction():
                needed = _update_portfolio(db, portfolio_id, fetched, at)
        except MonitorError as failure:
            message = f"It could not be computed again yet: {failure}"
            record_log(db, at=at, level="warning", message=message, account_id=portfolio_id)
        if needed:
            raise needed


def _update_portfolio(db: Db, portfolio_id: int, fetched: Fetched, at: datetime) -> PricesNeeded | None:
    """What it lacks, if it lacks anything: that is no failure, the whole correction begins anew with it."""
    try:
        update_portfolio(db, portfolio_id, fetched, PortfolioRun(at=at))
    except PricesNeeded as needed:
        return needed
    return None
