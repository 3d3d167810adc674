"""Charts as SVG, drawn for the eye: direct labels, visible gaps, two colours that everybody can tell apart."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

mpl.rcParams.update({"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 11, "path.simplify": True})
GAP = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of one appearance (blue and orange of Okabe and Ito)."""

    text: str
    faint: str
    grid: str
    account: str
    benchmark: str


THEMES = {
    "light": Theme(text="#1b1f24", faint="#5d6670", grid="#e3e5e8", account="#0060a8", benchmark="#b35900"),
    "dark": Theme(text="#e8eaed", faint="#a0a8b2", grid="#33383f", account="#6db7f2", benchmark="#f0a040"),
}


def draw_values(rows: Sequence[dict[str, Any]], flows: Sequence[dict[str, Any]], theme: Theme) -> bytes:
    """NAV of account and benchmark with a mark at each external flow."""
    figure, axes = _canvas(theme, 3.4)
    hours = [row["hour"] for row in rows]
    drawn = {"account": [_plot_value(row, "nav") for row in rows]}
    drawn["benchmark"] = [_plot_value(row, "benchmark_nav") for row in rows]
    for label, values in drawn.items():
        axes.plot(hours, values, color=getattr(theme, label), linewidth=1.6, solid_joinstyle="round")
    _label_ends(axes, hours, drawn, theme)
    _mark_flows(axes, flows, theme)
    return _finish(figure)


def draw_difference(rows: Sequence[dict[str, Any]], theme: Theme) -> bytes:
    """NAV minus benchmark, filled from zero."""
    figure, axes = _canvas(theme, 2.2)
    hours = [row["hour"] for row in rows]
    values = [_plot_value(row, "nav") - _plot_value(row, "benchmark_nav") for row in rows]
    axes.axhline(0, color=theme.faint, linewidth=0.8)
    axes.plot(hours, values, color=theme.text, linewidth=1.2)
    axes.fill_between(hours, values, 0, where=[v >= 0 for v in values], color=theme.account, alpha=0.25, linewidth=0)
    axes.fill_between(hours, values, 0, where=[v < 0 for v in values], color=theme.benchmark, alpha=0.25, linewidth=0)
    return _finish(figure)


def _plot_value(row: dict[str, Any], name: str) -> float:
    """A float for the drawing alone; an hour without a NAV breaks the line."""
    return GAP if row["unit_price"] is None or row[name] is None else float(row[name])


def _canvas(theme: Theme, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8.6, height), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.grid)
    axes.grid(axis="y", color=theme.grid, linewidth=0.8)
    axes.tick_params(colors=theme.faint, length=0, labelsize=11)
    locator = AutoDateLocator(maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.xaxis.get_offset_text().set_color(theme.faint)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")))
    return figure, axes


def _label_ends(axes: Axes, hours: Sequence[datetime], drawn: dict[str, list[float]], theme: Theme) -> None:
    """A name at the end of each line, moved apart where the lines end close to each other."""
    known = [index for index, value in enumerate(drawn["account"]) if value == value]  # noqa: PLR0124 - not NaN
    if not known:
        return
    ends = {label: values[known[-1]] for label, values in drawn.items()}
    low, high = axes.get_ylim()
    is_close = abs(ends["account"] - ends["benchmark"]) < 0.07 * (high - low)
    upper = max(ends, key=lambda label: ends[label])
    for label, value in ends.items():
        nudge = (7 if label == upper else -7) if is_close else 0
        axes.annotate(
            label,
            (hours[known[-1]], value),
            xytext=(6, nudge),
            textcoords="offset points",
            color=getattr(theme, label),
            va="center",
            annotation_clip=False,
        )


def _mark_flows(axes: Axes, flows: Sequence[dict[str, Any]], theme: Theme) -> None:
    counted = [f for f in flows if f["kind"] != "opening" and f["value"] is not None and f["occurred_at"]]
    for flow in counted:
        axes.axvline(flow["occurred_at"], color=theme.faint, linewidth=0.7, linestyle=(0, (2, 3)))
        marker = "^" if flow["value"] > 0 else "v"
        axes.plot(
            [flow["occurred_at"]], [0.02], marker, color=theme.text, markersize=6, transform=axes.get_xaxis_transform()
        )


def _finish(figure: Figure) -> bytes:
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()
