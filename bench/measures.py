"""All of the dashboard's measures over five years of hourly unit prices, beside the libraries one would take instead."""

import importlib
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bench.budgets import Line, measure_seconds
from finance.measures import Flows, Period, Series, Track, measure

POINTS = 43_800
SAMPLES = 15
MILLISECONDS = 10.0
FIRST = datetime(2021, 11, 21, tzinfo=UTC)
HOUR_SECONDS = 3_600
FLOWS = 60
# Of the measures that empyrical has, those that the dashboard shows too.
ALONE = (
    "annual_return", "annual_volatility", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "max_drawdown",
    "cum_returns_final", "downside_risk", "value_at_risk", "conditional_value_at_risk", "stability_of_timeseries", "tail_ratio",
)  # fmt: skip
BESIDE = ("alpha", "beta", "excess_sharpe", "up_capture", "down_capture")
Figures = np.ndarray[Any, np.dtype[np.float64]]


def measure_measures() -> Iterator[Line]:
    """All measures at once, and two peers on the same unit prices."""
    account, benchmark = _walk(1), _walk(2)
    series, flows = _make_series(account, benchmark), _make_flows(account, benchmark)
    period = Period(start=FIRST, end=FIRST + timedelta(hours=POINTS))
    seconds = measure_seconds(lambda: measure(series, flows, period), SAMPLES)
    count = len(measure(series, flows, period).figures)
    what = f"{count} measures of {POINTS:,} hours with benchmark"
    yield Line(what=what, value=1000 * seconds, unit="ms", samples=SAMPLES, budget=MILLISECONDS)
    yield from _measure_peer("empyrical", _ask_empyrical, account, benchmark)
    yield from _measure_peer("quantstats", _ask_quantstats, account, benchmark)


def _walk(seed: int) -> Figures:
    steps = np.random.default_rng(seed).normal(0.00001, 0.006, POINTS)
    return np.asarray(100 * np.exp(np.cumsum(steps)), dtype=np.float64)


def _make_series(account: Figures, benchmark: Figures) -> Series:
    hour = int(FIRST.timestamp()) + HOUR_SECONDS * np.arange(POINTS, dtype=np.int64)
    contributed = np.repeat(np.arange(1.0, FLOWS + 1), POINTS // FLOWS) * 1_000
    return Series(
        hour=hour,
        taken_at=hour + 123,
        contributed=contributed,
        benchmark_contributed=contributed,
        losses=np.zeros(POINTS, dtype=np.int64),
        account=Track(nav=1_000 * account, unit_price=account.copy(), invested=np.ones(POINTS, dtype=bool)),
        benchmark=Track(nav=1_000 * benchmark, unit_price=benchmark.copy(), invested=np.ones(POINTS, dtype=bool)),
    )


def _make_flows(account: Figures, benchmark: Figures) -> Flows:
    hours = np.arange(0, POINTS, POINTS // FLOWS)
    at = int(FIRST.timestamp()) + HOUR_SECONDS * hours.astype(np.int64) - 1_800
    at[0] += 1_923  # the opening is what the first reading found
    return Flows(
        at=at,
        amount=np.full(FLOWS, 1_000.0),
        unit_price=account[hours],
        benchmark_unit_price=benchmark[hours],
        is_opening=hours == 0,
    )


def _measure_peer(
    name: str, ask: Callable[[Any, Figures, Figures], tuple[str, Callable[[], object]]], *unit_prices: Figures
) -> Iterator[Line]:
    try:
        library = importlib.import_module(name)
    except ImportError:
        print(f"  {name} is not installed; make bench installs it")
        return
    what, act = ask(library, *unit_prices)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield Line(what=f"  {name}: {what}", value=1000 * measure_seconds(act), unit="ms", samples=5)


def _ask_empyrical(library: Any, account: Figures, benchmark: Figures) -> tuple[str, Callable[[], object]]:
    returns, others = np.diff(account) / account[:-1], np.diff(benchmark) / benchmark[:-1]

    def act() -> None:
        for name in ALONE:
            getattr(library, name)(returns)
        for name in BESIDE:
            getattr(library, name)(returns, others)

    return f"{len(ALONE) + len(BESIDE)} measures of the same hours", act


def _ask_quantstats(library: Any, account: Figures, benchmark: Figures) -> tuple[str, Callable[[], object]]:
    pandas = importlib.import_module("pandas")
    days = pandas.date_range(FIRST.date(), periods=POINTS // 24, freq="D")
    returns, others = (pandas.Series(prices[::24], index=days).pct_change().dropna() for prices in (account, benchmark))
    return (
        "its full table of metrics, of daily returns only",
        lambda: library.reports.metrics(returns, benchmark=others, mode="full", display=False),
    )
