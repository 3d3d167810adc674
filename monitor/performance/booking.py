"""Books what an account's histories told: revisions of the ledger, income, and how far each history is known.

What it returns are the changes: moments from which on the past is no longer what it was, and why, in words that the
pages show.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from finance.attribution.hour import LATE
from finance.ledger_entries import RETOLD, TAKEN_BACK, LedgerEntry, list_keys, name_entry, revise_ledger
from finance.plausibility import UNTIL_THEN
from finance.records import FlowKind, FlowState
from monitor.database import Db
from monitor.database.runs import record_log
from monitor.exchanges.contract import SourceState
from monitor.ledger.store.entries import load_entries, load_twins, record_entries
from monitor.ledger.store.events import load_earliest_move
from monitor.ledger.store.fills import record_fills
from monitor.ledger.store.income import record_income
from monitor.ledger.store.sources import load_source_marks, record_source_marks
from monitor.market.scope import Scope
from monitor.performance.overruling import keep_proven_amounts
from monitor.performance.sales import settle_sales
from monitor.performance.store.recomputations import forget_recomputation, load_recomputation
from monitor.performance.store.track import forget_flow_values
from monitor.snapshots.snapshot import Snapshot

NOTICEABLE = timedelta(hours=1)
UNKNOWN = "(unknown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From a moment on the past is another than before, and why."""

    at: datetime
    reason: str  # empty: nothing that anybody would see
    doubt: str = ""  # why the reading that told it is not believed before another one confirms it


def book_histories(db: Db, scope: Scope, snapshot: Snapshot, run_id: int) -> tuple[Change, ...]:
    """Record what the histories of `snapshot` told and return what that changes.

    Raises PricesNeeded while the prices of sales, or of flows that had none, have not been asked for.
    """
    account_id, taken_at = scope.account_id, snapshot.taken_at
    marks = load_source_marks(db, account_id)
    read_before = [history for history in snapshot.histories if history.source in marks.cursors]
    looks = {flow.kind: marks.cursors[history.source] for history in read_before for flow in history.flows}
    known = load_entries(db, account_id, list_keys(snapshot.flows))
    others = [flow for flow in snapshot.flows if not flow.sale]
    told = revise_ledger(account_id, known, others, taken_at, looks)
    revisions = record_entries(db, keep_proven_amounts(db, account_id, known, told), run_id)
    for reading in (*snapshot.histories, *snapshot.income):
        record_income(db, account_id, reading.income, taken_at, run_id)
        record_fills(db, account_id, reading.fills, seen_at=taken_at, run_id=run_id)
    sales = settle_sales(db, scope, [flow for flow in snapshot.flows if flow.sale], known, snapshot)
    revisions += record_entries(db, revise_ledger(account_id, known, sales.flows, taken_at, looks), run_id)
    record_fills(db, account_id, sales.fills, seen_at=taken_at, run_id=run_id)
    record_source_marks(db, account_id, (*snapshot.histories, *snapshot.income), taken_at)
    _warn(db, account_id, revisions, taken_at, run_id)
    _warn_of_income(db, account_id, snapshot, run_id)
    changes = (*supersede(db, known, revisions), *_learn_moves(db, account_id, run_id))
    return (*changes, *recompute(db, account_id))


def _learn_moves(db: Db, account_id: int, run_id: int) -> tuple[Change, ...]:
    """Fills and income that are new: they explain hours, and what was held just before flows."""
    moved_at = load_earliest_move(db, account_id, run_id)
    return (Change(at=moved_at - LATE, reason=""),) if moved_at else ()


def supersede(
    db: Db, known: Mapping[tuple[FlowKind, str], LedgerEntry], revisions: Iterable[LedgerEntry]
) -> tuple[Change, ...]:
    """Take back what the entries that `revisions` replace were booked at; returns what changes."""
    pairs = [(known.get(new.key), new) for new in revisions]
    forget_flow_values(db, [old.id for old, _ in pairs if old and old.id])
    return tuple(
        Change(at=moment, reason=tell_revision(old, new), doubt=_tell_doubt(old, new))
        for old, new in pairs
        for moment in _moments(old, new)
    )


