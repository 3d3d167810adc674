"""What the closed trades of a period say together, line by line, and how large they were."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from dashboard.charts.trade_sizes import TradeSizes
from dashboard.frame import Frame
from dashboard.history.trade_metrics import load_for_metrics
from dashboard.history.trades import Wanted
from finance.decimals import CONTEXT
from finance.trade_metrics import ClosedTrade, compute_metrics
from look import figures
from sql.rows import Db

FEWEST = 3  # trades whose sizes are drawn
Write = Callable[[Any], str]
LINES: tuple[tuple[str, str, Write], ...] = (
    ("win_rate", "Won", figures.share),
    ("average", "Net of a trade, on average", figures.signed_usdt),
    ("average_win", "A won trade, on average", figures.signed_usdt),
    ("average_loss", "A lost trade, on average", figures.signed_usdt),
    ("largest_win", "Largest win", figures.signed_usdt),
    ("largest_loss", "Largest loss", figures.signed_usdt),
    ("profit_factor", "Profit factor", figures.ratio),
    ("payoff", "Payoff", figures.ratio),
    ("expectancy_ratio", "Expectancy", figures.signed_ratio),
    ("sqn", "SQN", figures.signed_ratio),
    ("average_r", "R multiple, on average", figures.signed_ratio),
    ("mean_hold", "Held, on average", figures.lasted),
    ("median_hold", "Held, median", figures.lasted),
    ("drawdown", "Greatest fall of the sum of nets", figures.usdt),
    ("roi", "Return of what was invested in trades", figures.percent),
)


class TradeLine(NamedTuple):
    """A measure of closed trades: what it is, or why there is none."""

    name: str
    text: str
    absent: str


def find_wanted(frame: Frame) -> Wanted:
    """The closed trades of the frame's period."""
    return Wanted(account_id=frame.account_id, since=frame.shown.start.hour, until=frame.shown.end.hour)


def find_counted(db: Db, frame: Frame) -> list[ClosedTrade]:
    """Those that fills opened and closed."""
    return [one.trade for one in load_for_metrics(db, find_wanted(frame)) if one.is_counted]


def make_trade_lines(trades: list[ClosedTrade]) -> list[TradeLine]:
    """What they say together; nothing without any."""
    if not trades:
        return []
    metrics = compute_metrics(trades)
    found = ((key, name, getattr(metrics, key), write) for key, name, write in LINES)
    return [
        TradeLine(name, "" if figure is None else write(figure), metrics.reasons.get(key, ""))
        for key, name, figure, write in found
    ]


def make_sizes(trades: list[ClosedTrade]) -> dict[str, TradeSizes | None]:
    """Their nets and their multiples of R, each None where there are too few to be drawn."""
    nets = [one.net for one in trades]
    multiples = [CONTEXT.divide(one.net, one.risk) for one in trades if one.risk]
    return {"nets": _sizes(nets, ""), "multiples": _sizes(multiples, "R")}


def _sizes(values: list[Decimal], unit: str) -> TradeSizes | None:
    return TradeSizes(values, unit) if len(values) >= FEWEST else None


def describe_sizes(sizes: TradeSizes | None) -> str:
    """What the chart says, in words."""
    if sizes is None:
        return ""
    unit = sizes.unit or "USDT"
    ends = (figures.signed_ratio(edge(sizes.values)) for edge in (min, max))
    lowest, highest = ends
    return f"Histogram of {len(sizes.values):,} closed trades by their net: from {lowest} to {highest} {unit}."
