"""The setting of where an exchange's withdrawals have their fee, applied to what the ledger has by then.

Each withdrawal that was read otherwise gets a revision, and what undid one that was taken back with it. Hours that were rebuilt
by the wrong word are as wrong as it: they are forgotten and rebuilt anew, by themselves or by `backfill`.
"""

from dataclasses import replace

from finance.ledger_entries import OPPOSITE, TAKEN_BACK, FlowKey, LedgerEntry
from finance.withdrawal_fees import turn_fee
from monitor.accounts.client import AccountRun
from monitor.ledger.store.entries import load_entries, record_entries
from monitor.ledger.store.withdrawal_fees import load_assumed
from monitor.performance.changes import Change, supersede
from monitor.performance.reconstructed_past import reconstruct_anew

ANEW = "hours before the first reading are rebuilt anew, with the fees of withdrawals where the settings say"
Turned = tuple[LedgerEntry, LedgerEntry]  # as it was, and its next revision


def turn_fees(run: AccountRun) -> tuple[Change, ...]:
    """Let every fee that was assumed elsewhere be where the settings say; returns what that changes."""
    place = run.account.withdrawal_fee
    stored = load_assumed(run.db, run.account_id, place.other)
    if not stored:
        return ()
    pairs = [(entry, turn_fee(entry, place, run.now)) for entry in stored]
    pairs += _turn_undoing(run, pairs)
    recorded = record_entries(run.db, [new for _, new in pairs], run.run_id)
    changes = supersede(run.db, {old.key: old for old, _ in pairs}, recorded)
    return (*changes, *reconstruct_anew(run, stored, ANEW))


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