def _moments(old: LedgerEntry | None, new: LedgerEntry) -> list[datetime]:
    """The earlier of the moments at which either revision counts."""
    return sorted(entry.second for entry in (old, new) if entry and entry.is_counted)[:1]


def tell_revision(old: LedgerEntry | None, new: LedgerEntry) -> str:
    """Why the history is another with `new` instead of `old`; nothing if it is not."""
    if new.is_manual or new.kind in (FlowKind.MANUAL_IN, FlowKind.MANUAL_OUT):
        return f"{name_entry(new)} is {_tell_word(new)}: {new.note}"
    if old is None or not old.is_counted:
        late = new.first_seen_at - new.second
        when = f"{late // NOTICEABLE} h late" if late >= NOTICEABLE else f"{late // timedelta(minutes=1)} min late"
        return f"{name_entry(new)} became visible {when}"
    if not new.is_counted:
        return f"{name_entry(old)} is now {new.state}"
    if (old.quantity, old.asset) != (new.quantity, new.asset):
        return f"{name_entry(old)} is now {new.amount:f} {new.asset}, fee {new.fee:f}"
    if new.told_at and not old.told_at:
        return f"{name_entry(old)} counts from {new.second:%Y-%m-%d %H:%M:%S} UTC on: {_tell_move(old, new)}"
    if old.second != new.second:
        return f"{name_entry(old)} is now told for {new.second:%Y-%m-%d %H:%M:%S} UTC"
    return ""


def _tell_move(old: LedgerEntry, new: LedgerEntry) -> str:
    return "the reading then lacked it" if new.second > old.second else "a reading had it before it is told for"


def _tell_doubt(old: LedgerEntry | None, new: LedgerEntry) -> str:
    """Why a reading is doubted that told another amount of a flow which counted: the balances fit the former one."""
    if new.told_amount is None or (old and old.told_amount == new.told_amount):
        return ""
    return (
        f"the {name_entry(new)} is told as {new.told_amount:f} {new.asset} now, but the balances of then fit "
        f"{new.amount:f}, which still counts. {UNTIL_THEN}"
    )


def _tell_word(entry: LedgerEntry) -> str:
    if entry.state is FlowState.VOID:
        return "void" if entry.exchange_status == RETOLD else "void, says the owner"
    return f"counted as {entry.treatment}, says the owner"


def _warn_of_income(db: Db, account_id: int, snapshot: Snapshot, run_id: int) -> None:
    for reading in snapshot.income:
        if reading.state in (SourceState.FAILED, SourceState.BEHIND):
            message = f"What {reading.source} tell shows as unexplained until they are read: {reading.problem}"
            at = snapshot.taken_at
            record_log(db, at=at, level="warning", message=message, run_id=run_id, account_id=account_id)


def _warn(db: Db, account_id: int, revisions: Iterable[LedgerEntry], at: datetime, run_id: int) -> None:
    for entry in revisions:
        if entry.exchange_status.endswith(UNKNOWN):
            message = f"The {name_entry(entry)} has a status nobody knows, {entry.exchange_status}: not counted."
            record_log(db, at=at, level="warning", message=message, run_id=run_id, account_id=account_id)
        if entry.exchange_id.endswith(TAKEN_BACK):
            message = (
                f"{entry.exchange_id} by the exchange, whose word for it is now {entry.exchange_status}: the "
                f"{name_entry(entry)} is {entry.state}. Compare it with the exchange's page."
            )
            record_log(db, at=at, level="warning", message=message, run_id=run_id, account_id=account_id)
    for one, other in load_twins(db, [entry.id for entry in revisions if entry.id]):
        message = (
            f"The {name_entry(one)} and the {name_entry(other)} may be one movement told twice. Both are counted; if it "
            f'is one: python -m monitor flow void {other.id} --note "told twice"'
        )
        record_log(db, at=at, level="warning", message=message, run_id=run_id, account_id=account_id)


def recompute(db: Db, account_id: int) -> tuple[Change, ...]:
    """What changes because an earlier version computed it in another way; it is taken note of once."""
    found = load_recomputation(db, account_id)
    forget_recomputation(db, account_id)
    return (Change(at=found.since, reason=found.reason),) if found else ()
