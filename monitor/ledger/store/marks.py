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


def explain_mark(db: Db, account_id: int, since: datetime, reason: str, now: datetime) -> None:
    """Say as well why these figures change, where some of what was read after `since` were shown by `now`: a run that has just
    read an hour may still complete it.
    """
    db.execute(
        """
        update recomputations m
        set reason = concat_ws('; ', nullif(reason, ''), %(reason)s::text)
        where account_id = %(account)s
          and exists (
            select from nav_history n
            where n.account_id = m.account_id
              and n.nav is not null
              and n.taken_at > %(since)s
              and n.taken_at < %(now)s - interval '15 minutes'
          )
        """,
        {"account": account_id, "since": since, "reason": reason, "now": now},
    )
