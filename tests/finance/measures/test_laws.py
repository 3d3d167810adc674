"""What must hold for every life of an account, whatever its prices and flows."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.measures import Flows, Measures, Period, Series, Track, measure
from finance.measures.drawdown import underwater
from finance.measures.money_weighted import CashFlows, annual_money_weighted_return, money_weighted_return, solve
from finance.measures.outcome import Measure
from finance.measures.returns import annual_return, time_weighted_return
from tests.finance.measures.notation import YEAR, always, daily, life, walk, without

SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=25, deadline=None)
# Relative to NAV, so that no withdrawal empties the account: it holds at least 1,000.
MONEY = st.dictionaries(st.integers(1, 24 * 400 - 2), st.floats(-20, 500), max_size=5)


def year(seed: int, volatility: float = 0.005) -> np.ndarray:
    return walk(24 * 400 + 1, seed, volatility)


def value(measures: Measures, name: str) -> float:
    found = measures.figures[name].account
    assert found.value is not None, (name, found.unavailable_because)
    return found.value


def measured(series: Series, flows: Flows) -> Measures:
    return measure(series, flows, always(series))


@FEW
@given(seed=SEEDS, flows=MONEY)
def test_an_account_that_holds_the_benchmark_neither_beats_it_nor_falls_behind(
    seed: int, flows: dict[int, float]
) -> None:
    prices = year(seed, 0.001)

    found = measured(*life(prices, prices, flows=flows))

    assert value(found, "active_return") == 0
    assert value(found, "beta") == pytest.approx(1)
    assert value(found, "alpha") == pytest.approx(0, abs=1e-12)
    assert value(found, "r_squared") == pytest.approx(1)
    assert value(found, "tracking_error") == 0
    assert value(found, "kaplan_schoar") == pytest.approx(1, abs=1e-12)
    assert value(found, "direct_alpha") == pytest.approx(0, abs=1e-10)
    assert value(found, "up_capture") == pytest.approx(1)
    assert value(found, "down_capture") == pytest.approx(1)
    for name, figure in found.figures.items():
        if figure.difference is not None and figure.difference.value is not None:
            assert figure.difference.value == pytest.approx(0, abs=1e-12), name


@FEW
@given(seed=SEEDS, flows=MONEY)
def test_a_flow_changes_no_measure_of_the_unit_price(seed: int, flows: dict[int, float]) -> None:
    account, benchmark = year(seed, 0.001), year(seed + 1, 0.001)
    money = {"money_weighted_return", "annual_money_weighted_return", "kaplan_schoar", "direct_alpha"}

    with_flows = measured(*life(account, benchmark, flows=flows))
    without_flows = measured(*life(account, benchmark))

    for name in with_flows.figures.keys() - money:
        assert with_flows.figures[name] == without_flows.figures[name], name


@FEW
@given(seed=SEEDS, factor=st.floats(1e-4, 1e6))
def test_the_size_of_the_account_changes_no_measure(seed: int, factor: float) -> None:
    account, benchmark = year(seed), year(seed + 1)
    flows = {100: 300.0, 5_000: -150.0, 9_000: 40.0}

    small = measured(*life(account, benchmark, flows=flows))
    large = measured(*life(account, benchmark, flows={k: v * factor for k, v in flows.items()}, opening=1_000 * factor))

    for name, figure in small.figures.items():
        assert large.figures[name].account.value == pytest.approx(figure.account.value, rel=1e-9, abs=1e-12), name


@FEW
@given(seed=SEEDS)
def test_the_level_of_the_unit_price_changes_no_measure(seed: int) -> None:
    account, benchmark = year(seed), year(seed + 1)

    one = measured(*life(account, benchmark))
    other = measured(*life(account * 7, benchmark / 3))

    for name, figure in one.figures.items():
        assert other.figures[name].account.value == pytest.approx(figure.account.value, rel=1e-9, abs=1e-12), name


@FEW
@given(seed=SEEDS)
def test_without_flows_the_money_earns_what_the_units_earn(seed: int) -> None:
    found = measured(*life(year(seed)))

    assert value(found, "money_weighted_return") == pytest.approx(value(found, "time_weighted_return"), rel=1e-10)
    assert value(found, "annual_money_weighted_return") == pytest.approx(value(found, "annual_return"), rel=1e-10)


@FEW
@given(seed=SEEDS)
def test_a_finer_grid_never_hides_a_drawdown(seed: int) -> None:
    prices = year(seed)

    hourly, every_day = underwater(prices).min(), underwater(prices[::24]).min()

    assert hourly <= every_day <= 0


@FEW
@given(seed=SEEDS, cuts=st.lists(st.integers(1, 24 * 400 - 1), min_size=1, max_size=4, unique=True))
def test_the_returns_of_adjoining_periods_link_to_the_whole(seed: int, cuts: list[int]) -> None:
    series, flows = life(year(seed), year(seed + 1), flows={77: 250.0})
    series = without(series, [cuts[0]])
    whole = always(series)
    edges = [
        whole.start,
        *(datetime.fromtimestamp(int(series.hour[i]), UTC) for i in sorted(cuts)),
    ]
    edges.append(whole.end)

    parts = [measure(series, flows, Period(start=a, end=b)) for a, b in zip(edges, edges[1:], strict=False)]

    growths = [1 + (part.figures["time_weighted_return"].account.value or 0) for part in parts]
    assert np.prod(growths) - 1 == pytest.approx(
        measure(series, flows, whole).figures["time_weighted_return"].account.value, rel=1e-10
    )


@FEW
@given(seed=SEEDS, gaps=st.lists(st.integers(1, 24 * 400 - 1), max_size=30))
def test_an_hour_that_was_not_measured_changes_no_return_between_the_others(seed: int, gaps: list[int]) -> None:
    series, flows = life(year(seed), flows={1_000: 500.0})

    whole, gappy = measured(series, flows), measured(without(series, gaps), flows)

    for name in ("time_weighted_return", "annual_return", "money_weighted_return"):
        assert value(gappy, name) == pytest.approx(value(whole, name), rel=1e-12)


@FEW
@given(seed=SEEDS, part=st.floats(0.01, 0.99), amount=st.floats(-50, 900))
def test_a_flow_in_two_parts_of_one_second_is_one_flow(seed: int, part: float, amount: float) -> None:
    series, flows = life(year(seed), year(seed + 1), flows={4_000: amount})
    twice = Flows(
        at=flows.at[[0, 1, 1]],
        amount=np.array([flows.amount[0], amount * part, amount * (1 - part)]),
        unit_price=flows.unit_price[[0, 1, 1]],
        benchmark_unit_price=flows.benchmark_unit_price[[0, 1, 1]],
        is_opening=flows.is_opening[[0, 1, 1]],
    )

    one, two = measured(series, flows), measured(series, twice)

    for name, figure in one.figures.items():
        assert two.figures[name].account.value == pytest.approx(figure.account.value, rel=1e-9, abs=1e-12), name


@FEW
@given(seed=SEEDS)
def test_the_order_in_which_flows_are_listed_is_free(seed: int) -> None:
    series, flows = life(year(seed), year(seed + 1), flows={50: 100.0, 5_000: -30.0, 8_000: 700.0})
    order = np.random.default_rng(seed).permutation(flows.at.size)
    shuffled = Flows(
        at=flows.at[order],
        amount=flows.amount[order],
        unit_price=flows.unit_price[order],
        benchmark_unit_price=flows.benchmark_unit_price[order],
        is_opening=flows.is_opening[order],
    )

    assert measured(series, shuffled).figures == measured(series, flows).figures


@FEW
@given(seed=SEEDS, flows=MONEY)
def test_months_and_years_link_to_the_whole_period(seed: int, flows: dict[int, float]) -> None:
    series, listed = life(year(seed), year(seed + 1), flows=flows, start="2025-11-20")

    found = measured(series, listed)

    assert found.measured is not None
    for table in (found.measured.months, found.measured.years):
        assert np.prod([1 + (row.account or 0) for row in table]) - 1 == pytest.approx(
            value(found, "time_weighted_return"), rel=1e-10
        )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 43_799), st.floats(-2_000, 2_000)), max_size=12),
    st.floats(1, 10_000),
    st.floats(1, 10_000),
)
def test_every_rate_found_brings_the_flows_to_zero(
    between: Sequence[tuple[int, float]], opening: float, closing: float
) -> None:
    times = 3_600 * np.array([0, *(hour for hour, _ in between), 43_800])
    amounts = np.array([-opening, *(amount for _, amount in between), closing])

    solution = solve(CashFlows(at=times, amount=amounts))

    assert solution.rates  # put in first and taken out last: at least one rate
    for rate in solution.rates:
        exponents = -rate * times / times[-1]
        parts = amounts * np.exp(exponents - exponents.max())
        assert abs(parts.sum()) <= 1e-9 * np.abs(amounts).sum()


@FEW
@given(returns=st.lists(st.floats(-0.1, 0.1), min_size=400, max_size=400))
def test_shortfall_is_never_above_the_value_at_risk_nor_below_the_worst_day(returns: list[float]) -> None:
    found = measured(*life(daily(returns)))

    worst, shortfall, at_risk = (
        value(found, name) for name in ("worst_day", "conditional_value_at_risk", "value_at_risk")
    )
    assert worst - 1e-12 <= shortfall <= at_risk + 1e-12


@FEW
@given(seed=SEEDS, weight=st.floats(0.2, 3))
def test_a_leveraged_benchmark_has_its_leverage_as_beta_and_capture(seed: int, weight: float) -> None:
    steps = np.random.default_rng(seed).normal(0, 0.02, 400)

    found = measured(*life(daily(weight * steps), daily(steps)))

    for name in ("beta", "up_capture", "down_capture"):
        assert value(found, name) == pytest.approx(weight, rel=1e-9), name
    assert found.figures["sharpe_ratio"].difference is not None
    assert found.figures["sharpe_ratio"].difference.value == pytest.approx(0, abs=1e-9)


def test_annual_figures_of_exactly_a_year_are_the_years_own() -> None:
    total = time_weighted_return(np.array([100.0, 125]))
    flows = CashFlows(at=np.array([0, YEAR]), amount=np.array([-100.0, 125]))

    assert annual_return(total, YEAR) == Measure(value=0.25)
    assert annual_money_weighted_return(solve(flows)).value == pytest.approx(0.25, rel=1e-14)
    assert money_weighted_return(solve(flows)).value == pytest.approx(0.25, rel=1e-14)


def test_arrays_of_a_series_cannot_be_changed() -> None:
    series, _ = life([100.0, 101])

    with pytest.raises(ValueError, match="read-only"):
        series.account.unit_price[0] = 1


def test_a_series_with_sides_of_different_length_is_refused() -> None:
    series, _ = life([100.0, 101, 102])
    short = Track(nav=np.ones(2), unit_price=np.ones(2), invested=np.ones(2, bool))

    with pytest.raises(ValueError, match="one value for every hour"):
        Series(
            hour=series.hour,
            taken_at=series.taken_at,
            contributed=series.contributed,
            benchmark_contributed=series.contributed,
            losses=series.losses,
            account=series.account,
            benchmark=short,
        )
