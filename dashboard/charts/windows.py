"""A week of every symbol beside each other: small charts that share their time, each on a scale of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from dashboard.charts.canvas import GAP, Theme
from dashboard.charts.track import place
from look import figures

COLUMNS, NARROW_COLUMNS = 4, 2
CELL_HEIGHT, FOOT = 1.15, 0.05  # inches
LONGEST = 11  # letters of a symbol: beside it stands how far it went
HOUR = timedelta(hours=1)
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
    """One small chart a symbol: its name, its change over the week, its line."""
    columns = NARROW_COLUMNS if theme.is_narrow else COLUMNS
    rows = -(-len(closes.symbols) // columns)
    height = rows * CELL_HEIGHT + FOOT
    figure = Figure(figsize=(theme.width, height))
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0)
    for index, (symbol, points) in enumerate(closes.symbols.items()):
        row, column = divmod(index, columns)
        left, foot = (column + 0.03) / columns, (height - (row + 1) * CELL_HEIGHT + 0.12) / height
        axes = figure.add_axes((left, foot, 0.90 / columns, 0.68 * CELL_HEIGHT / height))
        _draw_symbol(axes, symbol, points, theme)
        axes.set_xlim(place(closes.since), place(closes.until))
    return figure


def _draw_symbol(axes: Axes, symbol: str, points: Sequence[Point], theme: Theme) -> None:
    axes.patch.set_alpha(0)
    axes.set_axis_off()
    first, last = points[0][1], points[-1][1]
    change = figures.percent(last / first - 1)
    colour = {"ahead": theme.account, "behind": theme.benchmark}.get(figures.tone(change), theme.faint)
    axes.axhline(first, color=theme.grid, linewidth=0.8)
    axes.plot(*_break(points), color=colour, linewidth=1.2)
    axes.annotate(
        symbol if len(symbol) <= LONGEST else f"{symbol[: LONGEST - 1]}…",
        (0, 1.06),
        xycoords="axes fraction",
        color=theme.text,
        fontsize=9.5,
    )
    axes.annotate(change, (1, 1.06), xycoords="axes fraction", color=colour, fontsize=9.5, ha="right")


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
