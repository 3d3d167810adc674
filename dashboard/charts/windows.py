"""A week of every symbol beside each other: small charts that share their time, each on a scale of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from dashboard.charts.canvas import Theme
from dashboard.charts.paper import GAP
from dashboard.charts.track import place
from look import figures

COLUMNS, NARROW_COLUMNS = 4, 2
CELL_HEIGHT, FOOT = 1.15, 0.05  # inches
PLOT = (0.03, 0.93)  # where a line begins and ends, as shares of a column's width
PLOT_HEIGHT = 0.68 * CELL_HEIGHT
MARGIN = 0.05  # of a line's height, above and below it
LONGEST = 11  # letters of a symbol: beside it stands how far it went
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Point = tuple[datetime, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closes:
    """The closes of symbols over the same days, oldest first."""

    since: datetime
    until: datetime
    symbols: Mapping[str, Sequence[Point]]


def measure_height(symbols: int) -> int:
    """How high the drawing of so many symbols is on a wide page, in pixels."""
    return round(100 * (-(-symbols // COLUMNS) * CELL_HEIGHT + FOOT))


def draw_windows(closes: Closes, theme: Theme) -> Figure:
    """One small chart a symbol: its name, its change over the week, its line.

    All of them are in one pair of axes, in inches: a pair for each takes three times as long.
    """
    columns = NARROW_COLUMNS if theme.is_narrow else COLUMNS
    height = -(-len(closes.symbols) // columns) * CELL_HEIGHT + FOOT
    figure = Figure(figsize=(theme.width, height))
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, theme.width)
    axes.set_ylim(0, height)
    width = theme.width / columns
    for index, (symbol, points) in enumerate(closes.symbols.items()):
        row, column = divmod(index, columns)
        left, foot = (column + PLOT[0]) * width, height - (row + 1) * CELL_HEIGHT + 0.12
        cell = _Cell(left=left, foot=foot, width=(PLOT[1] - PLOT[0]) * width, since=closes.since, until=closes.until)
        _draw_symbol(axes, cell, symbol, points, theme)
    return figure


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """The room of a small chart, in inches, and its time."""

    left: float
    foot: float
    width: float
    since: datetime
    until: datetime

    @property
    def head(self) -> float:
        """Where names stand, above the line."""
        return self.foot + 1.06 * PLOT_HEIGHT

    def trace(self, points: Sequence[Point]) -> tuple[list[float], list[float], float]:
        """The line, as high as the cell and broken where an hour is missing, and the height of its first value."""
        low, high = min(value for _, value in points), max(value for _, value in points)
        scale = PLOT_HEIGHT / ((high - low) * (1 + 2 * MARGIN)) if high > low else 0.0
        middle = self.foot + PLOT_HEIGHT / 2
        span = (self.until - self.since) / self.width
        places, heights = _break(points)
        along = [self.left + (at - place(self.since)) * DAY / span for at in places]
        return (
            along,
            [middle + (value - (low + high) / 2) * scale for value in heights],
            middle + (points[0][1] - (low + high) / 2) * scale,
        )


def _draw_symbol(axes: Axes, cell: _Cell, symbol: str, points: Sequence[Point], theme: Theme) -> None:
    change = figures.percent(points[-1][1] / points[0][1] - 1)
    colour = {"ahead": theme.account, "behind": theme.benchmark}.get(figures.tone(change), theme.faint)
    places, heights, start = cell.trace(points)
    right = cell.left + cell.width
    axes.plot([cell.left, right], [start, start], color=theme.grid, linewidth=0.8)
    axes.plot(places, heights, color=colour, linewidth=1.2)
    name = symbol if len(symbol) <= LONGEST else f"{symbol[: LONGEST - 1]}…"
    axes.annotate(name, (cell.left, cell.head), color=theme.text, fontsize=9.5)
    axes.annotate(change, (right, cell.head), color=colour, fontsize=9.5, ha="right")


def _break(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    """Places and values, broken where an hour is missing."""
    places, values = [], []
    before = points[0][0]
    for hour, close in points:
        if hour - before > HOUR:
            places.append(place(before))
            values.append(GAP)
        places.append(place(hour))
        values.append(close)
        before = hour
    return places, values
