"""Every formula gives the numbers of a published worked example."""

from datetime import date

import numpy as np
import pytest

from finance.measures.distribution import (
    average_day,
    best_day,
    conditional_value_at_risk,
    flat_days,
    value_at_risk,
    winning_days,
    worst_day,
)
from finance.measures.drawdown import max_drawdown, underwater
from finance.measures.money_weighted import CashFlows, annual_money_weighted_return, money_weighted_return, solve
from finance.measures.outcome import Measure
from finance.measures.public_market import direct_alpha, kaplan_schoar
from finance.measures.relative import (
    alpha,
    beta,
    down_capture,
    information_ratio,
    r_squared,
    regress,
    tracking_error,
    up_capture,
)
from finance.measures.returns import annual_return, time_weighted_return
from finance.measures.risk import calmar_ratio, sharpe_ratio, sharpe_standard_error, sortino_ratio, volatility
from tests.finance.measures.notation import YEAR, at

# Bacon, Practical Portfolio Performance Measurement and Attribution (2nd ed.): 24 monthly returns of a portfolio and
# its benchmark, as in the R package PerformanceAnalytics (portfolio_bacon).
BACON = np.fromstring(
    "0.3 2.6 1.1 -1.0 1.5 2.5 1.6 6.7 -1.4 4.0 -0.5 8.1 4.0 -3.7 -6.1 1.7 -4.9 -2.2 7.0 5.8 -6.5 2.4 -0.5 -0.9",
    sep=" ",
)
BACON_BENCHMARK = np.fromstring(
    "0.2 2.5 1.8 -1.1 1.4 1.8 1.4 6.5 -1.5 4.2 -0.6 8.3 3.9 -3.8 -6.2 1.5 -4.8 2.1 6.0 5.6 -6.7 1.9 -0.3 0.0",
    sep=" ",
)

# NIST Statistical Reference Datasets, linear regression "Norris": certified to 15 digits.
NORRIS_X = np.fromstring(
    "0.2 337.4 118.2 884.6 10.1 226.5 666.3 996.3 448.6 777.0 558.2 0.4 0.6 775.5 666.9 338.0 447.5 11.6 556.0 228.1"
    " 995.8 887.6 120.2 0.3 0.3 556.8 339.1 887.2 999.0 779.0 11.1 118.3 229.2 669.1 448.9 0.5",
    sep=" ",
)
NORRIS_Y = np.fromstring(
    "0.1 338.8 118.1 888.0 9.2 228.1 668.5 998.5 449.1 778.9 559.2 0.3 0.1 778.1 668.8 339.3 448.9 10.8 557.7 228.3"
    " 998.0 888.8 119.6 0.3 0.6 557.6 339.3 888.0 998.5 778.9 10.2 117.6 228.9 668.4 449.2 0.2",
    sep=" ",
)

# Wikipedia, "Public Market Equivalent": one fund in five yearly flows, the last one its final value.
FUND = CashFlows(at=np.arange(5) * YEAR, amount=np.array([-100.0, -50, 60, 10, 110]))
FUND_INDEX = np.array([100.0, 105, 115, 117, 120])


def flows(*amounts: float, on: tuple[str, ...] = ()) -> CashFlows:
    """Yearly flows, or flows on the given dates."""
    times = [int(at(day).timestamp()) for day in on] if on else [i * YEAR for i in range(len(amounts))]
    return CashFlows(at=np.array(times), amount=np.array(amounts, float))


def test_time_weighted_and_money_weighted_return_of_the_cfa_two_shares() -> None:
    """CFA Program curriculum: one share at 200, a second at 225 a year later, both sold at 235; dividends of 5."""
    unit_prices = np.array([100, 100 * 230 / 200, 100 * 230 / 200 * 480 / 450])
    total = time_weighted_return(unit_prices)

    # Printed as 10.76 %, from 1.15 x 1.0667.
    assert annual_return(total, 2 * YEAR).value == pytest.approx(0.1076, abs=1e-4)
    assert annual_money_weighted_return(solve(flows(-200, -220, 480))).value == pytest.approx(0.0939, abs=5e-5)


