"""What the worker did, and the hours it has no figure for."""

from datetime import datetime

from dashboard.history.database import Db, Row


def load_last_run(db: Db) -> Row | None:
    """The newest attempt."""
    return db.execute("select * from runs order by run_id desc limit 1").fetchone()


def load_gaps(db: Db, account_id: int, since: datetime, until: datetime | None = None, *, limit: int = 20) -> list[Row]:
    """Hours without a NAV, joined where status and reason go on, newest first."""
    return db.execute(
        "with gaps as (select hour, status, reason, hour - interval '1 hour'"
        " * row_number() over (partition by status, reason order by hour) as island"
        " from nav where account_id = %(id)s and hour >= %(since)s"
        " and (%(until)s::timestamptz is null or hour <= %(until)s) and status not in ('COMPLETE', 'RECONSTRUCTED'))"
        " select min(hour) as first, max(hour) as last, count(*) as hours, status, reason from gaps"
        " group by island, status, reason order by max(hour) desc limit %(limit)s",
        {"id": account_id, "since": since, "until": until, "limit": limit},
    ).fetchall()


def load_changes(db: Db, account_id: int, since: datetime, limit: int = 5) -> list[Row]:
    """Corrections of hours that were already shown, newest first: `changed_at`, `since_hour`, `hours`, `reason`."""
    return db.execute(
        "select changed_at, since_hour, hours, reason from history_changes where account_id = %(id)s"
        " and changed_at >= %(since)s order by id desc limit %(limit)s",
        {"id": account_id, "since": since, "limit": limit},
    ).fetchall()
