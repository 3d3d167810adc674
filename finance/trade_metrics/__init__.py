"""What closed trades say together: do they win, on which coins, at which hours, and what did they cost.

Reading order: closed -> figures -> course -> metrics -> groups. Only trades that are decisions from beginning to end are counted
(`finance.trades.Trade.is_countable`); a trade is counted once, however many exits it had.
"""

from finance.trade_metrics.closed import ClosedTrade, average_invested, spread_invested
from finance.trade_metrics.groups import By, Period, group_by, split_periods
from finance.trade_metrics.metrics import FEW_TRADES, TradeMetrics, compute_metrics

__all__ = [
    "FEW_TRADES",
    "By",
    "ClosedTrade",
    "Period",
    "TradeMetrics",
    "average_invested",
    "compute_metrics",
    "group_by",
    "split_periods",
    "spread_invested",
]
