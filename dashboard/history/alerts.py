"""Alerts, and how their deliveries went."""

from datetime import datetime

from dashboard.history.members import member
from sql.rows import Db, Row


def load_alerts(db: Db, account_id: int, since: datetime, limit: int) -> list[Row]:
    """The newest alerts that go on or ended after `since`, with `label` and `deliveries`: `phase`, `state`, `failure` by
    `target`. Those of the whole installation are everybody's; all accounts together have all."""
    return db.execute(
        f"""
        select l.*, case when l.account_id <> 0 then a.label end as label,
          coalesce(
            (
              select jsonb_agg(d order by d.changed_at, d.target)
              from alert_deliveries d
              where d.alert_id = l.alert_id
            ),
            '[]'
          ) as deliveries
        from (
          select *
          from alerts l
          where (account_id in (%(id)s, 0) or %(id)s = 0 or {member("l", "l.began_at")})
            and (ended_at is null or ended_at >= %(since)s)
          order by alert_id desc
          limit %(limit)s
        ) l
        join accounts a on a.account_id = l.account_id
        order by l.alert_id desc
        """,
        {"id": account_id, "since": since, "limit": limit},
    ).fetchall()
