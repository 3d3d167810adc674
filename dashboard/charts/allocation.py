"""What a portfolio was made up of through time: shares of the largest assets, the rest together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dashboard.charts.canvas import Theme, label_time, make_canvas
from dashboard.charts.track import place
from dashboard.history.allocation import AssetValue

REST = "other"
THIN = 0.035  # of the height: a band that is thinner at the end gets no name


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Shares of the whole at some moments; each column of `shares` adds up to one."""

    hours: tuple[datetime, ...]
    assets: tuple[str, ...]  # the largest at the bottom
    shares: NDArray[np.float64]  # assets x hours


def add_up(rows: Sequence[AssetValue], most: int) -> Allocation | None:
    """The shares of the `most - 1` assets that were worth most on average, and of the rest; None without any value.

    Debts (negative values) are left out: shares are of what is owned.
    """
    hours = sorted({row.hour for row in rows})
    assets = sorted({row.asset for row in rows})
    values = np.zeros((len(assets), len(hours)))
    row_of, column_of = ({name: index for index, name in enumerate(names)} for names in (assets, hours))
    for row in rows:
        values[row_of[row.asset], column_of[row.hour]] = max(row.value or 0, 0)
    whole = values.sum(axis=0)
    if not whole.any():
        return None
    shares = values[:, whole > 0] / whole[whole > 0]
    order = np.argsort(-shares.mean(axis=1), kind="stable")
    largest = order[: most - 1] if len(order) > most else order
    names = [assets[index] for index in largest]
    drawn = [shares[largest]]
    if len(largest) < len(order):
        names.append(REST)
        drawn.append(shares[order[len(largest) :]].sum(axis=0, keepdims=True))
    valued = tuple(hour for hour, value in zip(hours, whole, strict=True) if value > 0)
    return Allocation(hours=valued, assets=tuple(names), shares=np.concatenate(drawn))


def draw_allocation(allocation: Allocation, theme: Theme) -> Figure:
    """Bands from nothing to the whole, each named at its end."""
    figure, axes = make_canvas(theme, 3.2, "%")
    label_time(axes, theme)
    places = [place(hour) for hour in allocation.hours]
    colours = [theme.shades[index % len(theme.shades)] for index in range(len(allocation.assets))]
    axes.stackplot(places, allocation.shares * 100, colors=colours, linewidth=0, alpha=0.85)
    axes.set_ylim(0, 100)
    axes.margins(x=0)
    axes.grid(visible=False)
    _name_bands(axes, allocation, places[-1], theme)
    return figure


def _name_bands(axes: Axes, allocation: Allocation, end: float, theme: Theme) -> None:
    foot = 0.0
    for asset, share in zip(allocation.assets, allocation.shares[:, -1].tolist(), strict=True):
        middle = (foot + share / 2) * 100
        foot += share
        if share >= THIN:
            axes.annotate(
                f"{asset[:10]} {share:.0%}",
                (end, middle),
                xytext=(6, 0),
                textcoords="offset points",
                color=theme.text,
                fontsize=10,
                va="center",
                annotation_clip=False,
            )
