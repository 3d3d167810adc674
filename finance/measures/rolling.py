"""Figures over a window that rolls through the observed days: how steady the measures of a period are."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from finance.measures.days import Days
from finance.measures.risk import DAYS_A_YEAR, STEADY
from finance.measures.series import DAY, Floats, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """One value for each day on which a full window ends; NaN where it has no meaning."""

    end: Seconds  # 00:00 UTC after the window's last day
    account_return: Floats  # linked over the window, fractions
    benchmark_return: Floats
    account_volatility: Floats  # scaled to a year
    benchmark_volatility: Floats
    sharpe_ratio: Floats  # the account's, scaled to a year
    beta: Floats


def roll(days: Days, length: int) -> Rolling:
    """Figures over the last `length` (at least 2) observed days at each of them; a window with a missing day is left
    out. Formulas as in `risk` and `relative`."""
    starts = days.start[length - 1 :]
    first = days.start[: starts.size]
    whole = starts - first == (length - 1) * DAY
    account, benchmark = (
        sliding_window_view(r, length)[whole] if starts.size else np.empty((0, length))
        for r in (days.account, days.benchmark)
    )
    account_spread, benchmark_spread = account.std(axis=1, ddof=1), benchmark.std(axis=1, ddof=1)
    products = (account - account.mean(axis=1, keepdims=True)) * (benchmark - benchmark.mean(axis=1, keepdims=True))
    covariance = products.sum(axis=1) / (length - 1)
    return Rolling(
        end=starts[whole] + DAY,
        account_return=np.prod(1 + account, axis=1) - 1,
        benchmark_return=np.prod(1 + benchmark, axis=1) - 1,
        account_volatility=account_spread * sqrt(DAYS_A_YEAR),
        benchmark_volatility=benchmark_spread * sqrt(DAYS_A_YEAR),
        sharpe_ratio=_ratio(account.mean(axis=1), account_spread) * sqrt(DAYS_A_YEAR),
        beta=_ratio(covariance / np.where(benchmark_spread < STEADY, np.nan, benchmark_spread), benchmark_spread),
    )


def _ratio(above: Floats, below: Floats) -> Floats:
    """above / below; NaN where below is rounding."""
    return above / np.where(below < STEADY, np.nan, below)
