"""All of the dashboard's measures over five years of hourly unit prices, beside the libraries one would take instead."""

import importlib
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from bench.budgets import Line, measure_seconds
from finance.measures import Flows, Period, Series, Track, measure

POINTS = 43_800
SAMPLES = 15
MILLISECONDS = 5.0
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
    count = len(measure(series, flows, period).figures)
    ours = partial(measure, series, flows, period)
    theirs = _find_peer("empyrical", _ask_empyrical, account, benchmark)
    what = f"{count} measures of {POINTS:,} hours with benchmark"
    yield Line(what=what, value=_milliseconds(ours), unit="ms", samples=SAMPLES, budget=MILLISECONDS)
    if theirs:
        yield Line(what=f"  empyrical: {theirs[0]}", value=_milliseconds(theirs[1]), unit="ms", samples=SAMPLES)
        # One after the other, so that what else the machine does meanwhile concerns both.
        ratio = median(_milliseconds(ours, 1) / _milliseconds(theirs[1], 1) for _ in range(SAMPLES))
        yield Line(what="  ours beside empyrical's, by turns", value=ratio, unit="x", samples=SAMPLES, budget=1.0)
    if other := _find_peer("quantstats", _ask_quantstats, account, benchmark):
        yield Line(what=f"  quantstats: {other[0]}", value=_milliseconds(other[1], 5), unit="ms", samples=5)


def _milliseconds(act: Callable[[], object], samples: int = SAMPLES) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return 1000 * measure_seconds(act, samples)


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


def _find_peer(
    name: str, ask: Callable[[Any, Figures, Figures], tuple[str, Callable[[], object]]], *unit_prices: Figures
) -> tuple[str, Callable[[], object]] | None:
    """What a library is asked, and how; None where it is not installed."""
    try:
        library = importlib.import_module(name)
    except ImportError:
        print(f"  {name} is not installed; make bench installs it")
        return None
    return ask(library, *unit_prices)


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
