"""How far back an account's histories were read for the time before its first reading, so that nothing is read twice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sql.rows import Db, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """A stretch of a history that was read completely and recorded."""

    since: datetime
    until: datetime
    has_told: bool  # whether anything was in it
    reason: str = ""  # why the exchange has nothing earlier


def load_depths(db: Db, account_id: int) -> dict[str, Depth]:
    """What was read so far, by the history's name."""
    statement = "select source, since, until, has_told, reason from history_depths where account_id = %(account)s"
    return dict(load_rows(db, _read_depth, statement, {"account": account_id}))


def _read_depth(*, source: str, **columns: Any) -> tuple[str, Depth]:
    return source, Depth(**columns)


def record_depth(db: Db, account_id: int, source: str, depth: Depth) -> None:
    """Remember how far back a history was read."""
    db.execute(
        """
        insert into history_depths (account_id, source, since, until, has_told, reason)
        values (%(account)s, %(source)s, %(since)s, %(until)s, %(has_told)s, %(reason)s)
        on conflict (account_id, source) do update
        set since = excluded.since, until = excluded.until, has_told = excluded.has_told,
          reason = excluded.reason
        """,
        {
            "account": account_id,
            "source": source,
            "since": depth.since,
            "until": depth.until,
            "has_told": depth.has_told,
            "reason": depth.reason,
        },
    )
