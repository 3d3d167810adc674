"""From when on an account's figures are out of date: its next run computes them again."""

from datetime import datetime

from sql.rows import Db


def mark_recomputation(db: Db, account_id: int, since: datetime) -> None:
    """Say that figures of what was read after `since` are out of date; an earlier mark stays."""
    db.execute(
        """
        insert into recomputations (account_id, since, reason, changes_before)
        values (%(account)s, %(since)s, '', (select coalesce(max(id), 0) from history_changes))
        on conflict (account_id) do update
        set since = excluded.since
        where excluded.since < recomputations.since
        """,
        {"account": account_id, "since": since},
    )
