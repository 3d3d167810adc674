"""How a portfolio was made up through time, at a few of its hours."""

from datetime import datetime, timedelta
from typing import NamedTuple

from dashboard.history.members import member
from sql.rows import Db, load_rows, load_values

MOMENTS = 120


class AssetValue(NamedTuple):
    """What was held of an asset at an hour, in USDT; None where it had no price."""

    hour: datetime
    asset: str
    value: float | None


def load_allocation(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[AssetValue, ...]:
    """What each asset was worth at up to MOMENTS valued hours of a period, oldest first.

    Only the picked hours' holdings are read.
    """
    picked = load_values(
        db,
        """
        select max(hour)
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
    )
    snapshots = load_values(
        db,
        f"""
        select n.snapshot_id
        from nav n
        join accounts a using (account_id)
        where n.hour = any(%(hours)s)
          and {member("n", "n.hour")}
          and n.unit_price is not null
          and n.snapshot_id is not null
        """,
        {"id": account_id, "hours": picked},
    )
    return load_rows(
        db,
        AssetValue,
        """
        select hour, asset, sum(value)::float8 as value
        from holdings
        where snapshot_id = any(%(snapshots)s)
        group by hour, asset
        order by hour, asset
        """,
        {"snapshots": snapshots},
    )
