"""What the read-out script needs to know of a chart, and the links that lead to a month, a day or an hour of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from dashboard.charts.canvas import LIGHT, PADDING, THEMES, find_plot
from dashboard.frame import Frame
from look import figures

DAYS, HOURS = timedelta(days=62), timedelta(days=3)  # up to which length a period leads to its days, and to its hours
DAY, HOUR, MILLISECOND = timedelta(days=1), timedelta(hours=1), timedelta(milliseconds=1)
STEP = round(HOUR / MILLISECOND)
MOST_LINKS = 120
NARROW = THEMES["light-narrow"]
Plot = tuple[float, float]


class Readout(NamedTuple):
    """Where time lies in a chart's image; what its lines say of a moment is asked for (`Chart.read`)."""

    since: int  # the image's first and last moment, in milliseconds since 1970
    until: int
    first: int  # the first and the last moment that is drawn
    last: int
    plot: str  # where the plot begins and ends, as shares of the width: of the wide image, then of the narrow one
    step: int = STEP  # milliseconds from one point to the next
    columns: str = (
        "1 1"  # small charts beside each other, each with the whole time: on the wide image, on the narrow one
    )


class Zoom(NamedTuple):
    """A shorter stretch of the period."""

    label: str
    query: str


def make_readout(frame: Frame) -> Readout | None:
    """The read-out of the charts of a period; None for one hour alone."""
    start, end = frame.shown.start.hour, frame.shown.end.hour
    return None if start == end else lay_readout(start, end)


def lay_readout(first: datetime, last: datetime, step: timedelta = HOUR) -> Readout:
    """The read-out of a chart whose lines go from one moment to another, a little space on either side."""
    padding = (last - first) * PADDING
    return Readout(
        since=_stamp(first - padding),
        until=_stamp(last + padding),
        first=_stamp(first),
        last=_stamp(last),
        plot=_write_plots(find_plot(LIGHT), find_plot(NARROW)),
        step=round(step / MILLISECOND),
    )


def lay_whole(
    first: datetime, last: datetime, plots: tuple[Plot, Plot], *, step: timedelta = HOUR, columns: str = "1 1"
) -> Readout:
    """The same without that space, and with plots of its own: as shares of the width, or of a column of it."""
    return Readout(
        since=_stamp(first),
        until=_stamp(last),
        first=_stamp(first),
        last=_stamp(last),
        plot=_write_plots(*plots),
        step=round(step / MILLISECOND),
        columns=columns,
    )


def _write_plots(*plots: Plot) -> str:
    return " ".join(f"{share:.5f}" for plot in plots for share in plot)


def _stamp(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def make_zooms(frame: Frame) -> list[Zoom]:
    """The months of a long period, the days of a month, the hours of a few days; the newest first, at most MOST_LINKS."""
    since, until = frame.shown.start.hour, frame.shown.end.hour  # in UTC, where every hour is one: clocks are changed
    if until - since <= HOURS:
        hours = [until - HOUR * n for n in range((until - since) // HOUR)]
        return [Zoom(frame.display.minute(hour), "/explain/hour" + frame.view.query(hour=hour)) for hour in hours]
    start, end = frame.display.local(since), frame.display.local(until)
    step = _months if end - start > DAYS else _days
    found = [Zoom(label, "/" + _of_days(frame, first, last)) for label, first, last in step(start, end)]
    return found[::-1][:MOST_LINKS]


def _of_days(frame: Frame, first: datetime, last: datetime) -> str:
    return frame.view.query(**{"period": "", "from": first.date(), "to": last.date()})


def _months(start: datetime, end: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    first = start.replace(day=1, hour=0)
    while first <= end:
        following = (first + timedelta(days=32)).replace(day=1)
        yield figures.month(first), first, following - DAY
        first = following


def _days(start: datetime, end: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    day = start.replace(hour=0)
    while day <= end:
        yield figures.day(day), day, day
        day += DAY
