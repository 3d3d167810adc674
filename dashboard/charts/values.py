"""NAV of account and benchmark, and the difference between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dashboard.charts.canvas import Theme, label_ends, label_time, limit_time, make_canvas, mark_hours
from dashboard.charts.track import Line, grow, place, reconstructed, shift, trace
from dashboard.display import USUAL, Display
from dashboard.frame import Span
from dashboard.history.slices import Slice
from dashboard.performance import measure_lead

FEW_FLOWS = 24
BELOW_WORD = 0.91  # of the height: marks of flows end there
HEADROOM = 0.1  # of the height, above what is highest, for the word in the corner
LATE = 0.6  # of the width: a name that begins there would run into those at the right


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What both charts are drawn from."""

    slices: Sequence[Slice]
    span: Span
    flows: Sequence[dict[str, Any]]  # `at` and `value`
    is_percent: bool = False  # the slices are of the prices of a unit
    display: Display = USUAL
    marked: Sequence[datetime] = ()  # hours whose change no record explains

    @property
    def pair(self) -> dict[str, Line]:
        """Account and benchmark from one start: in USDT from the account's, in percent from zero.

        What the account was ahead before the period is no part of the benchmark's line in it.
        """
        start = self.span.start
        if self.is_percent:
            assert start.from_price and start.benchmark_from_price
            return {
                "account": grow(self.line("account", "unit_price"), start.from_price),
                "benchmark": grow(self.line("benchmark", "benchmark_unit_price"), start.benchmark_from_price),
            }
        benchmark = shift(self.line("benchmark", "benchmark_nav"), measure_lead(start))
        return {"account": self.line("account", "nav"), "benchmark": benchmark}

    def line(self, name: str, column: str) -> Line:
        """The line of a slice's `name`, with exact ends from the hour's `column`."""
        start, end = self.span.start, self.span.end
        return trace(self.slices, name, (start.hour, getattr(start, column)), (end.hour, getattr(end, column)))


def draw_values(values: Values, theme: Theme) -> Figure:
    """NAV of account and benchmark with a mark at each external flow."""
    figure, axes = make_canvas(theme, 3.4, "%" if values.is_percent else "", signed=values.is_percent)
    label_time(axes, theme, values.display)
    lines = values.pair
    colours = {"account": theme.account, "benchmark": theme.benchmark}
    for name, line in lines.items():
        axes.plot(line.places, line.values, color=colours[name], linewidth=1.5, solid_joinstyle="round")
    label_ends(
        axes,
        {name: (line.places[-1], line.values[-1]) for name, line in lines.items()},
        colours,
        {name: name for name in lines},
    )
    limit_time(axes, values.span.start.hour, values.span.end.hour)
    _shade_reconstructed(axes, reconstructed(values.slices), theme)
    _mark_flows(axes, values.flows, theme)
    mark_hours(axes, values.marked, theme)
    return figure


def draw_difference(values: Values, theme: Theme) -> Figure:
    """What the account gained more than the benchmark since the start, filled from zero, the last value at its end."""
    figure, axes = make_canvas(theme, 2.2, signed=True)
    label_time(axes, theme, values.display)
    start, end = values.span.start, values.span.end
    first, last = measure_lead(start), measure_lead(end)
    line = shift(trace(values.slices, "difference", (start.hour, first), (end.hour, last)), -first)
    heights, places = line.values, line.places
    axes.axhline(0, color=theme.faint, linewidth=0.8)
    axes.plot(places, heights, color=theme.text, linewidth=1.1)
    for side, colour in ((1, theme.account), (-1, theme.benchmark)):
        where = [height * side >= 0 for height in heights]
        axes.fill_between(places, heights, 0, where=where, color=colour, alpha=0.28, linewidth=0, interpolate=True)
    label_ends(axes, {"": (places[-1], heights[-1])}, {"": theme.text}, {"": values.display.compact(last - first)})
    limit_time(axes, start.hour, end.hour)
    mark_hours(axes, values.marked, theme)
    return figure


def _shade_reconstructed(axes: Axes, stretches: Sequence[tuple[float, float]], theme: Theme) -> None:
    for index, (first, last) in enumerate(stretches):
        axes.axvspan(first, last, color=theme.grid, alpha=0.55, linewidth=0, zorder=0)
        if index == 0:
            begin, end = axes.get_xlim()
            is_late = first - begin > LATE * (end - begin)
            at, side, offset = (last, "right", -4) if is_late else (first, "left", 4)
            low, high = axes.get_ylim()
            axes.set_ylim(low, high + HEADROOM * (high - low))  # no line runs through the word
            axes.annotate("reconstructed", (at, 1), xycoords=("data", "axes fraction"), xytext=(offset, -10), textcoords="offset points", ha=side, color=theme.faint, fontsize=9)  # fmt: skip


def _mark_flows(axes: Axes, flows: Sequence[dict[str, Any]], theme: Theme) -> None:
    """A triangle at each flow's moment; a line up to the curves as long as there are few."""
    size = 6 if len(flows) <= FEW_FLOWS else 3.5
    came = [place(flow["at"]) for flow in flows if flow["value"] > 0]
    went = [place(flow["at"]) for flow in flows if not flow["value"] > 0]
    if len(flows) <= FEW_FLOWS:
        for at in [*came, *went]:
            axes.axvline(at, ymax=BELOW_WORD, color=theme.faint, linewidth=0.7, linestyle=(0, (2, 3)))
    for marker, places in (("^", came), ("v", went)):
        heights = [0.025] * len(places)
        axes.plot(places, heights, marker, color=theme.text, markersize=size, transform=axes.get_xaxis_transform())