def test_annual_return_of_wikipedias_revenues() -> None:
    """Wikipedia, "Compound annual growth rate": 9,000 becomes 13,000 in three years."""
    assert annual_return(Measure(value=13_000 / 9_000 - 1), 3 * YEAR).value == pytest.approx(0.1304, abs=5e-5)


def test_xirr_of_excels_documentation() -> None:
    """Microsoft, XIRR: 0.373362535 is where Excel stops; the root itself is 0.37336253351883."""
    excel = flows(
        -10_000, 2_750, 4_250, 3_250, 2_750, on=("2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01")
    )

    found = annual_money_weighted_return(solve(excel)).value

    assert found == pytest.approx(0.37336253351883, abs=1e-13)
    assert found == pytest.approx(0.373362535, abs=2e-9)


def test_market_equivalents_of_wikipedias_fund() -> None:
    assert annual_money_weighted_return(solve(FUND)).value == pytest.approx(0.06434, abs=5e-6)
    assert kaplan_schoar(FUND, FUND_INDEX).value == pytest.approx(1.0323, abs=5e-5)
    assert direct_alpha(FUND, FUND_INDEX).value == pytest.approx(0.01090, abs=5e-6)


def test_two_rates_of_return_are_both_told() -> None:
    """The textbook project -100, 230, -132 (Brealey & Myers' pitfall of several rates): 10 % and 20 %."""
    measure = annual_money_weighted_return(solve(flows(-100, 230, -132)))

    assert measure.value is None
    assert measure.unavailable_because == "2 different rates explain these flows"
    assert measure.candidates == pytest.approx((0.1, 0.2))


def test_deviation_of_excels_documentation() -> None:
    """Microsoft, STDEV.S: the breaking strength of ten tools, 27.46391572."""
    strengths = np.array([1345, 1301, 1368, 1322, 1310, 1370, 1318, 1350, 1303, 1299.0])

    assert volatility(strengths, per_year=1).value == pytest.approx(27.46391572, abs=5e-9)
    assert volatility(strengths, per_year=4).value == pytest.approx(2 * 27.46391572, abs=5e-8)


def test_standard_errors_of_lo() -> None:
    """Lo 2002, table 1: a Sharpe ratio of 1.50 from 60 observations has a standard error of 0.188."""
    assert sharpe_standard_error(1.5, 60) == pytest.approx(0.188, abs=5e-4)


def test_sharpe_ratio_of_bacons_portfolio() -> None:
    """Mean 0.90 %, deviation by hand from the table: arithmetic, n - 1, with Lo's error, scaled by sqrt(12)."""
    mean = BACON.sum() / 24
    spread = (((BACON - mean) ** 2).sum() / 23) ** 0.5

    measure = sharpe_ratio(BACON / 100, per_year=12)

    assert measure.value == pytest.approx(mean / spread * 12**0.5)
    assert measure.standard_error == pytest.approx(((1 + (mean / spread) ** 2 / 2) / 24 * 12) ** 0.5)


def test_sortino_ratio_of_red_rock() -> None:
    """Rollinger & Hoffman, "Sortino: A 'Sharper' Ratio": eight annual returns, 4.417."""
    returns = np.array([17, 15, 23, -5, 12, 9, 13, -4.0]) / 100

    assert sortino_ratio(returns, per_year=1).value == pytest.approx(4.417, abs=5e-4)


def test_downside_deviation_of_bacon() -> None:
    """PerformanceAnalytics, DownsideDeviation(portfolio_bacon, MAR = 0.005): 0.0255, over all observations."""
    above = BACON / 100 - 0.005

    measure = sortino_ratio(above, per_year=1)

    assert measure.value is not None
    assert above.mean() / measure.value == pytest.approx(0.0255, abs=5e-5)


def test_max_drawdown_of_investopedia() -> None:
    """Investopedia, "Maximum drawdown": 500,000 750,000 400,000 600,000 350,000 800,000 fall by 53.33 %."""
    values = np.array([500, 750, 400, 600, 350, 800.0])
    times = np.arange(6) * 86_400

    fall = max_drawdown(times, values, underwater(values))

    assert fall is not None
    assert fall.depth == pytest.approx(-0.5333, abs=5e-5)
    assert (fall.peak_at, fall.trough_at, fall.recovered_at) == (at("1970-01-02"), at("1970-01-05"), at("1970-01-06"))
    assert (str(fall.time_to_trough), str(fall.duration)) == ("3 days, 0:00:00", "4 days, 0:00:00")


