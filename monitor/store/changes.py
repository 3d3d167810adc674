"""Why rows that were already shown have changed, and what of the ledger may still change them."""

from dataclasses import dataclass
from datetime import datetime

from monitor.flows import LedgerEntry
from monitor.store import Db
from monitor.store.history import VALUED
from monitor.store.ledger import load_revisions
from monitor.store.members import COMBINED


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


def pass_on_changes(db: Db, hour: datetime) -> None:
    """Tell of the combined row what changed the history of accounts since the last combined row before `hour`."""
    row = db.execute(
        "select min(h.since_hour) as since, max(h.changed_at) as at,"
        " string_agg(a.label || ': ' || h.reason, '; ' order by h.since_hour, a.label, h.id) as reason from history_changes h"
        " join accounts a on a.id = h.account_id join runs r on r.id = h.run_id"
        " where h.account_id > 0 and r.hour <= %(hour)s and r.hour >= (select coalesce(max(n.hour), '-infinity')"
        " from nav_history n where n.account_id = 0 and n.hour < %(hour)s and n.status <> 'MISSED')",
        {"hour": hour},
    ).fetchone()
    if row and row["reason"]:
        record_history_change(db, COMBINED, since=row["since"], reason=row["reason"], at=row["at"], before=hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """History that has to be computed again: since when, and why."""

    since: datetime
    reason: str


def load_recomputation(db: Db, account_id: int) -> Recomputation | None:
    """What of an account's history an earlier version computed in another way."""
    row = db.execute(
        "select since, reason from recomputations where account_id = %(id)s", {"id": account_id}
    ).fetchone()
    return Recomputation(since=row["since"], reason=row["reason"]) if row else None


def forget_recomputation(db: Db, account_id: int) -> None:
    """It was computed again."""
    db.execute("delete from recomputations where account_id = %(id)s", {"id": account_id})


def load_unpriced(db: Db, account_id: int) -> tuple[LedgerEntry, ...]:
    """Flows of valued hours whose price was not known when they were valued."""
    rows = db.execute(
        "select v.transaction_id from flow_valuations v"
        " where v.account_id = %(account)s and v.value is null and exists (select from nav_history n"
        " where n.account_id = %(account)s and n.status = any(%(valued)s) and n.taken_at > v.occurred_at)",
        {"account": account_id, "valued": VALUED},
    )
    return load_revisions(db, [row["transaction_id"] for row in rows])
