"""A measure without a meaning says why; none is a zero, an infinity or not a number."""

from collections.abc import Callable
from itertools import starmap
from math import isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.measures import Measures, measure
from finance.measures.money_weighted import CashFlows, annual_money_weighted_return, money_weighted_return, solve
from finance.measures.outcome import Measure, compare, unavailable
from finance.measures.public_market import direct_alpha, kaplan_schoar
from tests.finance.measures.notation import YEAR, always, daily, life, walk, without

UNDER_A_YEAR = "the period is shorter than a year, and a part of a year says nothing about a whole one"


def measured(account: np.ndarray, benchmark: np.ndarray | None = None) -> Measures:
    series, flows = life(account, benchmark)
    return measure(series, flows, always(series))


def reason(measures: Measures, name: str) -> str:
    return measures.figures[name].account.unavailable_because


def yearly(*amounts: float) -> CashFlows:
    return CashFlows(at=np.arange(len(amounts)) * YEAR, amount=np.array(amounts, float))


@pytest.mark.parametrize(("days", "is_told"), [(364, False), (365, True)])
def test_annual_rates_need_a_year(days: int, is_told: bool) -> None:
    found = measured(walk(24 * days + 1, 1), walk(24 * days + 1, 2))

    for name in ("annual_return", "annual_money_weighted_return", "direct_alpha", "alpha", "calmar_ratio"):
        assert reason(found, name) == ("" if is_told else UNDER_A_YEAR), name


@pytest.mark.parametrize(
    ("name", "fewest"),
    [
        *((name, 30) for name in ("volatility", "sharpe_ratio", "sortino_ratio", "beta", "r_squared")),
        *((name, 30) for name in ("tracking_error", "information_ratio", "up_capture", "down_capture")),
        *((name, 60) for name in ("value_at_risk", "conditional_value_at_risk")),
        *((name, 1) for name in ("average_day", "best_day", "worst_day", "winning_days", "flat_days")),
    ],
)
def test_statistics_need_their_days(name: str, fewest: int) -> None:
    least = "a whole day" if fewest == 1 else f"{fewest} whole days"

    short, enough = (measured(walk(24 * n + 1, 1), walk(24 * n + 1, 2)) for n in (fewest - 1, fewest))

    if fewest > 1:
        assert reason(short, name) == f"it needs {least} from 00:00 to 00:00 UTC, there are {fewest - 1}"
    assert reason(enough, name) == ""


def test_a_day_needs_both_of_its_midnights() -> None:
    assert reason(measured(walk(24, 1)), "best_day") == "it needs a whole day from 00:00 to 00:00 UTC, there are 0"


def test_few_days_are_tentative() -> None:
    few, many = (measured(walk(24 * n + 1, 1)).figures["volatility"].account for n in (89, 90))

    assert (few.observations, few.is_tentative) == (89, True)
    assert (many.observations, many.is_tentative) == (90, False)


def test_returns_without_variation_have_no_ratios() -> None:
    found = measured(np.full(24 * 400 + 1, 100.0), walk(24 * 400 + 1, 2))

    assert found.figures["volatility"].account.value == 0
    assert reason(found, "sharpe_ratio") == "the returns don't vary"
    assert reason(found, "sortino_ratio") == "no day lost anything"
    assert reason(found, "calmar_ratio") == "there was no drawdown"
    assert reason(found, "r_squared") == "the returns don't vary"
    assert found.figures["beta"].account.value == 0
    assert found.figures["max_drawdown"].account.value == 0


def test_a_constant_gain_has_no_ratios_either() -> None:
    assert reason(measured(daily([0.001] * 60)), "sharpe_ratio") == "the returns don't vary"


def test_a_steady_benchmark_explains_nothing() -> None:
    found = measured(walk(24 * 400 + 1, 2), np.full(24 * 400 + 1, 100.0))

    for name in ("beta", "alpha"):
        assert reason(found, name) == "of the benchmark the returns don't vary"
    assert reason(found, "up_capture") == "the benchmark never rose"
    assert reason(found, "down_capture") == "the benchmark never fell"