def test_calmar_ratio_of_a_return_and_a_drawdown() -> None:
    """Corporate Finance Institute, "Calmar ratio": 25 % a year with a drawdown of 10 % is 2.5."""
    assert calmar_ratio(Measure(value=0.25), Measure(value=-0.1)).value == pytest.approx(2.5)


def test_regression_of_the_nist_reference() -> None:
    fit = regress(NORRIS_Y, NORRIS_X)

    assert beta(fit).value == pytest.approx(1.00211681802045, rel=1e-13)
    assert beta(fit).standard_error == pytest.approx(0.429796848199937e-03, rel=1e-11)
    assert alpha(fit, per_year=1).value == pytest.approx(-0.262323073774029, rel=1e-11)
    assert alpha(fit, per_year=1).standard_error == pytest.approx(0.232818234301152, rel=1e-11)
    assert r_squared(fit).value == pytest.approx(0.999993745883712, rel=1e-13)


def test_information_ratio_and_tracking_error_of_bacons_portfolio() -> None:
    """Both from the differences of the table by hand: mean, squares, n - 1."""
    active = BACON - BACON_BENCHMARK
    spread = (((active - active.sum() / 24) ** 2).sum() / 23) ** 0.5

    assert tracking_error(BACON, BACON_BENCHMARK, per_year=12).value == pytest.approx(spread * 12**0.5)
    assert information_ratio(BACON, BACON_BENCHMARK, per_year=12).value == pytest.approx(
        active.sum() / 24 * 12 / (spread * 12**0.5)
    )


def test_captures_of_bacons_portfolio() -> None:
    """Ratios of sums over the months the benchmark rose (15) or fell (8): ratio of means, counted from the table."""
    up, down = up_capture(BACON, BACON_BENCHMARK), down_capture(BACON, BACON_BENCHMARK)

    assert (up.observations, down.observations) == (15, 8)
    assert up.value == pytest.approx(47.1 / 49.1)
    assert down.value == pytest.approx(24.6 / 25.0)


def test_quantiles_of_excels_documentation() -> None:
    """Microsoft, PERCENTILE.INC: the 30th percentile of 1 2 3 4 is 1.9 (type 7)."""
    assert value_at_risk(np.array([1, 3, 2, 4.0]), tail=0.3).value == pytest.approx(1.9)


@pytest.mark.parametrize(("tail", "shortfall"), [(0.1, -100), (0.4, -40)])
def test_expected_shortfall_of_wikipedias_portfolio(tail: float, shortfall: float) -> None:
    """Wikipedia, "Expected shortfall": -100 in 10 % of the cases, -20 in 30 %, 0 in 40 %, +50 in 20 %."""
    profits = np.array([-100, -20, -20, -20, 0, 0, 0, 0, 50, 50.0])

    assert conditional_value_at_risk(profits, tail=tail).value == pytest.approx(shortfall)


def test_best_worst_winning_and_flat_months_of_bacons_portfolio() -> None:
    """Read off the table: 8.1 % in December 2000, -6.5 % in September 2001, 14 of 24 months with a gain."""
    months = np.array([int(at(f"{year}-{month:02}-01").timestamp()) for year in (2000, 2001) for month in range(1, 13)])

    assert (best_day(BACON, months).value, best_day(BACON, months).on) == (8.1, date(2000, 12, 1))
    assert (worst_day(BACON, months).value, worst_day(BACON, months).on) == (-6.5, date(2001, 9, 1))
    assert average_day(BACON).value == pytest.approx(0.9)
    assert winning_days(BACON).value == pytest.approx(14 / 24)
    assert winning_days(BACON_BENCHMARK).value == pytest.approx(15 / 24)
    assert flat_days(BACON_BENCHMARK).value == pytest.approx(1 / 24)


def test_a_period_shorter_than_a_year_keeps_its_own_return() -> None:
    half = CashFlows(at=np.array([0, YEAR // 2]), amount=np.array([-100.0, 110]))

    assert money_weighted_return(solve(half)).value == pytest.approx(0.10)
    assert annual_money_weighted_return(solve(half)).value is None
