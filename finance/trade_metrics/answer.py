"""Trade metrics as they are answered: by the names of trading journals, rates in per cent, lengths of time in seconds."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from finance.decimals import exact, stored
from finance.trade_metrics.closed import ClosedTrade
from finance.trade_metrics.costs import Costs, add_costs
from finance.trade_metrics.metrics import compute_metrics

NAMES: Mapping[str, str] = {
    "total": "total_trades",
    "winning": "winning_trades",
    "losing": "losing_trades",
    "breakeven": "breakeven_trades",
    "win_rate": "win_rate",
    "net": "total_net_pnl",
    "gross": "total_gross_pnl",
    "fees": "total_fees",
    "interest": "total_interest",
    "funding": "total_funding",
    "volume": "volume",
    "gross_profit": "gross_profit",
    "gross_loss": "gross_loss",
    "average": "average_pnl_per_trade",
    "average_win": "average_win",
    "average_loss": "average_loss",
    "largest_win": "largest_win",
    "largest_loss": "largest_loss",
    "profit_factor": "profit_factor",
    "payoff": "payoff_ratio",
    "expectancy_ratio": "expectancy_ratio",
    "kelly": "kelly_percentage",
    "sqn": "sqn",
    "sqn_100": "sqn_100",
    "sqn_of_r": "sqn_is_of_r",
    "with_risk": "trades_with_risk",
    "average_risk": "average_risk",
    "average_r": "average_r_multiple",
    "best_r": "best_r_multiple",
    "worst_r": "worst_r_multiple",
    "mean_hold": "average_hold_seconds",
    "median_hold": "median_hold_seconds",
    "drawdown": "max_drawdown",
    "roi": "roi_of_trades_percentage",
}
UNSAID = "Of {:,.2f} USDT the exchange does not say whether they were traded as a maker or a taker."
PER_CENT = ("win_rate", "kelly", "roi")


def answer(trades: Sequence[ClosedTrade], costs: Costs) -> dict[str, Any]:
    """Every figure of closed trades by its name, an amount or ratio to 18 decimals, a count, None: all that any answer has of them.

    `reasons` has why for each None.
    """
    metrics, sums = compute_metrics(trades), add_costs(costs, trades)
    reasons = {NAMES[key]: why for key, why in metrics.reasons.items()}
    if sums.not_said:
        reasons |= dict.fromkeys(("maker_volume", "taker_volume"), UNSAID.format(sums.not_said))
    volumes = (None, None) if sums.not_said else (sums.maker, sums.taker)
    return {
        **{name: _write(key, getattr(metrics, key)) for key, name in NAMES.items()},
        "fees_by_type": sums.fees,
        "maker_volume": volumes[0],
        "taker_volume": volumes[1],
        **{f"{name}_streak": length for name, length in metrics.streaks._asdict().items()},
        "few_trades": metrics.is_tentative,
        "reasons": reasons,
    }


@exact
def _write(key: str, figure: Any) -> Any:
    if isinstance(figure, timedelta):
        return round(figure / timedelta(seconds=1))
    if not isinstance(figure, Decimal):
        return figure
    return stored(figure * 100 if key in PER_CENT else figure)
