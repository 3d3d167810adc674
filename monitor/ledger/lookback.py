"""From when on each history of an account is read: enough to miss nothing, little enough to cost nothing.

Every hour a history is read from its cursor on with an overlap, because exchanges report late; the first reading of a
day goes back far; a flow that was pending is looked at until it is settled. A history that the account does not have
is asked for once a day. So are an empty wallet's histories, and what is dear, unless an hour lacks an explanation.

An account's day begins at an hour of its own: many accounts share the limits of one address.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from finance.records import FlowKind
from monitor.exchanges.contract import Source

ASK_AGAIN = timedelta(days=1)
HOUR, HOURS_A_DAY = timedelta(hours=1), 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMarks:
    """What the database remembers of an account's histories."""

    cursors: Mapping[str, datetime]  # everything up to here has been read completely
    pending: Mapping[FlowKind, datetime]  # when the oldest flow that is not settled was requested
    absent: Mapping[str, datetime]  # when the exchange last said that there is no such history
    kinds_on_record: frozenset[FlowKind] = frozenset()  # kinds of which any flow is known
    is_unexplained: bool = False  # whether the newest hour lacks an explanation
    day_begins: timedelta = timedelta(0)  # how long after midnight


def choose_beginning_of_day(account_id: int) -> timedelta:
    """When an account's day begins, after midnight: every hour is as many accounts' turn."""
    return account_id % HOURS_A_DAY * HOUR


def begin_day(account_id: int, now: datetime) -> datetime:
    """When the account's day of `now` began."""
    begins = choose_beginning_of_day(account_id)
    return (now - begins).replace(hour=0, minute=0, second=0, microsecond=0) + begins


def look_back(sources: Iterable[Source], marks: SourceMarks, now: datetime) -> dict[str, datetime]:
    """From which moment on each source is read in a run at `now`; one whose turn it is not is left out."""
    return {source.name: _since(source, marks, now) for source in sources if _is_due(source, marks, now)}


def find_spare(sources: Iterable[Source], marks: SourceMarks, now: datetime) -> frozenset[str]:
    """The sources of one wallet that report nothing new at `now` if that wallet was empty and still is.

    One that was never read belongs to a wallet that was never opened.
    """
    return frozenset(
        source.name
        for source in sources
        if source.wallet and (source.name not in marks.cursors or not _must_be_read(source, marks, now))
    )


def _is_due(source: Source, marks: SourceMarks, now: datetime) -> bool:
    if source.name in marks.absent:
        return now - marks.absent[source.name] >= ASK_AGAIN
    return not source.is_daily or _must_be_read(source, marks, now)


def _must_be_read(source: Source, marks: SourceMarks, now: datetime) -> bool:
    """Whether it is the first reading at all or of a day, or something lacks an explanation."""
    cursor = marks.cursors.get(source.name)
    return cursor is None or marks.is_unexplained or _day(cursor, marks) != _day(now, marks)


def _day(moment: datetime, marks: SourceMarks) -> date:
    return (moment - marks.day_begins).date()


def _since(source: Source, marks: SourceMarks, now: datetime) -> datetime:
    cursor = marks.cursors.get(source.name)
    if cursor is None:
        return now - source.first
    if _day(cursor, marks) != _day(now, marks):
        return cursor - source.wide
    oldest = min((marks.pending[kind] for kind in source.kinds if kind in marks.pending), default=cursor)
    return min(cursor - source.overlap, max(oldest, cursor - source.wide))