def test_an_account_that_is_the_benchmark_has_no_information_ratio() -> None:
    assert reason(measured(walk(24 * 40 + 1, 2)), "information_ratio") == "account and benchmark don't differ"


def test_a_benchmark_without_prices_leaves_the_accounts_own_measures() -> None:
    prices = walk(24 * 400 + 1, 2)
    found = measured(prices, np.full(prices.size, np.nan))

    assert found.figures["sharpe_ratio"].account.is_available
    money = found.figures["money_weighted_return"]
    assert money.account.is_available
    assert money.benchmark == unavailable("a value at the start or the end of the period is unknown")
    assert reason(found, "active_return").startswith("the benchmark has none: its unit price is unknown")
    assert reason(found, "kaplan_schoar") == "the benchmark's price at one of the flows is unknown"
    assert reason(found, "beta") == "it needs 30 whole days from 00:00 to 00:00 UTC, there are 0"
    assert found.measured is not None
    assert found.measured.benchmark_drawdown is None


def test_a_history_of_gaps_has_neither_drawdown_nor_statistics() -> None:
    series, flows = life(walk(24 * 100 + 1, 5), walk(24 * 100 + 1, 6))
    half = [i for i in range(1, 24 * 100) if i // 48 % 2]

    found = measure(without(series, half), flows, always(series))

    assert reason(found, "max_drawdown") == "only 1,201 of 2,401 hours were valued"
    assert "days could be observed" in reason(found, "volatility")
    assert found.figures["time_weighted_return"].account.is_available


def test_flows_without_a_rate_have_none() -> None:
    found = annual_money_weighted_return(solve(yearly(-100, 220, -130)))

    assert found == Measure(unavailable_because="no rate explains these flows")


def test_a_double_rate_is_one_rate() -> None:
    assert annual_money_weighted_return(solve(yearly(-100, 220, -121))).value == pytest.approx(0.1, abs=1e-7)


def test_two_rates_that_are_close_are_both_found() -> None:
    found = annual_money_weighted_return(solve(yearly(-1, 2.2005, -1.2105500)))

    assert found.candidates == pytest.approx((0.1, 0.1005), abs=1e-9)


def test_five_rates_are_all_found() -> None:
    """Flows made of the growth factors 1.1, 1.5, 2, 3 and 4, highest power first."""
    flows = yearly(*np.poly([1.1, 1.5, 2, 3, 4]))

    assert annual_money_weighted_return(solve(flows)).candidates == pytest.approx((0.1, 0.5, 1, 2, 3))


def test_three_rates_of_an_investment_are_all_found() -> None:
    """First in, last out, and yet not one rate: what is invested goes below zero on the way."""
    flows = yearly(*-np.poly([1.1, 1.5, 2]))

    assert annual_money_weighted_return(solve(flows)).candidates == pytest.approx((0.1, 0.5, 1))


@pytest.mark.parametrize("flows", [yearly(0, -100, 110), yearly(-100, 110, 0), yearly(0, -100, 0, 121, 0)])
def test_flows_of_nothing_make_no_rate(flows: CashFlows) -> None:
    assert annual_money_weighted_return(solve(flows)).value == pytest.approx(0.1)


def test_a_rate_far_from_any_guess_is_found() -> None:
    hour = CashFlows(at=np.array([0, 3_600]), amount=np.array([-100.0, 200]))
    late = CashFlows(at=np.array([0, 5 * YEAR - 3_600, 5 * YEAR]), amount=np.array([-10.0, -10_000, 9_900]))

    assert money_weighted_return(solve(hour)).value == pytest.approx(1)
    assert annual_money_weighted_return(solve(late)).value == pytest.approx(-1)


def test_a_rate_beyond_all_numbers_is_not_told() -> None:
    doubled = CashFlows(at=np.array([0, 60, YEAR]), amount=np.array([-100.0, 200, 50]))

    assert (
        annual_money_weighted_return(solve(doubled)).unavailable_because
        == "the rate that explains these flows is too large to show"
    )


def test_money_that_becomes_a_billion_times_as_much_has_no_rate_of_return() -> None:
    assert money_weighted_return(solve(yearly(-1, 0.9e9))).value == pytest.approx(0.9e9 - 1)
    assert money_weighted_return(solve(yearly(-1, 1.1e9))).value is None


def test_of_two_rates_the_one_beyond_all_numbers_is_counted_and_not_told() -> None:
    lent = CashFlows(at=np.array([0, 60, YEAR]), amount=np.array([-100.0, 200, -50]))

    found = annual_money_weighted_return(solve(lent))

    assert found.unavailable_because == "2 different rates explain these flows"
    assert found.candidates == pytest.approx((-0.5,), abs=1e-5)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        (yearly(100, 50), "nothing was put in before the end of the period"),
        (yearly(-100), "nothing was put in before the end of the period"),
        (yearly(0, 0), "nothing was put in before the end of the period"),
    ],
)
def test_flows_that_are_no_investment_have_no_rate(flows: CashFlows, expected: str) -> None:
    assert money_weighted_return(solve(flows)).unavailable_because == expected


