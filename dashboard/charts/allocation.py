"""What a portfolio was made up of through time: shares of the largest assets, the rest together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dashboard.charts.canvas import LINE, Theme, label_time, make_canvas, measure_height, spread
from dashboard.charts.track import place
from dashboard.display import USUAL, Display
from dashboard.history.allocation import AssetValue
from look import coins, figures

REST = "other"
MOST = 12  # bands: as many as names have room beside them
NAMES = 1.25  # inches for names at the right
LONGEST = 8  # letters of a name


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


def draw_allocation(allocation: Allocation, theme: Theme, display: Display = USUAL) -> Figure:
    """Bands from nothing to the whole, each in its coin's colour and named at its end."""
    figure, axes = make_canvas(theme, 3.2, "%", right=NAMES)
    label_time(axes, theme, display)
    places = [place(hour) for hour in allocation.hours]
    colours = [_colour(asset) for asset in allocation.assets]
    axes.stackplot(places, allocation.shares * 100, colors=colours, edgecolor=theme.ground, linewidth=0.6)
    axes.set_ylim(0, 100)
    axes.margins(x=0)
    axes.line = None
    _name_bands(axes, allocation, places[-1], theme)
    return figure


def _colour(asset: str) -> str:
    return coins.REST if asset == REST else coins.colour(asset)


def _name_bands(axes: Axes, allocation: Allocation, end: float, theme: Theme) -> None:
    """A name for every band, a line in its colour from one to the other; names keep off each other."""
    shares = dict(zip(allocation.assets, allocation.shares[:, -1].tolist(), strict=True))
    tops = dict(zip(shares, accumulate(shares.values()), strict=True))
    height = measure_height(axes)
    middles = {asset: (tops[asset] - share / 2) * height for asset, share in shares.items()}
    for asset, at in spread(middles, LINE, (0, height)).items():
        axes.annotate(
            f"{_shorten(asset)} {figures.whole_share(shares[asset])}",
            (end, middles[asset] / height * 100),
            xytext=(12, at - middles[asset]),
            textcoords="offset points",
            color=theme.text,
            fontsize=9,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": _colour(asset), "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 0},
        )


def _shorten(asset: str) -> str:
    return asset if len(asset) <= LONGEST else f"{asset[: LONGEST - 1]}…"
