"""The paper of every chart: appearance, axes, names at the ends of lines, and the way to SVG."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from dashboard.charts.paper import GAP, Paper
from dashboard.charts.svg_lines import shorten_lines
from dashboard.charts.track import place
from dashboard.display import USUAL, Display
from look.figures import MINUS, THIN

mpl.rcParams.update({
    "svg.fonttype": "none",
    "svg.hashsalt": "monitor",
    "font.family": "sans-serif",
    "font.size": 11,
    "path.simplify": True,
    "text.parse_math": False,  # names from outside are names
})  # fmt: skip
TAG = re.compile(r"<[^>]+>")
TOO_EXACT = re.compile(r"(?<=\.\d\d)\d+")
FONTS = re.compile(r"font-family: [^;\"]+sans-serif")
LEFT, RIGHT, TOP, BOTTOM = 0.78, 0.98, 0.08, 0.28  # inches: eight figures at the left, a name at the right
POINTS = 72  # to an inch
STEPS = (1, 2, 2.5, 5, 10)  # between the numbers at an axis: those that people count in
MOST_DECIMALS = 6
DAY_FORMATS = ("%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S.%f")  # of years, months, days, hours, minutes, seconds
FIRST_FORMATS = ("", "%Y", "%m-%d", "%m-%d", "%H:%M", "%H:%M")  # where the next larger one begins
PADDING = 0.005  # of a chart's time, on either side of it
LEAST_SPAN = 0.02  # between the lowest and the highest number of an axis: cents matter, what is smaller does not
LEAST_SHARE = 0.001  # the same as a share of the numbers: more figures have no room beside a chart
FEW_MARKS = 24
HEAD = (1.03, 0.98)  # of a plot's height: where a mark at its head begins and ends, off the lines
LINE = 13.0  # points from one name to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of one appearance (blue and orange of Okabe and Ito), and a width."""

    text: str
    faint: str
    grid: str
    ground: str
    account: str
    benchmark: str
    alarm: str
    width: float = 8.6  # inches; 100 pixels each on the page

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width < 5


LIGHT = Theme(
    text="#1b1f24", faint="#5d6670", grid="#dfe2e5", ground="#fcfcfb", account="#0060a8", benchmark="#b35900",
    alarm="#a3121f",
)  # fmt: skip
DARK = Theme(
    text="#e8eaed", faint="#a0a8b2", grid="#33383f", ground="#14171a", account="#6db7f2", benchmark="#f0a040",
    alarm="#ff8a80",
)  # fmt: skip
THEMES = {
    "light": LIGHT,
    "dark": DARK,
    "light-narrow": replace(LIGHT, width=4.2),
    "dark-narrow": replace(DARK, width=4.2),
}


class NumberLocator(MaxNLocator):
    """Where the numbers at an axis stand: not so close to each other that they would need more figures than have room."""

    def nonsingular(self, v0: float, v1: float) -> tuple[float, float]:
        """The ends of the axis, moved apart where nothing but dust lies between them."""
        missing = max(LEAST_SPAN, LEAST_SHARE * max(abs(v0), abs(v1))) - (v1 - v0)
        if not v0 < v1 or missing <= 0:
            ends: tuple[float, float] = super().nonsingular(v0, v1)
            return ends
        return v0 - missing / 2, v1 + missing / 2


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
        unit = f"{THIN if self._unit else ''}{self._unit}"
        signs = [("+" if value > 0 else "") if self._signed else "" for value in scaled]
        texts = [
            f"0{unit}" if is_large and not value else f"{sign}{value:,.{decimals}f}{'M' if is_large else ''}{unit}"
            for sign, value in zip(signs, scaled, strict=True)
        ]
        return [text.replace("-", MINUS) for text in texts]


def _count_decimals(values: Sequence[float]) -> int:
    """As many as the one with the most of them needs."""
    enough = (n for n in range(MOST_DECIMALS) if all(abs(value - round(value, n)) < 1e-9 for value in values))
    return next(enough, MOST_DECIMALS)


