"""How single days turned out."""

import numpy as np

from finance.measures.outcome import Measure
from finance.measures.series import Floats, Seconds, moment

TAIL = 0.05


def value_at_risk(returns: Floats, tail: float = TAIL) -> Measure:
    """The daily return that 5 % of the days fall below (historical): quantile of r, type 7. Negative is a loss.

    Source: Hyndman & Fan 1996, "Sample Quantiles in Statistical Packages" (type 7); J.P. Morgan, RiskMetrics 1996.
    """
    return Measure(value=np.quantile(returns, tail).item(), observations=returns.size)


def conditional_value_at_risk(returns: Floats, tail: float = TAIL) -> Measure:
    """Mean of the days at or below the value at risk: mean(r | r <= VaR). Negative is a loss.

    Source: Acerbi & Tasche 2002, "Expected Shortfall: A Natural Coherent Alternative to Value at Risk".
    """
    # A quantile that falls on a return may come out a rounding error below it.
    worst = returns[returns <= np.quantile(returns, tail) + 1e-15]
    return Measure(value=worst.mean().item(), observations=returns.size)


def best_day(returns: Floats, days: Seconds) -> Measure:
    """The highest daily return and its UTC day: max(r)."""
    return _extreme(returns, days, int(returns.argmax()))


def worst_day(returns: Floats, days: Seconds) -> Measure:
    """The lowest daily return and its UTC day: min(r)."""
    return _extreme(returns, days, int(returns.argmin()))


def average_day(returns: Floats) -> Measure:
    """The mean of the daily returns: mean(r)."""
    return Measure(value=returns.mean().item(), observations=returns.size)


def winning_days(returns: Floats) -> Measure:
    """Share of days with a gain: count(r > 0) / n; days without any change stay in n."""
    return Measure(value=(returns > 0).mean().item(), observations=returns.size)


def flat_days(returns: Floats) -> Measure:
    """Share of days without any change: count(r = 0) / n."""
    return Measure(value=(returns == 0).mean().item(), observations=returns.size)


def _extreme(returns: Floats, days: Seconds, index: int) -> Measure:
    return Measure(value=returns[index].item(), observations=returns.size, on=moment(days[index].item()).date())
