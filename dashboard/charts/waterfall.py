"""A change as a waterfall: from one figure to another over the parts between them, each named and with its amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from dashboard.charts.canvas import Theme, make_canvas
from dashboard.display import USUAL, Display

ROW, MARGIN = 0.34, 0.16  # inches
NAMES, NAMES_NARROW = 2.3, 1.55  # inches for names at the left, at least
LONG = 100_000  # USDT: on a phone larger ones are written short
FIGURE, LETTER, EDGE = (
    0.09,
    0.08,
    0.15,
)  # inches beside the bars: for each figure of an amount, each letter of a name, and more


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """What is drawn: where it starts, its parts, where that leads. The ends are levels, not bars from zero."""

    start: tuple[str, Decimal]
    parts: Sequence[tuple[str, Decimal]]
    end: str
    neutral: tuple[str, ...] = ()  # parts that are neither gain nor loss
    display: Display = USUAL
    is_difference: bool = False  # what it leads to is written with a sign

    @property
    def levels(self) -> list[Decimal]:
        """The level before the first part, and after each."""
        return list(accumulate((amount for _, amount in self.parts), initial=self.start[1]))

    @property
    def result(self) -> str:
        """Where it leads, as it is written."""
        return (self.display.signed_money if self.is_difference else self.display.money)(self.levels[-1])

    @property
    def amounts(self) -> list[Decimal]:
        """All that is written."""
        return [*self.levels, *(amount for _, amount in self.parts)]

    @property
    def height(self) -> int:
        """Pixels that its rows need."""
        return round(100 * ((len(self.parts) + 2) * ROW + MARGIN))


def describe(fall: Waterfall) -> str:
    """The figures in words."""
    parts = ", ".join(f"{name} {fall.display.signed_money(amount)}" for name, amount in fall.parts)
    return (
        f"Waterfall from {fall.display.money(fall.start[1])} {fall.display.currency} ({fall.start[0]}) to "
        f"{fall.result} {fall.display.currency} "
        f"({fall.end}): {parts}."
    )


def draw_waterfall(fall: Waterfall, theme: Theme) -> Figure:
    """One row for each part, from top to bottom."""
    rows = [fall.start[0], *(name for name, _ in fall.parts), fall.end]
    height, names = fall.height / 100, max(NAMES_NARROW if theme.is_narrow else NAMES, _measure(rows, LETTER))
    figure, axes = make_canvas(theme, height)
    axes.set_position((names / theme.width, 0, (theme.width - names - 0.05) / theme.width, 1))
    levels = [float(level) for level in fall.levels]
    is_short = theme.is_narrow and max(map(abs, fall.amounts)) >= LONG
    write = fall.display.compact if is_short else fall.display.signed_money
    left = _measure([write(amount) for _, amount in fall.parts if amount < 0])
    right = _measure([write(amount) for amount in fall.amounts])
    inch = (max(levels) - min(levels) or 1) / (theme.width - names - left - right)
    axes.set_xlim(min(levels) - left * inch, max(levels) + right * inch)
    axes.set_ylim(len(fall.parts) + 1.6, -0.6)
    axes.spines["bottom"].set_visible(False)
    axes.line, axes.ink = None, theme.text
    axes.xaxis.set_major_locator(NullLocator())
    axes.yaxis.set_major_locator(FixedLocator(range(len(rows))))
    axes.yaxis.set_major_formatter(FixedFormatter(rows))
    start, end = fall.start[1], fall.levels[-1]
    _draw_end(
        axes,
        0,
        levels[0],
        fall.display.compact(start, is_change=False) if is_short else fall.display.money(start),
        theme,
    )
    for row, (name, amount) in enumerate(fall.parts, start=1):
        colour = theme.faint if name in fall.neutral else theme.account if amount > 0 else theme.benchmark
        _draw_part(axes, row, (levels[row - 1], levels[row]), write(amount), colour, theme)
    result = fall.display.compact(end, is_change=fall.is_difference) if is_short else fall.result
    _draw_end(axes, len(levels), levels[-1], result, theme)
    return figure


def _measure(texts: Sequence[str], wide: float = FIGURE) -> float:
    """Inches that the longest text needs beside the bars, each character of it so `wide`."""
    return EDGE + wide * max(map(len, texts), default=0)


def _draw_end(axes: Axes, row: int, level: float, text: str, theme: Theme) -> None:
    axes.plot([level, level], [row - 0.36, row + 0.36], color=theme.text, linewidth=2.5, solid_capstyle="butt")
    _write(axes, row, level, text, theme.text, to_right=True)


def _draw_part(axes: Axes, row: int, ends: tuple[float, float], text: str, colour: str, theme: Theme) -> None:
    axes.plot([ends[0], ends[0]], [row - 1 + 0.36, row - 0.36], color=theme.faint, linewidth=0.8)
    axes.barh(row, ends[1] - ends[0], left=ends[0], height=0.72, color=colour, linewidth=0)
    axes.plot([ends[1], ends[1]], [row + 0.36, row + 1 - 0.36], color=theme.faint, linewidth=0.8)
    is_gain = ends[1] > ends[0]
    edge = max(ends) if is_gain else min(ends)
    _write(axes, row, edge, text, colour, to_right=is_gain)


def _write(axes: Axes, row: int, at: float, text: str, colour: str, *, to_right: bool) -> None:
    axes.annotate(text, (at, row), xytext=(6 if to_right else -6, 0), textcoords="offset points", va="center",
                  ha="left" if to_right else "right", color=colour, fontsize=10)  # fmt: skip
