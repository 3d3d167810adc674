"""What is being made that pages will show: the history that is rebuilt, and the next reading, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from dashboard.history.rebuildings import Rebuilding
from look import figures

READ_AT = timedelta(minutes=2)  # of every hour
HOUR = timedelta(hours=1)
AT_WORK = timedelta(minutes=2)  # who was heard of later than that ago is at work


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the rebuilding of history is."""

    heading: str
    text: str
    percent: int | None  # of the month; None: nobody works on it just now


def describe_progress(rebuildings: Sequence[Rebuilding], now: datetime) -> Progress | None:
    """Of the `rebuildings` that are not finished, the one that was worked on last before the others; None without any."""
    if not rebuildings:
        return None
    newest, others = rebuildings[0], len(rebuildings) - 1
    is_at_work = now - newest.changed_at < AT_WORK
    state = (
        f"{newest.percent}{figures.THIN}%{_describe_time(newest.seconds_left)}"
        if is_at_work
        else _describe_pause(newest)
    )
    return Progress(
        heading=f"{newest.label}: rebuilding {newest.month:%Y-%m}: {state}",
        text=" ".join([*_describe_reach(newest), *_describe_others(others)]),
        percent=newest.percent if is_at_work else None,
    )


def _describe_time(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return f", about {ceil(seconds / 60)} min" if seconds > 60 else ", less than a minute"


def _describe_pause(rebuilding: Rebuilding) -> str:
    return (
        f"goes on after the next run, because {rebuilding.reason.rstrip('.')}"
        if rebuilding.reason
        else "goes on after the next run"
    )


def _describe_reach(rebuilding: Rebuilding) -> list[str]:
    reach = f"History reaches back to {figures.utc(rebuilding.first)} so far." if rebuilding.first else ""
    return ["It is read from the exchange's records, the newest month first.", *filter(None, [reach])]


def _describe_others(number: int) -> list[str]:
    if not number:
        return []
    return ["One more account is not finished." if number == 1 else f"{number} more accounts are not finished."]


def describe_end(rebuilding: Rebuilding) -> str:
    """Where an account's history ends, and why."""
    if not rebuilding.is_finished:
        return f"being rebuilt; {rebuilding.month:%Y-%m} comes next"
    return f"nothing: {rebuilding.reason}"


def find_next_reading(now: datetime) -> datetime:
    """When every account is read next, at the latest."""
    return (now - READ_AT).replace(minute=0, second=0, microsecond=0) + HOUR + READ_AT