def make_canvas(
    theme: Theme, height: float, unit: str = "", *, right: float = RIGHT, signed: bool = False
) -> tuple[Figure, Paper]:
    """A figure with quiet axes; `unit` follows every number at the side, `right` inches are left for names.

    Margins are the same in every chart, so that charts above each other share their time.
    """
    figure = Figure(figsize=(theme.width, height))
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0)
    width, depth = theme.width - LEFT - right, height - BOTTOM - TOP
    axes = Paper(figure, (LEFT / theme.width, BOTTOM / height, width / theme.width, depth / height))
    figure.add_axes(axes)
    axes.ink, axes.below_ink, axes.line = theme.faint, theme.faint, theme.grid
    axes.patch.set_alpha(0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.grid)
    axes.yaxis.set_major_locator(NumberLocator(5, steps=STEPS))
    axes.yaxis.set_major_formatter(NumberFormatter(unit, signed=signed))
    axes.margins(x=PADDING)
    return figure, axes


def limit_time(axes: Axes, since: datetime, until: datetime) -> None:
    """Let the bottom go from `since` to `until` and a little beyond, whatever is drawn; a moment alone is left as it is."""
    if until > since:
        padding = (until - since) * PADDING
        axes.set_xlim(place(since - padding), place(until + padding))


def find_plot(theme: Theme, right: float = RIGHT) -> tuple[float, float]:
    """Where the plot begins and ends, as shares of a chart's width."""
    return LEFT / theme.width, (theme.width - right) / theme.width


def label_time(axes: Axes, theme: Theme, display: Display = USUAL) -> None:
    """Times along the bottom, by the reader's clock: hours, days or months, and the day, month or year where it begins."""
    locator = AutoDateLocator(minticks=2 if theme.is_narrow else 3, maxticks=5 if theme.is_narrow else 7, tz=display.tz)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(_format_dates(locator, display.tz))


def _format_dates(locator: AutoDateLocator, zone: tzinfo) -> ConciseDateFormatter:
    return ConciseDateFormatter(locator, formats=DAY_FORMATS, zero_formats=FIRST_FORMATS, show_offset=False, tz=zone)


def label_ends(
    axes: Axes, ends: Mapping[str, tuple[float, float]], colours: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """A name at the end of each line, moved apart where lines end close to each other."""
    low, high = axes.get_ylim()
    height = measure_height(axes)
    heights = {name: (value - low) / (high - low) * height for name, (_, value) in ends.items()}
    for name, at in spread(heights, LINE, (LINE / 2, height - LINE / 2)).items():
        axes.annotate(
            names[name],
            ends[name],
            xytext=(6, at - heights[name]),
            textcoords="offset points",
            color=colours[name],
            va="center",
            fontsize=10,
            annotation_clip=False,
        )


def mark_hours(axes: Axes, hours: Sequence[datetime], theme: Theme) -> None:
    """A stroke at the head of the plot at each of the hours, and a thin one down from it as long as they are few; the page
    says what they are. One line with breaks: a thousand markers of their own would weigh more than the chart."""
    places = [at for hour in hours for at in (place(hour),) * 3]
    style: dict[str, Any] = {
        "color": theme.alarm,
        "solid_capstyle": "butt",
        "transform": axes.get_xaxis_transform(),
        "clip_on": False,
    }
    if hours:
        axes.plot(places, [*HEAD, GAP] * len(hours), linewidth=2.4, **style)
    if 0 < len(hours) <= FEW_MARKS:
        axes.plot(places, [HEAD[1], 0, GAP] * len(hours), linewidth=0.7, **style)


def measure_height(axes: Axes) -> float:
    """How high a plot is, in points."""
    figure = axes.get_figure(root=True)
    assert figure
    return axes.get_position().height * figure.get_figheight() * POINTS


def spread(heights: Mapping[str, float], apart: float, ends: tuple[float, float]) -> dict[str, float]:
    """Heights for names, as near to those wanted as `apart` from each other allows, between both `ends`."""
    places: dict[str, float] = {}
    floor, ceiling = ends
    for name in sorted(heights, key=heights.__getitem__):
        places[name] = max(heights[name], floor)
        floor = places[name] + apart
    for name in reversed(places):
        places[name] = min(places[name], ceiling)
        ceiling = places[name] - apart
    return places


def finish(figure: Figure) -> bytes:
    """The drawing as SVG, the same bytes for the same facts: places to a hundredth of a point, the reader's own font."""
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = TAG.sub(_shorten, drawn.getvalue())  # not the numbers at the axes
    return FONTS.sub("font-family: system-ui, 'Liberation Sans', sans-serif", text).encode()


def _shorten(tag: re.Match[str]) -> str:
    return shorten_lines(TOO_EXACT.sub("", tag[0]).replace(" \nL ", "L"))
