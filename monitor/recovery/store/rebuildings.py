"""How far the rebuilding of each account's history is, which the pages show, and how far back its histories were read for that:
where it goes on, so that nothing is read twice.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.ledger.store.fills_and_income import BOOKED
from sql.rows import Db, load_rows, load_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilding:
    """The rebuilding of one account's history, month by month, the newest first."""

    month: datetime  # when the month begins that comes next
    quiet: int = 0  # months in a row that added nothing
    failures: int = 0  # in a row
    gaps_through: datetime | None = None  # gaps before this hour were looked at
    is_finished: bool = False
    reason: str = ""  # why it ends here, or what went wrong last


def load_rebuildings(db: Db) -> dict[int, Rebuilding]:
    """Every account's whose rebuilding has begun."""
    return dict(
        load_rows(
            db,
            _read,
            "select account_id, month, quiet, failures, gaps_through, is_finished, reason from rebuildings",
        )
    )


def _read(*, account_id: int, **columns: Any) -> tuple[int, Rebuilding]:
    return account_id, Rebuilding(**columns)


def has_earlier_records(db: Db, account_id: int, before: datetime) -> bool:
    """Whether anything of the account is known that happened before a moment."""
    return bool(
        load_value(
            db,
            f"""
            select exists (
              select from fills where account_id = %(account)s and occurred_at < %(before)s and {BOOKED}
            )
              or exists (select from income where account_id = %(account)s and occurred_at < %(before)s)
              or exists (
                select from processed_transactions
                where account_id = %(account)s and occurred_at < %(before)s and kind <> 'opening' and state = 'counted'
              )
            """,
            {"account": account_id, "before": before},
        )
    )


def record_rebuilding(db: Db, account_id: int, state: Rebuilding, at: datetime) -> None:
    """Write how far it is; the month that comes next has not begun."""
    db.execute(
        """
        insert into rebuildings (account_id, month, quiet, failures, gaps_through, is_finished, reason, changed_at)
        values (
          %(account)s, %(month)s, %(quiet)s, %(failures)s, %(gaps_through)s, %(is_finished)s, %(reason)s, %(at)s
        )
        on conflict (account_id) do update
        set month = excluded.month, quiet = excluded.quiet, failures = excluded.failures,
          gaps_through = excluded.gaps_through, is_finished = excluded.is_finished, reason = excluded.reason,
          percent = 0, seconds_left = null, changed_at = excluded.changed_at
        """,
        {
            "account": account_id,
            "month": state.month,
            "quiet": state.quiet,
            "failures": state.failures,
            "gaps_through": state.gaps_through,
            "is_finished": state.is_finished,
            "reason": state.reason,
            "at": at,
        },
    )


def record_progress(db: Db, account_id: int, percent: int, seconds_left: int | None, at: datetime) -> None:
    """Write how much of its month is done, and how long the rest takes as far as that can be said."""
    db.execute(
        """
        update rebuildings
        set percent = %(percent)s, seconds_left = %(seconds_left)s, changed_at = %(at)s
        where account_id = %(account)s
        """,
        {"account": account_id, "percent": percent, "seconds_left": seconds_left, "at": at},
    )


def forget_rebuildings(db: Db) -> None:
    """Let every account's begin anew."""
    db.execute("delete from rebuildings")


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
