"""Hours without a reading between valued ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from finance.hour_status import VALUED, HourStatus
from sql.rows import Db, load_rows, load_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Hours without a reading between two valued hours."""

    before: datetime
    after: datetime
    hours: tuple[datetime, ...]
    missed: int  # of them: in which the monitor did not run


def load_first_hour(db: Db, account_id: int) -> datetime | None:
    """The account's first hour with a NAV."""
    hour: datetime | None = load_value(
        db,
        """
        select hour
        from nav_history
        where account_id = %(account)s and status = any(%(valued)s)
        order by hour
        limit 1
        """,
        {"account": account_id, "valued": VALUED},
    )
    return hour


class _OpenHour(NamedTuple):
    """An hour without a NAV, and the valued ones around it."""

    hour: datetime
    status: str
    before: datetime
    after: datetime


def load_gaps(db: Db, account_id: int, since: datetime, until: datetime) -> list[Gap]:
    """The gaps with hours in [since, until], in time order; one that has not ended yet is none."""
    hours = load_rows(
        db,
        _OpenHour,
        """
        select n.hour, n.status, b.hour as before, a.hour as after
        from nav_history n
        cross join lateral (
          select max(hour) as hour
          from nav_history
          where account_id = n.account_id and hour < n.hour and status = any(%(valued)s)
        ) b
        cross join lateral (
          select min(hour) as hour
          from nav_history
          where account_id = n.account_id and hour > n.hour and status = any(%(valued)s)
        ) a
        where n.account_id = %(account)s
          and n.hour between %(since)s and %(until)s
          and n.status in ('MISSED', 'PARTIAL', 'SUSPECT')
          and a.hour is not null
          and b.hour is not null
        order by n.hour
        """,
        {"account": account_id, "since": since, "until": until, "valued": VALUED},
    )
    gaps = groupby(hours, key=lambda hour: (hour.before, hour.after))
    return [_gap(before, after, tuple(part)) for (before, after), part in gaps]


def _gap(before: datetime, after: datetime, hours: Sequence[_OpenHour]) -> Gap:
    missed = sum(hour.status == HourStatus.MISSED for hour in hours)
    return Gap(before=before, after=after, hours=tuple(hour.hour for hour in hours), missed=missed)


def load_ended_gaps(db: Db, account_id: int, since: datetime, until: datetime) -> list[Gap]:
    """The gaps that ended with a valued hour in [since, until], however long they are, in time order."""
    first: datetime | None = load_value(
        db,
        """
        select min(b.hour)
        from nav_history n
        cross join lateral (
          select max(hour) as hour
          from nav_history
          where account_id = n.account_id and hour < n.hour and status = any(%(valued)s)
        ) b
        where n.account_id = %(account)s
          and n.hour between %(since)s and %(until)s
          and n.status = any(%(valued)s)
          and b.hour < n.hour - interval '1 hour'
        """,
        {"account": account_id, "since": since, "until": until, "valued": VALUED},
    )
    return [gap for gap in load_gaps(db, account_id, first, until) if gap.after >= since] if first else []
