"""What was read when: the newest readings, and what an account was worth and held at an earlier hour."""

from datetime import datetime

from dashboard.history.members import member
from sql.rows import Db, Row


def load_readings(db: Db, account_id: int) -> list[Row]:
    """The newest reading of an account, or of a portfolio's: `account_id`, `label`, `hour`, `taken_at`, `status`."""
    return db.execute(
        f"""
        select a.account_id, a.label, s.hour, s.taken_at, s.status
        from accounts a
        cross join lateral (
          select *
          from snapshots s
          where s.account_id = a.account_id
          order by s.hour desc, s.snapshot_id desc
          limit 1
        ) s
        where {member("a", "s.hour")} and a.enabled
        order by a.account_id
        """,
        {"id": account_id},
    ).fetchall()


def load_holdings_at(db: Db, account_id: int, hour: datetime) -> list[Row]:
    """What was held at a valued hour, by account, wallet and asset, the most valuable first."""
    return db.execute(
        f"""
        select a.account_id, a.label, h.wallet, h.asset, h.free, h.locked, h.owed, h.quantity, h.unrealised,
          h.price, h.route, h.value
        from nav n
        join accounts a using (account_id)
        join holdings h on h.snapshot_id = n.snapshot_id
        where n.hour = %(hour)s and n.unit_price is not null and {member("n", "n.hour")}
        order by h.value desc nulls first, h.asset, h.wallet, a.account_id
        """,
        {"id": account_id, "hour": hour},
    ).fetchall()
