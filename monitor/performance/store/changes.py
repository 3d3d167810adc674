"""Why rows that were already shown have changed, and what of the ledger may still change them."""

from collections.abc import Collection
from datetime import datetime

from finance.hour_status import VALUED
from finance.ledger_entries import LedgerEntry
from monitor.database import Db
from monitor.ledger.store.entries import load_revisions


def record_history_change(
    db: Db,
    account_id: int,
    *,
    since: datetime,
    reason: str,
    at: datetime,
    before: datetime | None = None,
    run_id: int | None = None,
) -> int:
    """Add why the valued hours from the moment `since` on (and earlier than the hour `before`) have changed.

    Returns how many they are; nothing is added when there are none, or when `since` is before the first of them, which
    no flow can change.
    """
    row = db.execute(
        "insert into history_changes (account_id, changed_at, run_id, since_hour, hours, reason)"
        " select %(account)s, %(at)s, %(run)s, min(hour), count(*), %(reason)s from nav_history"
        " where account_id = %(account)s and status = any(%(valued)s) and taken_at > %(since)s "
        " and hour < coalesce(%(before)s, 'infinity'::timestamptz)"
        " and exists (select from nav_history where account_id = %(account)s and status = any(%(valued)s)"
        " and taken_at <= %(since)s) having count(*) > 0 returning hours",
        {
            "account": account_id,
            "at": at,
            "run": run_id,
            "reason": reason,
            "since": since,
            "before": before,
            "valued": VALUED,
        },
    ).fetchone()
    return int(row["hours"]) if row else 0


def record_changed_hours(
    db: Db, account_id: int, hours: Collection[datetime], *, reason: str, at: datetime, run_id: int | None = None
) -> None:
    """Add why exactly these `hours` have changed; nothing if there are none, or if it was told `at` this time already."""
    if hours:
        db.execute(
            "insert into history_changes (account_id, changed_at, run_id, since_hour, hours, reason)"
            " select %(account)s, %(at)s, %(run)s, %(since)s, %(hours)s, %(reason)s where not exists (select"
            " from history_changes where account_id = %(account)s and changed_at = %(at)s and reason = %(reason)s)",
            {
                "account": account_id,
                "at": at,
                "run": run_id,
                "since": min(hours),
                "hours": len(hours),
                "reason": reason,
            },
        )


def load_reasons(db: Db, portfolio_id: int, changes_before: int) -> list[str]:
    """Why the histories of a portfolio's accounts have changed since the change with this number, each reason once."""
    rows = db.execute(
        "select a.label || ': ' || h.reason as reason from history_changes h join accounts a on a.id = h.account_id"
        " where h.id > %(before)s and h.account_id in (select account_id from memberships where portfolio_id = %(portfolio)s)"
        " order by h.since_hour, a.label, h.id",
        {"portfolio": portfolio_id, "before": changes_before},
    )
    return list(dict.fromkeys(row["reason"] for row in rows))


def load_unpriced(db: Db, account_id: int) -> tuple[LedgerEntry, ...]:
    """Flows of valued hours whose price was not known when they were valued."""
    rows = db.execute(
        "select v.transaction_id from flow_valuations v"
        " where v.account_id = %(account)s and v.value is null and exists (select from nav_history n"
        " where n.account_id = %(account)s and n.status = any(%(valued)s) and n.taken_at > v.occurred_at)",
        {"account": account_id, "valued": VALUED},
    )
    return load_revisions(db, [row["transaction_id"] for row in rows])
