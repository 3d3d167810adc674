"""What the read-out script needs to know of a chart, and the links that lead to a month, a day or an hour of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from dashboard.charts.canvas import LIGHT, PADDING, THEMES, find_plot
from dashboard.frame import Frame
from dashboard.history.rates import USDT
from dashboard.performance import measure_lead
from look import figures

DAYS, HOURS = timedelta(days=62), timedelta(days=3)  # up to which length a period leads to its days, and to its hours
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOST_LINKS = 120
NARROW = THEMES["light-narrow"]


class Readout(NamedTuple):
    """Where time lies in a chart's image, and from what its lines start."""

    since: int  # the image's first and last moment, in milliseconds since 1970
    until: int
    first: int  # the period's first and last hour
    last: int
    plot: str  # where the plot begins and ends, as shares of the width: of the wide image, then of the narrow one
    lead: Decimal  # USDT the account was ahead before the period: the benchmark's line begins at the account's
    prices: str  # the unit prices that the changes in percent are measured from; empty without


class Zoom(NamedTuple):
    """A shorter stretch of the period."""

    label: str
    query: str


def make_readout(frame: Frame) -> Readout | None:
    """The read-out of the charts of a period; None for one hour alone, and in other currencies: it asks for JSON, which
    is in USDT."""
    start, end = frame.shown.start, frame.shown.end
    if end.hour == start.hour or frame.currency != USDT:
        return None
    padding = (end.hour - start.hour) * PADDING
    has_prices = start.from_price and start.benchmark_from_price
    return Readout(
        since=_stamp(start.hour - padding),
        until=_stamp(end.hour + padding),
        first=_stamp(start.hour),
        last=_stamp(end.hour),
        plot=" ".join(f"{share:.5f}" for theme in (LIGHT, NARROW) for share in find_plot(theme)),
        lead=measure_lead(start),
        prices=f"{start.from_price:f} {start.benchmark_from_price:f}" if has_prices else "",
    )


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