def test_flows_of_which_nothing_came_back_lost_everything() -> None:
    assert annual_money_weighted_return(solve(yearly(-100, -50, 0))).value == -1
    assert direct_alpha(yearly(-100, -50, 0), np.array([1.0, 2, 3])).value == -1


def test_market_equivalents_need_money_put_in() -> None:
    assert (
        kaplan_schoar(yearly(0, 10), np.ones(2)).unavailable_because
        == "nothing was put in before the end of the period"
    )


@pytest.mark.parametrize("formula", [kaplan_schoar, direct_alpha])
@pytest.mark.parametrize("level", [np.nan, 0.0])
def test_market_equivalents_need_the_index_at_every_flow(
    formula: Callable[[CashFlows, np.ndarray], Measure], level: float
) -> None:
    found = formula(yearly(-100, 50, 60), np.array([100, level, 110]))

    assert found.unavailable_because == "the benchmark's price at one of the flows is unknown"


def test_a_difference_needs_both_sides() -> None:
    one, other, none = Measure(value=0.25), Measure(value=1), unavailable("it is unknown")

    differences = [c.difference for c in starmap(compare, ((one, other), (none, one), (one, none)))]

    assert [d and (d.value, d.unavailable_because) for d in differences] == [
        (-0.75, ""),
        (None, "the account has none: it is unknown"),
        (None, "the benchmark has none: it is unknown"),
    ]


PRICE = st.one_of(st.just(np.nan), st.floats(1e-6, 1e6))


@settings(max_examples=60, deadline=None)
@given(
    account=st.lists(PRICE, min_size=2, max_size=120),
    step=st.sampled_from([1, 24]),
    flows=st.dictionaries(st.integers(0, 100), st.floats(-900, 5_000), max_size=4),
    seed=st.integers(0, 99),
)
@pytest.mark.filterwarnings("error")
def test_whatever_happened_every_value_is_a_number(
    account: list[float], step: int, flows: dict[int, float], seed: int
) -> None:
    """Wild prices and gaps, every hour or every day: each figure is a finite number or has a reason."""
    prices = np.repeat(account, step)
    known = np.flatnonzero(np.isfinite(prices))
    series, listed = life(
        np.interp(np.arange(prices.size), known, prices[known]) if known.size else np.ones(prices.size),
        walk(prices.size, seed),
        flows={k: v for k, v in flows.items() if k < prices.size - 1},
    )
    series = without(series, np.flatnonzero(np.isnan(prices)).tolist())

    found = measure(series, listed, always(series))

    for name, figure in found.figures.items():
        for side in (figure.account, figure.benchmark, figure.difference):
            assert side is None or side.value is None or isfinite(side.value), name
