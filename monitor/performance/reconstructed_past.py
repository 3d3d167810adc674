"""Hours that were rebuilt on a wrong assumption: they are taken back, and the rebuilding begins anew.

What was held then was reckoned backwards from the first reading, through every flow: a flow that turns out otherwise makes all
hours before it others. Gaps between two readings that a wrong flow left open are tried again, too.
"""

from collections.abc import Iterable
from datetime import datetime

from finance.ledger_entries import LedgerEntry
from finance.moments import SECOND
from monitor.accounts.client import AccountRun
from monitor.accounts.store.portfolios import load_portfolios_of
from monitor.performance.changes import Change
from monitor.performance.opening import move_opening
from monitor.performance.store.changes import record_changed_hours
from monitor.performance.store.portfolio_hours import forget_portfolio_hours, record_member_hours
from monitor.performance.store.reconstructed_past import begin_rebuilding_anew, forget_hours_before, load_first_reading
from monitor.performance.store.valued_hours import load_next_valued


def reconstruct_anew(run: AccountRun, wrong: Iterable[LedgerEntry], reason: str) -> tuple[Change, ...]:
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
    record_changed_hours(db, account_id, reconstructed, reason=reason, at=run.now, run_id=run.run_id)
    run.log("warning", f"{reason}. With BACKFILL=off: python -m monitor backfill --all")
    return (Change(at=reconstructed[0] - SECOND, reason=""),)


def _open_at(run: AccountRun, taken_at: datetime) -> None:
    begins = load_next_valued(run.db, run.account_id, taken_at - SECOND)
    assert begins  # the first reading
    move_opening(run.db, run.account_id, begins.hour, begins.nav, run.now, taken_at)
