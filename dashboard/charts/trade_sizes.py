"""How many trades ended with which net: those that lost at the left, those that won at the right."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dashboard.charts.canvas import STEPS, NumberFormatter, Theme, make_canvas

BINS = 20  # on either side of zero
ROOM = 1.12  # above the highest
EDGE = 0.1  # inches: no name at the right


class TradeSizes(NamedTuple):
    """Nets of closed trades, in USDT or in multiples of what each risked."""

    values: Sequence[Decimal]
    unit: str  # R, or empty


def draw_trade_sizes(sizes: TradeSizes, theme: Theme) -> Figure:
    """A histogram around zero."""
    figure, axes = make_canvas(theme, 2.0, right=EDGE)
    values = np.array([float(value) for value in sizes.values])
    reach = np.abs(values).max() or 1
    edges = np.linspace(-reach, reach, 2 * BINS + 1)
    counts = np.histogram(values, edges)[0]
    for kept, colour in ((edges[:-1] < 0, theme.benchmark), (edges[:-1] >= 0, theme.account)):
        axes.stairs(np.where(kept, counts, 0), edges, fill=True, color=colour, alpha=0.6, linewidth=0)
    axes.axvline(0, color=theme.faint, linewidth=0.8)
    axes.set_ylim(0, counts.max() * ROOM)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_locator(MaxNLocator(5 if theme.is_narrow else 9, steps=STEPS))
    axes.xaxis.set_major_formatter(NumberFormatter(sizes.unit, signed=True))
    return figure
