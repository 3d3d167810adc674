"""The account's daily returns against the benchmark's, on the days both have one."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from finance.measures.outcome import Measure, unavailable
from finance.measures.risk import DAYS_A_YEAR, NO_VARIATION, STEADY, deviation
from finance.measures.series import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """Least squares r = intercept + slope b of the account's returns on the benchmark's."""

    slope: float
    slope_error: float  # standard errors
    intercept: float
    intercept_error: float
    r_squared: float | None  # None: the account's returns don't vary
    observations: int


def regress(account: Floats, benchmark: Floats) -> Regression | None:
    """Ordinary least squares of `account` on `benchmark`, at least three pairs; None when the benchmark is steady.

    slope = cov(r, b) / var(b); standard errors from the residual variance with n - 2 degrees of freedom.
    """
    n = benchmark.size
    if deviation(benchmark) < STEADY:
        return None
    x, y = benchmark - benchmark.mean(), account - account.mean()
    squares = (x @ x).item()
    slope = (x @ y).item() / squares
    residual = y - slope * x
    variance = (residual @ residual).item() / (n - 2)
    return Regression(
        slope=slope,
        slope_error=sqrt(variance / squares),
        intercept=account.mean().item() - slope * benchmark.mean().item(),
        intercept_error=sqrt(variance * (1 / n + benchmark.mean().item() ** 2 / squares)),
        r_squared=1 - (residual @ residual).item() / (y @ y).item() if deviation(account) >= STEADY else None,
        observations=n,
    )


def beta(fit: Regression | None) -> Measure:
    """Slope of the regression on the benchmark: cov(r, b) / var(b), with its standard error.

    Source: Sharpe 1964; Bacon, Practical Portfolio Performance Measurement and Attribution.
    """
    if fit is None:
        return unavailable(f"of the benchmark {NO_VARIATION}")
    return Measure(value=fit.slope, standard_error=fit.slope_error, observations=fit.observations)


def alpha(fit: Regression | None, per_year: int = DAYS_A_YEAR) -> Measure:
    """Return a year that beta does not explain: (mean(r) - beta mean(b)) per_year, not compounded; risk-free rate 0.

    Source: Jensen 1968, "The Performance of Mutual Funds in the Period 1945-1964", Journal of Finance 23(2).
    """
    if fit is None:
        return unavailable(f"of the benchmark {NO_VARIATION}")
    return Measure(
        value=fit.intercept * per_year, standard_error=fit.intercept_error * per_year, observations=fit.observations
    )


def r_squared(fit: Regression | None) -> Measure:
    """Share of the account's variance that the benchmark explains: 1 - SSE / SST = correlation squared.

    Source: Bacon, Practical Portfolio Performance Measurement and Attribution.
    """
    if fit is None or fit.r_squared is None:
        return unavailable(NO_VARIATION)
    return Measure(value=fit.r_squared, observations=fit.observations)


def tracking_error(account: Floats, benchmark: Floats, per_year: int = DAYS_A_YEAR) -> Measure:
    """Standard deviation of daily active returns, scaled to a year: std(r - b, ddof=1) sqrt(per_year).

    Source: CFA Institute ("active risk"); ESMA; centred, not the root mean square.
    """
    return Measure(value=deviation(account - benchmark) * sqrt(per_year), observations=account.size)


def information_ratio(account: Floats, benchmark: Floats, per_year: int = DAYS_A_YEAR) -> Measure:
    """Active return a year by tracking error: mean(r - b) per_year / (std(r - b, ddof=1) sqrt(per_year)).

    Source: Goodwin 1998, "The Information Ratio", Financial Analysts Journal 54(4); arithmetic.
    """
    active = account - benchmark
    spread = deviation(active)
    if spread < STEADY:
        return unavailable("account and benchmark don't differ", observations=active.size)
    return Measure(value=active.mean().item() / spread * sqrt(per_year), observations=active.size)


def up_capture(account: Floats, benchmark: Floats) -> Measure:
    """Share of the benchmark's rises the account took part in: mean(r | b > 0) / mean(b | b > 0).

    Means of daily returns: compounding, as Morningstar does, breaks down on many volatile days. Source: Bacon,
    Practical Portfolio Performance Measurement and Attribution.
    """
    return _capture(account, benchmark, benchmark > 0, "rose")


def down_capture(account: Floats, benchmark: Floats) -> Measure:
    """Share of the benchmark's falls the account took part in: mean(r | b < 0) / mean(b | b < 0).

    Source: as `up_capture`.
    """
    return _capture(account, benchmark, benchmark < 0, "fell")


def _capture(account: Floats, benchmark: Floats, chosen: np.ndarray, moved: str) -> Measure:
    days = int(chosen.sum())
    if days == 0:
        return unavailable(f"the benchmark never {moved}")
    return Measure(value=account[chosen].mean().item() / benchmark[chosen].mean().item(), observations=days)
