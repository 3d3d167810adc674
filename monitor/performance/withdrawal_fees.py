"""The setting of where an exchange's withdrawals have their fee, applied to what the ledger has by then.

Each withdrawal that was read otherwise gets a revision, and what undid one that was taken back with it. Hours that were rebuilt
by the wrong word are as wrong as it: they are forgotten and rebuilt anew, by themselves or by `backfill`. What was held then was
reckoned backwards from the first reading, through every flow. Gaps between two readings that a wrong flow left open are tried
again, too.

An account that is disabled is turned as well, but for what came before its first reading: nobody would rebuild those hours.
That is turned when it is enabled again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from finance.ledger_entries import OPPOSITE, TAKEN_BACK, FlowKey, LedgerEntry
from finance.moments import SECOND
from finance.withdrawal_fees import turn_fee
from monitor.accounts.client import AccountRun
from monitor.accounts.store.portfolios import load_portfolios_of
from monitor.ledger.store.entries import load_entries, record_entries
from monitor.ledger.store.unsettled import load_assumed
from monitor.performance.changes import Change, supersede
from monitor.performance.opening import move_opening
from monitor.performance.store.changes import record_changed_hours
from monitor.performance.store.portfolio_hours import forget_portfolio_hours, record_member_hours
from monitor.performance.store.reconstructed_past import begin_rebuilding_anew, forget_hours_before, load_first_reading
from monitor.performance.store.valued_hours import load_next_valued

ANEW = "hours before the first reading are rebuilt anew, with the fees of withdrawals where the settings say"
Turned = tuple[LedgerEntry, LedgerEntry]  # as it was, and its next revision


def turn_fees(run: AccountRun) -> tuple[Change, ...]:
    """Let every fee that was assumed elsewhere be where the settings say; returns what that changes."""
    return _turn(run, load_assumed(run.db, run.account_id, run.account.withdrawal_fee.other))


def turn_fees_of_disabled(run: AccountRun) -> tuple[Change, ...]:
    """The same for an account that is not read, but for what came before its first reading."""
    first = load_first_reading(run.db, run.account_id)
    since = first.taken_at if first else run.now
    stored = load_assumed(run.db, run.account_id, run.account.withdrawal_fee.other)
    return _turn(run, [entry for entry in stored if not entry.is_counted or entry.second >= since])


def _turn(run: AccountRun, stored: Sequence[LedgerEntry]) -> tuple[Change, ...]:
    if not stored:
        return ()
    place = run.account.withdrawal_fee
    pairs = [(entry, turn_fee(entry, place, run.now)) for entry in stored]
    pairs += _turn_undoing(run, pairs)
    recorded = record_entries(run.db, [new for _, new in pairs], run.run_id)
    changes = supersede(run.db, {old.key: old for old, _ in pairs}, recorded)
    return (*changes, *_reconstruct_anew(run, stored))


def _turn_undoing(run: AccountRun, pairs: list[Turned]) -> list[Turned]:
    """What undid those of `pairs` that were taken back moved as much as they had."""
    keys: dict[FlowKey, LedgerEntry] = {
        (OPPOSITE[new.kind], new.exchange_id + TAKEN_BACK): new for _, new in pairs if new.kind in OPPOSITE
    }
    undoing = load_entries(run.db, run.account_id, keys)
    return [(old, _follow(old, keys[key])) for key, old in undoing.items()]


def _follow(undoing: LedgerEntry, turned: LedgerEntry) -> LedgerEntry:
    amount, revision = abs(turned.quantity), undoing.revision + 1
    return replace(undoing, id=None, revision=revision, amount=amount, first_seen_at=turned.first_seen_at)


def _reconstruct_anew(run: AccountRun, wrong: Iterable[LedgerEntry]) -> tuple[Change, ...]:
    """Take back the rebuilt hours if one of `wrong` entries lies before the first reading; returns what that changes."""
    db, account_id = run.db, run.account_id
    begin_rebuilding_anew(db, account_id)
    first = load_first_reading(db, account_id)
    if first is None or not any(entry.is_counted and entry.second < first.taken_at for entry in wrong):
        return ()
    reconstructed = forget_hours_before(db, account_id, first)
    if not reconstructed:
        return ()
    _open_at(run, first.taken_at)
    for portfolio_id in load_portfolios_of(db, account_id):  # the rest of it follows from the change
        forget_portfolio_hours(db, portfolio_id, reconstructed[0], reconstructed[0] - SECOND)
        record_member_hours(db, portfolio_id, reconstructed[0])
    record_changed_hours(db, account_id, reconstructed, reason=ANEW, at=run.now, run_id=run.run_id)
    run.log("warning", f"{ANEW}. With BACKFILL=off: python -m monitor backfill --all")
    return (Change(at=reconstructed[0] - SECOND, reason=""),)


def _open_at(run: AccountRun, taken_at: datetime) -> None:
    begins = load_next_valued(run.db, run.account_id, taken_at - SECOND)
    assert begins  # the first reading
    move_opening(run.db, run.account_id, begins.hour, begins.nav, run.now, taken_at)
