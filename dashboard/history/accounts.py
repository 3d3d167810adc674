"""Which accounts there are, what they are compared with, and what their owner should be warned of."""

from dashboard.history.database import Db, Row


def load_accounts(db: Db) -> list[Row]:
    """Portfolios, then tracked accounts; that of all accounts, the first one, only when there are several."""
    rows = load_every(db)
    several = sum(row["account_id"] > 0 for row in rows) > 1
    return [row for row in rows if several or row["account_id"] != 0]


def load_every(db: Db) -> list[Row]:
    """The same with that of all accounts, however many there are. `portfolio` is a portfolio's key."""
    return db.execute("select * from accounts where enabled order by account_id > 0, abs(account_id)").fetchall()


def load_members(db: Db, portfolio_id: int) -> list[Row]:
    """Who is and was part of a portfolio: `account_id`, `label`, `since` and `until` (None: always)."""
    return db.execute(
        """
        select m.account_id, a.label, nullif(m.since, '-infinity') as since,
          nullif(m.until, 'infinity') as until
        from members m
        join accounts a using (account_id)
        where m.id = %(id)s
        order by m.account_id, m.since
        """,
        {"id": portfolio_id},
    ).fetchall()


def load_benchmarks(db: Db, account_id: int) -> list[Row]:
    """What an account is compared with, the usual one first: `name`, `assets`, `weights`, `rebalance`."""
    return db.execute(
        """
        select name, assets, weights, rebalance, is_default
        from benchmarks
        where account_id = %(id)s
        order by is_default desc, name <> 'hold', name
        """,
        {"id": account_id},
    ).fetchall()


def load_warnings(db: Db) -> list[Row]:
    """What the owner should know on every page: `text`, and `until` when it stops to be true (or None)."""
    overpowered = db.execute("select label from accounts where overpowered and enabled order by label")
    rejected = db.execute(
        "select label, key_message from accounts where key_state = 'rejected' and enabled order by label"
    )
    pauses = db.execute("select exchange, not_before, reason from pauses")
    waiting = db.execute(
        """
        select a.label, r.since
        from recomputations r
        join accounts a using (account_id)
        where exists (select from nav n where n.account_id = r.account_id and n.taken_at > r.since)
          and (r.account_id <> 0 or (select count(*) from accounts where enabled and account_id > 0) > 1)
        order by a.label
        """
    )
    return [
        *(
            {
                "text": f"{row['label']}: the API key may do more than read. Replace it by one that may not.",
                "until": None,
            }
            for row in overpowered
        ),
        *({"text": f"{row['label']}: {row['key_message']}", "until": None} for row in rejected),
        *(
            {
                "text": f"{row['exchange']}: silence until {row['not_before']:%H:%M} UTC. {row['reason']}",
                "until": row["not_before"],
            }
            for row in pauses
        ),
        *(
            {
                "text": f"{row['label']}: figures after {row['since']:%Y-%m-%d %H:%M} UTC are out of date. The next run "
                "computes them again.",
                "until": None,
            }
            for row in waiting
        ),
    ]


def load_newest(db: Db) -> list[Row]:
    """The newest recorded hour of every account: `account_id`, `hour`, `status`, `reason`, `nav`, `in_transit`."""
    return db.execute(
        """
        select n.*
        from accounts a
        cross join lateral (
          select account_id, hour, status, reason, nav, unit_price, in_transit, taken_at
          from nav n
          where n.account_id = a.account_id
          order by n.hour desc
          limit 1
        ) n
        where a.enabled
        """
    ).fetchall()


def load_transfers(db: Db, portfolio_id: int, limit: int) -> list[Row]:
    """Transfers between a portfolio's accounts, the newest first: `source`, `target`, `asset`, `amount`, `fee`, `value`, `left_at`,
    `arrived_at`."""
    return db.execute(
        """
        select a.label as source, b.label as target, o.asset, i.amount, o.fee, i.price * i.amount as value,
          o.occurred_at as left_at, i.occurred_at as arrived_at
        from transfers t
        join flows o on o.transaction_id = t.out_id
        join flows i on i.transaction_id = t.in_id
        join accounts a on a.account_id = o.account_id
        join accounts b on b.account_id = i.account_id
        where t.portfolio_id = %(id)s
        order by o.occurred_at desc, t.out_id desc
        limit %(limit)s
        """,
        {"id": portfolio_id, "limit": limit},
    ).fetchall()
