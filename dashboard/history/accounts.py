"""Which accounts there are, what they are compared with, and what their owner should be warned of."""

from dashboard.history.database import Db, Row


def load_accounts(db: Db) -> list[Row]:
    """Tracked accounts; the combined row (0), first, only when there are several."""
    rows = db.execute("select * from accounts where enabled order by account_id").fetchall()
    return rows if len(rows) > 2 else [row for row in rows if row["account_id"] > 0]


def load_benchmarks(db: Db, account_id: int) -> list[Row]:
    """What an account is compared with, the usual one first: `name`, `assets`, `weights`, `rebalance`."""
    return db.execute(
        "select name, assets, weights, rebalance, is_default from benchmarks where account_id = %(id)s"
        " order by is_default desc, name <> 'hold', name",
        {"id": account_id},
    ).fetchall()


def load_warnings(db: Db) -> list[Row]:
    """What the owner should know on every page: `text`, and `until` when it stops to be true (or None)."""
    overpowered = db.execute("select label from accounts where overpowered and enabled order by label")
    rejected = db.execute(
        "select label, key_message from accounts where key_state = 'rejected' and enabled order by label"
    )
    pauses = db.execute("select exchange, not_before, reason from pauses")
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
    ]
