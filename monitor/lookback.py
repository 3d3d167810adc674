"""From when on each history of an account is read: enough to miss nothing, little enough to cost nothing.

Every hour a history is read from its cursor on with an overlap, because exchanges tell late; the first reading of a
day goes back far; a flow that was pending is looked at until it is settled. A history that the account does not have
is asked for once a day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.exchanges.happenings import FlowKind
from monitor.exchanges.sources import Source

ASK_AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMarks:
    """What the database remembers of an account's histories."""

    cursors: Mapping[str, datetime]  # everything up to here has been read completely
    pending: Mapping[FlowKind, datetime]  # when the oldest flow that is not settled was requested
    absent: Mapping[str, datetime]  # when the exchange last said that there is no such history


def look_back(sources: Iterable[Source], marks: SourceMarks, now: datetime) -> dict[str, datetime]:
    """From which moment on each source is read in a run at `now`; one that isn't there is left out until tomorrow."""
    return {
        source.name: _since(source, marks, now)
        for source in sources
        if source.name not in marks.absent or now - marks.absent[source.name] >= ASK_AGAIN
    }


def _since(source: Source, marks: SourceMarks, now: datetime) -> datetime:
    cursor = marks.cursors.get(source.name)
    if cursor is None:
        return now - source.first
    if cursor.date() != now.date():
        return cursor - source.wide
    oldest = min((marks.pending[kind] for kind in source.kinds if kind in marks.pending), default=cursor)
    return min(cursor - source.overlap, max(oldest, cursor - source.wide))
