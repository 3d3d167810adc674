"""How a portfolio was made up through time, at a few of its hours."""

from datetime import datetime, timedelta

from dashboard.history.database import Db, Row
from dashboard.history.members import member

MOMENTS = 120


def load_allocation(db: Db, account_id: int, since: datetime, until: datetime) -> list[Row]:
    """`hour`, `asset` and its `value` at up to MOMENTS valued hours of a period, oldest first.

    An asset's value is None where it had no price. Only the picked hours' holdings are read.
    """
    picked = db.execute(
        """
        select max(hour) as hour
        from nav
        where account_id = %(id)s and unit_price is not null and hour between %(since)s and %(until)s
        group by date_bin(%(step)s, hour, %(since)s)
        """,
        {
            "id": account_id,
            "since": since,
            "until": until,
            "step": max(timedelta(hours=1), (until - since) / (MOMENTS - 1)),
        },
    ).fetchall()
    snapshots = db.execute(
        f"""
        select n.snapshot_id
        from nav n
        join accounts a using (account_id)
        where n.hour = any(%(hours)s)
          and {member("n", "n.hour")}
          and n.unit_price is not null
          and n.snapshot_id is not null
        """,
        {"id": account_id, "hours": [row["hour"] for row in picked]},
    ).fetchall()
    return db.execute(
        """
        select hour, asset, sum(value)::float8 as value
        from holdings
        where snapshot_id = any(%(snapshots)s)
        group by hour, asset
        order by hour, asset
        """,
        {"snapshots": [row["snapshot_id"] for row in snapshots]},
    ).fetchall()
