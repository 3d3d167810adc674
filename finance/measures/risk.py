"""Risk and return per unit of risk, from daily returns. The risk-free rate and the least acceptable return are 0.

`per_year` is the number of returns a year: 365, because the market never closes (252 would shrink every figure).
"""

from math import sqrt

import numpy as np

from finance.measures.outcome import Measure, unavailable
from finance.measures.series import Floats

DAYS_A_YEAR = 365
STEADY = 1e-12  # a standard deviation below it is rounding
NO_VARIATION = "the returns don't vary"


def volatility(returns: Floats, per_year: int = DAYS_A_YEAR) -> Measure:
    """Standard deviation of returns, scaled to a year: std(r, ddof=1) sqrt(per_year).

    Source: Bacon, Practical Portfolio Performance Measurement and Attribution; sample standard deviation.
    """
    return Measure(value=deviation(returns) * sqrt(per_year), observations=returns.size)


def sharpe_ratio(returns: Floats, per_year: int = DAYS_A_YEAR) -> Measure:
    """Mean return by its standard deviation, scaled to a year: mean(r) / std(r, ddof=1) sqrt(per_year).

    The standard error is sqrt((1 + SR^2 / 2) / n) sqrt(per_year), SR before scaling, for independent returns.
    Source: Sharpe 1994, "The Sharpe Ratio", Journal of Portfolio Management 21(1), arithmetic mean; standard error:
    Lo 2002, "The Statistics of Sharpe Ratios", Financial Analysts Journal 58(4).
    """
    spread = deviation(returns)
    if spread < STEADY:
        return unavailable(NO_VARIATION, observations=returns.size)
    ratio = returns.mean().item() / spread
    error = sharpe_standard_error(ratio, returns.size)
    return Measure(value=ratio * sqrt(per_year), standard_error=error * sqrt(per_year), observations=returns.size)


def sharpe_standard_error(ratio: float, observations: int) -> float:
    """Standard error of a Sharpe ratio that is not scaled: sqrt((1 + SR^2 / 2) / n). Source: Lo 2002, equation 9."""
    return sqrt((1 + ratio**2 / 2) / observations)


def sortino_ratio(returns: Floats, per_year: int = DAYS_A_YEAR) -> Measure:
    """Mean return by the downside deviation over all days: mean(r) / sqrt(mean(min(r, 0)^2)) sqrt(per_year).

    None without a losing day. Source: Sortino & Price 1994; Rollinger & Hoffman, "Sortino: A 'Sharper' Ratio".
    """
    downside = sqrt(np.square(np.minimum(returns, 0)).mean())
    if downside < STEADY:
        return unavailable("no day lost anything", observations=returns.size)
    return Measure(value=returns.mean().item() / downside * sqrt(per_year), observations=returns.size)


def calmar_ratio(annual: Measure, deepest: Measure) -> Measure:
    """Annual return by the depth of the max drawdown: CAGR / |MaxDD|, over the whole period.

    None under 365 days and without a drawdown. Source: Young 1991, "Calmar Ratio: A Smoother Tool" (there over 36
    months).
    """
    if annual.value is None or deepest.value is None:
        return unavailable(annual.unavailable_because or deepest.unavailable_because)
    if deepest.value >= 0:
        return unavailable("there was no drawdown")
    return Measure(value=annual.value / -deepest.value)


def deviation(returns: Floats) -> float:
    """Sample standard deviation (ddof=1) of at least two returns."""
    spread: float = returns.std(ddof=1).item()
    return spread
