"""What the worker did, and the hours it has no figure for."""

from collections.abc import Mapping
from datetime import datetime
from typing import LiteralString, NamedTuple

from dashboard.history.members import member
from sql.rows import Db, Row, load_rows


def load_last_run(db: Db) -> Row | None:
    """The newest attempt."""
    return db.execute("select * from runs order by run_id desc limit 1").fetchone()


class Gap(NamedTuple):
    """Hours in a row without a NAV, for one reason."""

    first: datetime
    last: datetime
    hours: int
    status: str
    reason: str


class Change(NamedTuple):
    """Why hours have changed that were shown before: what a day changed for one reason, in however many steps."""

    changed_at: datetime
    since_hour: datetime
    hours: int | None  # None: in several steps, which may have changed the same hours
    reason: str


class StatusCount(NamedTuple):
    """How many hours have a status, and which are the first and the last of them."""

    status: str
    hours: int
    first: datetime
    last: datetime


def load_gaps(
    db: Db, account_id: int, since: datetime, until: datetime | None = None, *, limit: int = 20
) -> tuple[Gap, ...]:
    """Hours without a NAV, joined where status and reason go on, newest first."""
    return load_rows(
        db,
        Gap,
        """
        with gaps as (
          select hour, status, reason,
            hour - interval '1 hour' * row_number() over (partition by status, reason order by hour) as island
          from nav
          where account_id = %(id)s
            and hour >= %(since)s
            and (%(until)s::timestamptz is null or hour <= %(until)s)
            and status not in ('COMPLETE', 'RECONSTRUCTED')
        )
        select min(hour) as first, max(hour) as last, count(*) as hours, status, reason
        from gaps
        group by island, status, reason
        order by max(hour) desc
        limit %(limit)s
        """,
        {"id": account_id, "since": since, "until": until, "limit": limit},
    )


def load_changes(db: Db, account_id: int, since: datetime, limit: int = 5) -> tuple[Change, ...]:
    """Changes of hours that were already shown, newest first."""
    return _fold(db, "changed_at >= %(since)s", {"id": account_id, "since": since, "limit": limit})


def load_hour_changes(db: Db, account_id: int, hour: datetime, limit: int = 20) -> tuple[Change, ...]:
    """What changed the hour after it was shown, newest first."""
    condition: LiteralString = "since_hour <= %(hour)s and changed_at >= %(hour)s::timestamptz + interval '1 hour'"
    return _fold(db, condition, {"id": account_id, "hour": hour, "limit": limit})


def _fold(db: Db, condition: LiteralString, parameters: Mapping[str, object]) -> tuple[Change, ...]:
    """The changes of a condition: rebuilding a history makes one for every part that was before."""
    return load_rows(
        db,
        Change,
        f"""
        select max(changed_at) as changed_at, min(since_hour) as since_hour, reason,
          case count(*) when 1 then max(hours) end as hours
        from history_changes
        where account_id = %(id)s and {condition}
        group by reason, date_trunc('day', changed_at, 'UTC')
        order by max(id) desc
        limit %(limit)s
        """,
        parameters,
    )


def load_hours(db: Db, account_id: int, since: datetime, until: datetime | None) -> tuple[StatusCount, ...]:
    """How many hours of a period have which status, the most frequent first."""
    return load_rows(
        db,
        StatusCount,
        """
        select status, count(*) as hours, min(hour) as first, max(hour) as last
        from nav
        where account_id = %(id)s
          and hour >= %(since)s
          and (%(until)s::timestamptz is null or hour <= %(until)s)
        group by status
        order by count(*) desc
        """,
        {"id": account_id, "since": since, "until": until},
    )


NEWEST_RUN: LiteralString = "run_id desc"
RUN_COLUMNS: Mapping[str, LiteralString] = {
    "started": "started_at",
    "hour": "hour",
    "seconds": "seconds",
    "weight": "used",
    "outcome": "outcome",
    "version": "version",
}


def load_runs(
    db: Db, limit: int, skip: int = 0, *, find: str = "", order: LiteralString = NEWEST_RUN, zone: str = "UTC"
) -> list[Row]:
    """Attempts that contain the text `find`, times by the clock of `zone`, with the `seconds` they took and the request weight they `used` in all."""
    return db.execute(
        f"""
        select *
        from (
          select r.*, extract(epoch from finished_at - started_at)::int as seconds,
            (select coalesce(sum(value::int), 0) from jsonb_each_text(weight)) as used
          from runs r
          where strpos(
            lower(concat_ws(' ', to_char(started_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'), outcome, message, version)),
            lower(%(find)s)
          ) > 0
        ) found
        order by {order}
        limit %(limit)s offset %(skip)s
        """,
        {"limit": limit, "skip": skip, "find": find, "zone": zone},
    ).fetchall()


def load_log(db: Db, account_id: int, limit: int) -> list[Row]:
    """The newest lines of the log: of one account and those of none, of a portfolio its own and its accounts'; of everything for all accounts."""
    return db.execute(
        f"""
        select l.*, a.label
        from (
          select *
          from logs l
          where account_id = %(id)s or account_id is null or %(id)s = 0 or {member("l", "l.at")}
          order by id desc
          limit %(limit)s
        ) l
        left join accounts a on a.account_id = l.account_id
        order by l.id desc
        """,
        {"id": account_id, "limit": limit},
    ).fetchall()


def load_checks(db: Db, account_id: int, since: datetime, limit: int = 20) -> list[Row]:
    """Where our figures differ from the exchange's own by more than price sources explain, newest first."""
    return db.execute(
        f"""
        select c.*, a.label
        from cross_checks c
        join accounts a using (account_id)
        where {member("c", "c.hour")} and c.hour >= %(since)s and not c.within
        order by c.hour desc, abs(c.difference) desc
        limit %(limit)s
        """,
        {"id": account_id, "since": since, "limit": limit},
    ).fetchall()
