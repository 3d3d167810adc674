"""Changes of the past: moments from which on it is no longer what it was, and why, in words that the pages show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from finance.ledger_entries import REPORTED_BY_EXCHANGE, FlowKey, LedgerEntry, name_entry
from finance.plausibility import UNTIL_THEN
from finance.records import FeePlace, FlowKind, FlowState
from monitor.performance.store.changes import forget_recomputation, load_recomputation
from monitor.performance.store.track import forget_flow_values
from sql.rows import Db

NOTICEABLE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From a moment on the past is another than before, and why."""

    at: datetime
    reason: str  # empty: nothing that anybody would see
    doubt: str = ""  # why the reading that reported it is not believed before another one confirms it


def supersede(db: Db, known: Mapping[FlowKey, LedgerEntry], revisions: Iterable[LedgerEntry]) -> tuple[Change, ...]:
    """Take back what the entries that `revisions` replace were booked at; returns what changes."""
    pairs = [(known.get(new.key), new) for new in revisions]
    forget_flow_values(db, [old.id for old, _ in pairs if old and old.id])
    return tuple(
        Change(at=moment, reason=describe_revision(old, new), doubt=_describe_doubt(old, new))
        for old, new in pairs
        for moment in _moments(old, new)
    )


def _moments(old: LedgerEntry | None, new: LedgerEntry) -> list[datetime]:
    """The earlier of the moments at which either revision counts."""
    return sorted(entry.second for entry in (old, new) if entry and entry.is_counted)[:1]


def describe_revision(old: LedgerEntry | None, new: LedgerEntry) -> str:
    """Why the history is another with `new` instead of `old`; nothing if it is not."""
    if old and _is_turned(old, new):
        place = "on top" if new.assumed_fee is FeePlace.ON_TOP else "inside what the exchange lists"
        return f"{name_entry(old)} is now {new.amount:f} {new.asset} and a fee of {new.fee:f}: {place}, as the settings say"
    if new.is_manual or new.kind in (FlowKind.MANUAL_IN, FlowKind.MANUAL_OUT):
        return f"{name_entry(new)} is {_describe_word(new)}: {new.note}"
    if old is None or not old.is_counted:
        late = new.first_seen_at - new.second
        when = f"{late // NOTICEABLE} h late" if late >= NOTICEABLE else f"{late // timedelta(minutes=1)} min late"
        return f"{name_entry(new)} became visible {when}"
    if not new.is_counted:
        return f"{name_entry(old)} is now {new.state}"
    if (old.quantity, old.asset) != (new.quantity, new.asset):
        return f"{name_entry(old)} is now {new.amount:f} {new.asset}, fee {new.fee:f}"
    if new.told_at and not old.told_at:
        return f"{name_entry(old)} counts from {new.second:%Y-%m-%d %H:%M:%S} UTC on: {_describe_move(old, new)}"
    if old.second != new.second:
        return f"{name_entry(old)} is now reported for {new.second:%Y-%m-%d %H:%M:%S} UTC"
    return ""


def _is_turned(old: LedgerEntry, new: LedgerEntry) -> bool:
    """Whether another word of the settings made `new` of `old`."""
    return new.assumed_fee is not None and old.assumed_fee not in (None, new.assumed_fee)


def _describe_move(old: LedgerEntry, new: LedgerEntry) -> str:
    return "the reading then lacked it" if new.second > old.second else "a reading had it before the reported time"


def _describe_doubt(old: LedgerEntry | None, new: LedgerEntry) -> str:
    """Why a reading is doubted that reported another amount of a flow which counted: the balances fit the former one."""
    is_known = old and old.told_amount is not None and _is_turned(old, new)
    if new.told_amount is None or is_known or (old and old.told_amount == new.told_amount):
        return ""
    return (
        f"the {name_entry(new)} is reported as {new.told_amount:f} {new.asset} now, but the balances of then fit "
        f"{new.amount:f}, which still counts. {UNTIL_THEN}"
    )


def _describe_word(entry: LedgerEntry) -> str:
    if entry.is_paired_by_owner:
        return "one end of a transfer, or of none, says the owner"
    if entry.state is FlowState.VOID:
        return "void" if entry.exchange_status == REPORTED_BY_EXCHANGE else "void, says the owner"
    return f"counted as {entry.treatment}, says the owner"


def take_recomputation(db: Db, account_id: int) -> tuple[Change, ...]:
    """What changes because an earlier version computed it in another way; it is taken note of once."""
    found = load_recomputation(db, account_id)
    if not found:
        return ()
    forget_recomputation(db, account_id)
    return (Change(at=found.since, reason=found.reason),)
