"""Money in and out."""

from datetime import datetime

from dashboard.history.database import Db, Row


def load_flows(
    db: Db, account_id: int, since: datetime, until: datetime | None = None, *, limit: int = 100, skip: int = 0
) -> list[Row]:
    """Flows since a time, newest first; those still pending belong to the newest hour."""
    return db.execute(
        "select f.*, a.label, coalesce(f.occurred_at, f.requested_at) as at from flows f join accounts a"
        " using (account_id) where (f.account_id = %(id)s or %(id)s = 0)"
        " and coalesce(f.occurred_at, f.requested_at) >= %(since)s"
        " and (%(until)s::timestamptz is null or coalesce(f.occurred_at, f.requested_at) <= %(until)s)"
        " order by coalesce(f.occurred_at, f.requested_at) desc, f.transaction_id desc"
        " limit %(limit)s offset %(skip)s",
        {"id": account_id, "since": since, "until": until, "limit": limit, "skip": skip},
    ).fetchall()


def load_flow_marks(db: Db, account_id: int, since: datetime, until: datetime) -> list[Row]:
    """Moment and direction of the counted flows of a period, the opening left out; the 200 largest."""
    return db.execute(
        "select occurred_at as at, value from flows where (account_id = %(id)s or %(id)s = 0) and kind <> 'opening'"
        " and state = 'counted' and value is not null and occurred_at between %(since)s and %(until)s"
        " order by abs(value) desc limit 200",
        {"id": account_id, "since": since, "until": until},
    ).fetchall()
