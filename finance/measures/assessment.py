"""The package's entry: all measures of a series over a period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from finance.measures.comparisons import compare_days, compare_drawdowns, compare_pairs, compare_returns
from finance.measures.days import Days, find_days, sample_days
from finance.measures.definitions import DEFINITIONS
from finance.measures.drawdown import Drawdown, max_drawdown, underwater
from finance.measures.months import CalendarReturn, monthly_returns, yearly_returns
from finance.measures.outcome import Comparison, unavailable
from finance.measures.series import Floats, Flows, Period, Seconds, Series, moment
from finance.measures.window import NothingMeasured, Window, cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Depths:
    """Every valued hour and flow of the period: what a drawdown chart draws."""

    at: Seconds  # epoch seconds
    account: Floats  # fractions, 0 or below; NaN: unknown
    benchmark: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the figures rest on."""

    started_at: datetime  # the first and the last value used
    ended_at: datetime
    hours: int  # from the first to the last
    hours_valued: int
    benchmark_ran_out_at: datetime | None  # it owed money from then on, or had none while the account had
    account_drawdown: Drawdown | None  # None: no known price
    benchmark_drawdown: Drawdown | None
    months: tuple[CalendarReturn, ...]
    years: tuple[CalendarReturn, ...]
    days: Days
    depths: Depths


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """All measures of a period."""

    figures: Mapping[str, Comparison]  # by the keys and in the order of DEFINITIONS
    measured: Measured | None  # None: the period has nothing to measure, and every figure says why


def measure(series: Series, flows: Flows, period: Period) -> Measures:
    """All measures of `series` over `period`; returns are fractions, never percent.

    Never raises for what the series holds: a measure without a meaning says why. `series` and `flows` may reach beyond
    the period; the first day that ends in it needs the hours since its midnight.
    """
    try:
        window = cut(series, flows, period)
    except NothingMeasured as nothing:
        figure = Comparison(account=unavailable(str(nothing)))
        return Measures(figures=MappingProxyType(dict.fromkeys(DEFINITIONS, figure)), measured=None)
    depths = underwater(window.account.path), underwater(window.benchmark.path)
    of_days = find_days(period)
    days = sample_days(window if of_days == period else cut(series, flows, of_days))
    found = compare_returns(window)
    found |= compare_drawdowns(window, depths, found["annual_return"])
    found |= compare_days(days) | compare_pairs(window, days)
    return Measures(
        figures=MappingProxyType({name: found[name] for name in DEFINITIONS}),
        measured=_measured(window, days, Depths(at=window.path_at, account=depths[0], benchmark=depths[1])),
    )


def _measured(window: Window, days: Days, depths: Depths) -> Measured:
    ran_out_at = window.ran_out_at
    return Measured(
        started_at=moment(depths.at[0].item()),
        ended_at=moment(depths.at[-1].item()),
        hours=window.hours,
        hours_valued=window.hour.size,
        benchmark_ran_out_at=None if ran_out_at is None else moment(ran_out_at),
        account_drawdown=max_drawdown(depths.at, window.account.path, depths.account),
        benchmark_drawdown=max_drawdown(depths.at, window.benchmark.path, depths.benchmark),
        months=monthly_returns(window),
        years=yearly_returns(window),
        days=days,
        depths=depths,
    )
