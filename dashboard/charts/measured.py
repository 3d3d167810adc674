"""What measures look like: drawdown, rolling figures, the distribution of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from dashboard.charts.canvas import STEPS, NumberFormatter, Theme, label_ends, label_time, make_canvas, mark_hours
from dashboard.display import USUAL, Display
from finance.measures import Days, Depths, Rolling

COLUMNS = 400  # of pixels; each shows the highest and the lowest it covers
BINS = 41
PERCENT = 100
ROOM = 1.3  # times the highest bar: for the names above the bars
EDGE = 0.4  # inches at the right of a chart without names there: half of the last number below it

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Account and benchmark at the same moments."""

    at: NDArray[np.int64]  # epoch seconds
    account: Floats
    benchmark: Floats


def thin(at: NDArray[np.int64], account: Floats, benchmark: Floats) -> Lines:
    """At most two points a column of pixels: the moments where either line is lowest and highest; ends are included."""
    if at.size <= 2 * COLUMNS:
        return Lines(at=at, account=account, benchmark=benchmark)
    column = np.minimum((at - at[0]) * COLUMNS // (at[-1] - at[0]), COLUMNS - 1)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    bounds = [*starts.tolist(), at.size]
    chosen = {0, at.size - 1}
    for first, last in pairwise(bounds):
        chosen.add(first + int(np.argmin(np.nan_to_num(account[first:last], nan=np.inf))))
        chosen.add(first + int(np.argmin(np.nan_to_num(benchmark[first:last], nan=np.inf))))
    rows = np.array(sorted(chosen))
    return Lines(at=at[rows], account=account[rows], benchmark=benchmark[rows])


def thin_depths(depths: Depths) -> Lines:
    """The drawdowns of a period, with its lows."""
    return thin(depths.at, depths.account, depths.benchmark)


def draw_drawdown(lines: Lines, theme: Theme, display: Display = USUAL, marked: Sequence[datetime] = ()) -> Figure:
    """How far both are below their highest so far."""
    figure, axes = make_canvas(theme, 2.4, "%")
    label_time(axes, theme, display)
    places = _places(lines.at)
    axes.axhline(0, color=theme.faint, linewidth=0.8)
    axes.fill_between(places, lines.account * PERCENT, 0, color=theme.account, alpha=0.2, linewidth=0)
    _plot_pair(axes, lines, theme)
    mark_hours(axes, marked, theme)
    return figure


def draw_rolling(rolling: Rolling, theme: Theme, display: Display = USUAL, marked: Sequence[datetime] = ()) -> Figure:
    """Return over the window that ends at each day."""
    figure, axes = make_canvas(theme, 2.2, "%", signed=True)
    label_time(axes, theme, display)
    axes.axhline(0, color=theme.faint, linewidth=0.8)
    _plot_pair(axes, Lines(at=rolling.end, account=rolling.account_return, benchmark=rolling.benchmark_return), theme)
    mark_hours(axes, [hour for hour in marked if hour.timestamp() >= rolling.end[0]], theme)
    return figure


def draw_volatility(
    rolling: Rolling, theme: Theme, display: Display = USUAL, marked: Sequence[datetime] = ()
) -> Figure:
    """Volatility over the window that ends at each day, scaled to a year."""
    figure, axes = make_canvas(theme, 2.2, "%")
    label_time(axes, theme, display)
    lines = Lines(at=rolling.end, account=rolling.account_volatility, benchmark=rolling.benchmark_volatility)
    _plot_pair(axes, lines, theme, floor=0)
    mark_hours(axes, [hour for hour in marked if hour.timestamp() >= rolling.end[0]], theme)
    return figure


def draw_distribution(days: Days, theme: Theme) -> Figure:
    """How often a day ended with which return: the account's days filled, the benchmark's as a line."""
    figure, axes = make_canvas(theme, 2.4, right=EDGE)
    account, benchmark = days.account * PERCENT, days.benchmark[days.paired] * PERCENT
    reach = max(np.abs(account).max(initial=0), np.abs(benchmark).max(initial=0)) or 1
    edges = np.linspace(-reach, reach, BINS + 1)
    counts, outline = np.histogram(account, edges)[0], np.histogram(benchmark, edges)[0]
    axes.stairs(counts, edges, fill=True, color=theme.account, alpha=0.45, linewidth=0)
    axes.stairs(outline, edges, color=theme.benchmark, linewidth=1.5)
    axes.axvline(0, color=theme.faint, linewidth=0.8)
    axes.set_ylim(top=max(counts.max(), outline.max(), 1) * ROOM)
    axes.xaxis.set_major_locator(MaxNLocator(5 if theme.is_narrow else 9, steps=STEPS))
    axes.xaxis.set_major_formatter(NumberFormatter("%", signed=True))
    for name, colour, height in (("account", theme.account, 0.94), ("benchmark", theme.benchmark, 0.83)):
        axes.annotate(name, (0.99, height), xycoords="axes fraction", ha="right", va="center", color=colour)
    return figure


def _plot_pair(axes: Axes, lines: Lines, theme: Theme, floor: float | None = None) -> None:
    places = _places(lines.at)
    ends = {}
    for name, colour in (("benchmark", theme.benchmark), ("account", theme.account)):
        values = getattr(lines, name) * PERCENT
        axes.plot(places, values, color=colour, linewidth=1.3)
        known = np.flatnonzero(np.isfinite(values))
        if known.size:
            ends[name] = (places[-1].item(), values[known[-1]].item())
    if floor is not None:
        axes.set_ylim(bottom=floor)
    label_ends(
        axes,
        ends,
        {"account": theme.account, "benchmark": theme.benchmark},
        {"account": "account", "benchmark": "benchmark"},
    )


def _places(at: NDArray[np.int64]) -> Floats:
    places: Floats = date2num(at.astype("datetime64[s]"))
    return places
