"""What a coin cost while a trade of it was open, with its entries, its exits and the average entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dashboard.charts.canvas import Theme, label_ends, label_time, limit_time, make_canvas
from dashboard.charts.paper import GAP
from dashboard.charts.track import place
from dashboard.display import USUAL, Display
from dashboard.history.one_trade import HourOfMove, StoredPrice
from finance.trades import Effect

DASHED = (0, (5, 4))
DOTTED = (0, (1, 2))
FARTHEST = 1.5  # of the span of prices, that an order may lie beyond it to be drawn
ROOM = 0.08  # of the span of prices, above and below


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A price at which an order of the trade waited, and how long."""

    name: str  # TP1, SL
    is_stop: bool
    price: Decimal
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePrice:
    """Stored prices in a stretch of time, and what moved in the trade."""

    since: datetime
    until: datetime
    step: timedelta  # between prices; farther apart the line is broken
    prices: Sequence[StoredPrice]
    moves: Sequence[HourOfMove]
    entry_price: Decimal
    levels: Sequence[Level] = ()
    has_own: bool = False  # prices of its moves among them, because few others are stored
    display: Display = USUAL

    def marks(self, effect: Effect) -> list[tuple[datetime, Decimal]]:
        """When units came into the trade, or left it, and at which price."""
        found = ((one.move.at, one.price) for one in self.moves if one.move.effect is effect)
        return [(at, price) for at, price in found if price is not None]


def draw_trade_price(trade: TradePrice, theme: Theme) -> Figure:
    """Prices as a line, entries as triangles that point up, exits as such that point down, the average entry dashed; dotted the
    prices at which profits were to be taken and losses to be stopped, where they are not far off."""
    figure, axes = make_canvas(theme, 3.0)
    label_time(axes, theme, trade.display)
    places, heights = _trace(trade)
    axes.plot(places, heights, color=theme.faint, linewidth=1.3)
    entry = float(trade.entry_price)
    axes.axhline(entry, color=theme.account, linewidth=1, linestyle=DASHED)
    marked = [entry]
    for effect, marker, colour in ((Effect.ENTRY, "^", theme.account), (Effect.EXIT, "v", theme.benchmark)):
        marks = trade.marks(effect)
        known = [float(price) for _, price in marks]
        marked += known
        axes.plot(
            [place(at) for at, _ in marks], known, marker, color=colour, markersize=8, markeredgecolor=theme.ground
        )
    marked += [float(one.price) for one in trade.prices]
    low, high = _draw_levels(axes, trade, theme, (min(marked), max(marked)))
    room = ROOM * (high - low or high)
    axes.set_ylim(low - room, high + room)
    limit_time(axes, trade.since, trade.until)
    ends = {"price": (places[-1], heights[-1]), "entry": (place(trade.until), entry)}
    label_ends(axes, ends, {"price": theme.faint, "entry": theme.account}, {"price": "price", "entry": "entry"})
    return figure


def _draw_levels(axes: Axes, trade: TradePrice, theme: Theme, known: tuple[float, float]) -> tuple[float, float]:
    """The lowest and highest price to be shown, with those of orders that are no farther off than prices went."""
    low, high = known
    reach = FARTHEST * (high - low or high)
    levels = [one for one in trade.levels if low - reach <= float(one.price) <= high + reach]
    named: set[tuple[str, Decimal]] = set()  # a trigger and the order that it became are one to the eye
    for one in levels:
        colour, price = theme.alarm if one.is_stop else theme.account, float(one.price)
        ends = place(max(one.since, trade.since)), place(min(one.until, trade.until))
        axes.plot(ends, (price, price), color=colour, linewidth=1.2, linestyle=DOTTED)
        if (one.name, one.price) in named:
            continue
        named.add((one.name, one.price))
        is_below = one.price < trade.entry_price
        where: dict[str, Any] = {"xytext": (2, -2 if is_below else 2), "va": "top" if is_below else "bottom"}
        axes.annotate(one.name, (ends[0], price), textcoords="offset points", color=colour, fontsize=9, **where)
    heights = [float(one.price) for one in levels]
    return min([low, *heights]), max([high, *heights])


def _trace(trade: TradePrice) -> tuple[list[float], list[float]]:
    """Places and prices, broken where none was stored."""
    places: list[float] = []
    heights: list[float] = []
    before = trade.prices[0].hour
    for hour, price in trade.prices:
        if hour - before > trade.step:
            places.append(place(before))
            heights.append(GAP)
        places.append(place(hour))
        heights.append(float(price))
        before = hour
    return places, heights
