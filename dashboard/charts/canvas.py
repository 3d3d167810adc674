"""The paper of every chart: appearance, axes, names at the ends of lines, and the way to SVG."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from look.figures import MINUS, THIN

mpl.rcParams.update({
    "svg.fonttype": "none",
    "svg.hashsalt": "monitor",
    "font.family": "sans-serif",
    "font.size": 11,
    "path.simplify": True,
    "text.parse_math": False,  # names from outside are names
})  # fmt: skip
TOO_EXACT = re.compile(r"(\.\d\d)\d+")
FONTS = re.compile(r"font-family: [^;\"]+sans-serif")
GAP = float("nan")
LEFT, RIGHT, TOP, BOTTOM = 0.68, 0.98, 0.08, 0.28  # inches
STEPS = (1, 2, 2.5, 5, 10)  # between the numbers at an axis: those that people count in
MOST_DECIMALS = 6
DAY_FORMATS = ("%Y", "%b", "%-d %b", "%H:%M", "%H:%M", "%S.%f")  # of years, months, days, hours, minutes, seconds
FIRST_FORMATS = ("", "%Y", "%-d %b", "%-d %b", "%H:%M", "%H:%M")  # where the next larger one begins
PADDING = 0.005  # of a chart's time, on either side of it
NEAR = 0.08  # of the height: ends closer than that have their names moved apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of one appearance (blue and orange of Okabe and Ito, and companions for many assets), and a width."""

    text: str
    faint: str
    grid: str
    account: str
    benchmark: str
    shades: tuple[str, ...]
    width: float = 8.6  # inches; 100 pixels each on the page

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width < 5


LIGHT = Theme(
    text="#1b1f24", faint="#5d6670", grid="#dfe2e5", account="#0060a8", benchmark="#b35900",
    shades=("#0060a8", "#e08a1e", "#00806a", "#a94f8a", "#5ca8dc", "#8a7a00", "#98a1ab"),
)  # fmt: skip
DARK = Theme(
    text="#e8eaed", faint="#a0a8b2", grid="#33383f", account="#6db7f2", benchmark="#f0a040",
    shades=("#6db7f2", "#f0a040", "#3ecba8", "#e08fc3", "#3a7fb5", "#d8c64a", "#6f7984"),
)  # fmt: skip
THEMES = {
    "light": LIGHT,
    "dark": DARK,
    "light-narrow": replace(LIGHT, width=4.2),
    "dark-narrow": replace(DARK, width=4.2),
}


class NumberFormatter(Formatter):
    """Writes the numbers at an axis, all with the same decimals; `signed` ones are changes or differences."""

    def __init__(self, unit: str, *, signed: bool) -> None:
        self._unit, self._signed = unit, signed

    def __call__(self, value: float, pos: int | None = None) -> str:
        """One number alone."""
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """All numbers of an axis."""
        is_large = max((abs(value) for value in values), default=0) >= 1e6
        scaled = [(value / 1e6 if is_large else value) + 0.0 for value in values]  # no minus at a zero
        decimals = _count_decimals(scaled)
        tail = f"{'M' if is_large else ''}{THIN if self._unit else ''}{self._unit}"
        signs = [("+" if value > 0 else "") if self._signed else "" for value in scaled]
        texts = [f"{sign}{value:,.{decimals}f}{tail}" for sign, value in zip(signs, scaled, strict=True)]
        return [text.replace("-", MINUS) for text in texts]


def _count_decimals(values: Sequence[float]) -> int:
    """As many as the one with the most of them needs."""
    enough = (n for n in range(MOST_DECIMALS) if all(abs(value - round(value, n)) < 1e-9 for value in values))
    return next(enough, MOST_DECIMALS)


def make_canvas(
    theme: Theme, height: float, unit: str = "", *, labels: bool = True, signed: bool = False
) -> tuple[Figure, Axes]:
    """A figure with quiet axes; `unit` follows every number at the side, `labels` leaves room for names at the right.

    Margins are the same in every chart, so that charts above each other share their time.
    """
    figure = Figure(figsize=(theme.width, height))
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0)
    right = RIGHT if labels else 0.1
    axes = figure.add_axes((
        LEFT / theme.width,
        BOTTOM / height,
        (theme.width - LEFT - right) / theme.width,
        (height - BOTTOM - TOP) / height,
    ))  # fmt: skip
    axes.patch.set_alpha(0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.grid)
    axes.grid(axis="y", color=theme.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=theme.faint, length=0, labelsize=10)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
    axes.yaxis.set_major_formatter(NumberFormatter(unit, signed=signed))
    axes.margins(x=PADDING)
    return figure, axes


def limit_time(axes: Axes, since: datetime, until: datetime) -> None:
    """Let the bottom go from `since` to `until` and a little beyond, whatever is drawn; a moment alone is left as it is."""
    if until > since:
        padding = (until - since) * PADDING
        axes.set_xlim(float(date2num(since - padding)), float(date2num(until + padding)))


def find_plot(theme: Theme) -> tuple[float, float]:
    """Where the plot begins and ends, as shares of a chart's width."""
    return LEFT / theme.width, (theme.width - RIGHT) / theme.width


def label_time(axes: Axes, theme: Theme) -> None:
    """Times along the bottom: hours, days or months, and the day, month or year where it begins."""
    locator = AutoDateLocator(minticks=2 if theme.is_narrow else 3, maxticks=5 if theme.is_narrow else 7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(_format_dates(locator))


def _format_dates(locator: AutoDateLocator) -> ConciseDateFormatter:
    return ConciseDateFormatter(locator, formats=DAY_FORMATS, zero_formats=FIRST_FORMATS, show_offset=False)


def label_ends(
    axes: Axes, ends: Mapping[str, tuple[float, float]], colours: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """A name at the end of each line, moved apart where two lines end close to each other."""
    low, high = axes.get_ylim()
    upper = max(ends, key=lambda name: ends[name][1], default="")
    values = [value for _, value in ends.values()]
    is_close = len(values) > 1 and max(values) - min(values) < NEAR * (high - low)
    for name, (at, value) in ends.items():
        nudge = (7 if name == upper else -7) if is_close else 0
        axes.annotate(
            names[name],
            (at, value),
            xytext=(6, nudge),
            textcoords="offset points",
            color=colours[name],
            va="center",
            fontsize=10,
            annotation_clip=False,
        )


def finish(figure: Figure) -> bytes:
    """The drawing as SVG, the same bytes for the same facts: places to a hundredth of a point, the reader's own font."""
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = TOO_EXACT.sub(r"\1", drawn.getvalue())
    return FONTS.sub("font-family: system-ui, 'Liberation Sans', sans-serif", text).encode()
