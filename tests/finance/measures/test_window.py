"""What a period takes from a series: hours, flows, gaps, empty spells, losses."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from finance.measures import Comparison, Flows, Measures, Period, Series, Track, measure
from finance.measures.outcome import Measure
from finance.measures.series import DAY, HOUR
from finance.measures.window import cut
from tests.finance.measures.notation import LATE, always, at, daily, life, walk, without


def found(measures: Measures, name: str) -> Measure:
    return measures.figures[name].account


def no_flows() -> Flows:
    nothing = np.array([])
    return Flows(
        at=nothing.astype(np.int64),
        amount=nothing,
        unit_price=nothing,
        benchmark_unit_price=nothing,
        is_opening=nothing.astype(bool),
    )


def spell(prices: list[float], invested: list[bool], nav: list[float]) -> Track:
    return Track(nav=np.array(nav), unit_price=np.array(prices), invested=np.array(invested))


def hours(account: Track, benchmark: Track, contributed: list[float], losses: list[int] | None = None) -> Series:
    hour = int(at("2026-01-01").timestamp()) + HOUR * np.arange(account.nav.size)
    return Series(
        hour=hour,
        taken_at=hour + LATE,
        contributed=np.array(contributed, float),
        benchmark_contributed=np.array(contributed, float),
        losses=np.array(losses or [0] * hour.size),
        account=account,
        benchmark=benchmark,
    )


def test_a_period_runs_from_the_last_valued_hour_before_it_to_the_last_one_in_it() -> None:
    series, flows = life([100, 101, 102, 103, 104, 105.0])

    period = measure(series, flows, Period(start=at("2026-01-01 01:30"), end=at("2026-01-01 03:59")))

    assert found(period, "time_weighted_return").value == pytest.approx(103 / 101 - 1)
    assert period.measured is not None
    assert period.measured.started_at.isoformat() == "2026-01-01T01:02:10+00:00"
    assert period.measured.ended_at.isoformat() == "2026-01-01T03:02:10+00:00"


def test_a_period_that_began_before_the_account_starts_with_the_account() -> None:
    series, flows = life([100, 110.0])

    period = measure(series, flows, Period(start=at("2020-01-01"), end=at("2030-01-01")))

    assert found(period, "time_weighted_return").value == pytest.approx(0.1)
    assert found(period, "money_weighted_return").value == pytest.approx(0.1)


def test_the_opening_is_not_paid_in_twice() -> None:
    series, flows = life([100, 110, 121.0])

    window = cut(series, flows, always(series))

    assert window.flow_amount.tolist() == []
    assert window.account.opening_nav == 1_000


@pytest.mark.parametrize(("second", "hour"), [(-1, 1), (0, 2)])
def test_a_flow_in_the_second_of_a_reading_comes_after_it(second: int, hour: int) -> None:
    series, _ = life([100, 100, 100.0], flows={hour - 1: 500.0})
    moment = series.taken_at[1] + second
    flows = Flows(
        at=np.array([moment]),
        amount=np.array([500.0]),
        unit_price=np.array([100.0]),
        benchmark_unit_price=np.array([100.0]),
        is_opening=np.array([False]),
    )

    window = cut(series, flows, always(series))

    assert window.flow_amount.tolist() == [500]
    assert window.flow_at.tolist() == [moment]


def test_money_that_no_listed_flow_tells_of_counts_at_its_hour() -> None:
    series, _ = life([100, 101, 102, 103.0], flows={1: 500.0})

    window = cut(series, no_flows(), always(series))

    assert window.flow_amount.tolist() == [500]
    assert window.flow_at.tolist() == [series.taken_at[2]]


def test_a_flow_outside_of_the_period_is_left_out() -> None:
    series, flows = life(walk(10, 1), flows={1: 500.0, 7: -200.0})

    window = cut(series, flows, Period(start=at("2026-01-01 03:00"), end=at("2026-01-01 06:00")))

    assert window.flow_amount.tolist() == []
    assert window.account.opening_nav == pytest.approx(series.account.nav[3])


def test_a_drawdown_sees_the_price_at_a_flow() -> None:
    series, _ = life([100, 100, 100.0], flows={0: 500.0})
    flows = Flows(
        at=series.taken_at[:1] + 600,
        amount=np.array([500.0]),
        unit_price=np.array([80.0]),
        benchmark_unit_price=np.array([100.0]),
        is_opening=np.array([False]),
    )

    assert found(measure(series, flows, always(series)), "max_drawdown").value == pytest.approx(-0.2)


def test_an_account_that_starts_empty_is_measured_from_its_first_flow() -> None:
    account = spell([100, 100, 120, 130], [False, False, True, True], [0, 0, 1_200, 1_300])
    series = hours(account, account, [0, 0, 1_000, 1_000])
    flows = Flows(
        at=series.taken_at[1:2] + 900,
        amount=np.array([1_000.0]),
        unit_price=np.array([100.0]),
        benchmark_unit_price=np.array([100.0]),
        is_opening=np.array([False]),
    )

    measures = measure(series, flows, always(series))

    assert found(measures, "time_weighted_return").value == pytest.approx(0.3)
    assert found(measures, "money_weighted_return").value == pytest.approx(0.3)
    assert measures.measured is not None
    assert measures.measured.started_at.isoformat() == "2026-01-01T01:17:10+00:00"
    assert measures.measured.months[0].account == pytest.approx(0.3)


def test_time_without_capital_is_no_elapsed_time() -> None:
    prices = walk(24 * 1_000, 3)
    idle = slice(24 * 200, 24 * 500)
    prices[idle] = prices[idle.start - 1]
    invested = np.ones(prices.size, bool)
    invested[idle] = False
    track = Track(nav=prices * invested, unit_price=prices, invested=invested)
    series = hours(track, track, [0.0] * prices.size)

    measures = measure(series, no_flows(), always(series))

    total = prices[-1] / prices[0]
    assert found(measures, "annual_return").value == pytest.approx(total ** (365 / (700 - 1 / 24)) - 1)
    assert measures.measured is not None
    # 1,000 days but the last hour, less 300 idle days and the two on which money went and came.
    assert measures.measured.days.start.size == 999 - 301
    assert measures.measured.days.excluded == 0


def test_a_month_without_capital_has_no_return() -> None:
    prices = np.full(24 * 120, 100.0)
    invested = np.ones(prices.size, bool)
    invested[24 * 20 : 24 * 70] = False
    track = Track(nav=prices * invested, unit_price=prices, invested=invested)
    series = hours(track, track, [0.0] * prices.size)

    measured = measure(series, no_flows(), always(series)).measured

    assert measured is not None
    assert [month.account for month in measured.months] == [0, None, 0, 0]


def test_everything_lost_stays_lost() -> None:
    prices = [*walk(24 * 40, 4), 0, 0, 100, *walk(24 * 40, 5)]
    invested = [p > 0 for p in prices]
    invested[24 * 40 + 2] = True
    track = spell(prices, invested, [p * 10 for p in prices])
    benchmark = spell(list(walk(len(prices), 6)), [True] * len(prices), [1_000.0] * len(prices))
    money = [1_000.0] * (24 * 40 + 2) + [2_000.0] * (24 * 40 + 1)
    series = hours(track, benchmark, money)

    measures = measure(series, no_flows(), always(series))

    assert found(measures, "time_weighted_return").value == -1
    assert found(measures, "max_drawdown").value == -1
    assert found(measures, "current_drawdown").value == -1
    assert found(measures, "sharpe_ratio").unavailable_because == "everything was lost on a day of this period"
    assert found(measures, "beta").unavailable_because == "everything was lost on a day of this period"
    assert measures.measured is not None
    assert measures.measured.account_drawdown is not None
    assert measures.measured.account_drawdown.recovered_at is None
    assert measures.figures["volatility"].benchmark is not None
    assert measures.figures["volatility"].benchmark.is_available


def test_an_account_of_which_nothing_came_back_lost_its_money() -> None:
    track = spell([100, 50, 0], [True, True, False], [1_000, 500, -20])
    series = hours(track, spell([100, 100, 100], [True] * 3, [1_000] * 3), [1_000] * 3)

    measures = measure(series, no_flows(), always(series))

    assert found(measures, "money_weighted_return").value == -1


def test_a_benchmark_that_ran_out_has_no_money_weighted_figures() -> None:
    series, flows = life([100, 130, 160, 160.0], [100, 90, 80, 80.0], flows={1: -900.0})
    out = spell([100, 90, 90, 90], [True, True, False, False], [1_000, 900, -10, -10])
    series = hours(series.account, out, series.contributed.tolist())

    measures = measure(series, flows, always(series))

    ran_out = "the benchmark ran out of money in this period: it could not pay a withdrawal that the account could"
    money = measures.figures["money_weighted_return"]
    assert money.account.is_available
    assert money.benchmark is not None
    assert money.benchmark.unavailable_because == ran_out
    assert money.difference is not None
    assert money.difference.unavailable_because == f"the benchmark has none: {ran_out}"
    assert found(measures, "kaplan_schoar").unavailable_because == ran_out
    assert measures.measured is not None
    assert measures.measured.benchmark_ran_out_at is not None
    assert measures.measured.benchmark_ran_out_at.isoformat() == "2026-01-01T02:02:10+00:00"


def test_a_benchmark_that_owes_after_everything_was_withdrawn_has_run_out() -> None:
    account = spell([100, 130, 130], [True, True, False], [1_000, 1_300, 0])
    owing = spell([100, 90, 90], [True, True, False], [1_000, 900, -400])

    measures = measure(hours(account, owing, [1_000, 1_000, -300]), no_flows(), always_three())

    assert measures.measured is not None
    assert measures.measured.benchmark_ran_out_at is not None


def test_a_benchmark_that_was_withdrawn_to_the_last_cent_has_run_out() -> None:
    account = spell([100, 130, 130], [True, True, True], [1_000, 1_300, 400])
    empty = spell([100, 90, 90], [True, True, False], [1_000, 900, 0])

    measures = measure(hours(account, empty, [1_000, 1_000, 100]), no_flows(), always_three())

    assert measures.measured is not None
    assert measures.measured.benchmark_ran_out_at is not None


def always_three() -> Period:
    return Period(start=at("2026-01-01"), end=at("2026-01-01 03:00"))


def test_a_benchmark_that_always_could_pay_has_not_run_out() -> None:
    series, flows = life(walk(50, 1), walk(50, 2), flows={20: -500.0})

    measured = measure(series, flows, always(series)).measured

    assert measured is not None
    assert measured.benchmark_ran_out_at is None


def test_days_around_a_missing_midnight_are_no_observations() -> None:
    """Day 2's midnight is missing: the return of days 1 and 2 counts in returns, not in statistics."""
    returns = np.array([0.01, 0.5, -0.3, 0.02, 0.03])
    series, flows = life(daily(returns))

    measures = measure(without(series, range(24 * 2 - 3, 24 * 2 + 2)), flows, always(series))

    assert measures.measured is not None
    days = measures.measured.days
    assert days.account == pytest.approx([0.01, 0.02, 0.03])
    assert ((days.start - series.hour[0]) // DAY).tolist() == [0, 3, 4]
    assert (days.expected, days.excluded) == (5, 2)
    assert found(measures, "time_weighted_return").value == pytest.approx(np.prod(1 + returns) - 1)
    assert found(measures, "best_day").unavailable_because == "only 3 of 5 days could be observed"


@pytest.mark.parametrize(("missing", "days"), [(3, 5), (4, 3)])
def test_a_midnight_may_be_three_hours_old(missing: int, days: int) -> None:
    series, flows = life(daily([0.01, 0.02, 0.03, 0.04, 0.05]))

    measured = measure(without(series, range(48 - missing + 1, 49)), flows, always(series)).measured

    assert measured is not None
    assert measured.days.start.size == days


def test_part_days_at_the_ends_are_no_observations() -> None:
    series, flows = life(walk(24 * 4, 8), start="2026-01-01 05:00")

    measured = measure(series, flows, always(series)).measured

    assert measured is not None
    assert measured.days.start.size == 3
    assert measured.days.excluded == 0


def test_a_summer_time_change_is_a_day_like_any_other() -> None:
    series, flows = life(daily([0.01] * 5), start="2026-03-27")

    measured = measure(series, flows, always(series)).measured

    assert measured is not None
    assert measured.days.account == pytest.approx([0.01] * 5)


def test_months_are_cut_at_midnight_utc_of_the_first_and_part_months_say_so() -> None:
    series, flows = life(daily([0.001] * 80), start="2026-01-20")

    measured = measure(series, flows, always(series)).measured

    assert measured is not None
    january, february, march, april = measured.months
    assert [month.start for month in measured.months] == [date(2026, m, 1) for m in (1, 2, 3, 4)]
    assert (january.account, january.is_partial) == (pytest.approx(1.001**12 - 1), True)
    assert (february.account, february.is_partial) == (pytest.approx(1.001**28 - 1), False)
    assert (march.account, march.is_partial) == (pytest.approx(1.001**31 - 1), False)
    assert (april.account, april.is_partial) == (pytest.approx(1.001**9 - 1), True)
    (year,) = measured.years
    assert (year.account, year.is_partial) == (pytest.approx(1.001**80 - 1), True)


def test_a_period_of_whole_months_has_only_whole_months() -> None:
    series, flows = life(daily([0.001] * 120), daily([0.002] * 120), start="2026-01-01")

    measured = measure(series, flows, Period(start=at("2026-02-01"), end=at("2026-04-01"))).measured

    assert measured is not None
    assert [(month.start.month, month.is_partial) for month in measured.months] == [(2, False), (3, False)]
    assert measured.months[0].difference == pytest.approx(1.001**28 - 1.002**28)


def test_an_hour_that_stands_in_for_a_missing_midnight_opens_no_month_of_its_own() -> None:
    series, flows = life(daily([0.001] * 70), start="2026-01-01")

    measured = measure(without(series, [24 * 31]), flows, Period(start=at("2026-02-01"), end=at("2026-03-01"))).measured

    assert measured is not None
    (february,) = measured.months
    assert (february.start, february.is_partial) == (date(2026, 2, 1), False)


@pytest.mark.parametrize(("start", "hours_long"), [("2026-02-01 02:00", 24 * 28 - 2), ("2026-02-01", 24 * 28 - 1)])
def test_a_month_that_lacks_its_first_or_last_hours_is_partial(start: str, hours_long: int) -> None:
    series, flows = life(walk(hours_long + 1, 1), start=start)

    measured = measure(series, flows, always(series)).measured

    assert measured is not None
    assert [month.is_partial for month in measured.months] == [True]


def test_a_month_whose_edge_was_not_measured_says_so_and_a_month_in_a_gap_has_no_return() -> None:
    series, flows = life(daily([0.001] * 120), start="2026-01-01")
    gap = range(24 * 30, 24 * 60)  # 31 January to 2 March

    measured = measure(without(series, gap), flows, always(series)).measured

    assert measured is not None
    january, february, march, april = measured.months
    assert (january.is_partial, february.is_partial, march.is_partial, april.is_partial) == (True, True, True, False)
    assert february.account is None
    assert january.account == pytest.approx(1.001 ** (30 - 1 / 24) - 1)


def test_a_benchmark_with_other_flows_has_no_money_weighted_return_by_the_accounts() -> None:
    series, flows = life([100.0, 110, 121, 133], flows={2: -50.0})
    other = replace(series, benchmark_contributed=series.contributed - np.array([0, 0, 30, 30]))

    same, different = (
        measure(found, flows, always(found)).figures["money_weighted_return"] for found in (series, other)
    )

    assert same.benchmark is not None and same.benchmark.is_available
    assert different.benchmark is not None and different.benchmark.unavailable_because.startswith("the benchmark paid")
    assert different.account == same.account


def test_a_total_loss_is_one_even_if_money_came_in_before_anybody_looked() -> None:
    """Day 2 ends at 80; in the night everything is lost and paid in again; day 3 begins at 105."""
    prices = np.concatenate((np.full(30, 100.0), np.full(20, 80.0), np.full(30, 105.0)))
    track = Track(nav=prices, unit_price=prices, invested=prices > 0)
    series = hours(track, track, [100.0] * 80, [0] * 50 + [1] * 30)

    measures = measure(series, no_flows(), always(series))
    late = measure(series, no_flows(), Period(start=at("2026-01-03 04:00"), end=at("2026-01-04")))

    assert found(measures, "time_weighted_return").value == -1
    assert found(measures, "max_drawdown").value == -1
    assert measures.measured is not None
    assert list(measures.measured.days.account) == pytest.approx([0, -0.2, -1])
    assert found(late, "time_weighted_return").value == 0


def test_a_total_loss_does_not_reach_into_the_next_month() -> None:
    prices = np.concatenate((np.full(24 * 31 - 1, 100.0), [0, 0, 0], np.linspace(100, 110, 24 * 20)))
    invested = prices > 0
    track = Track(nav=prices, unit_price=prices, invested=invested)
    series = hours(track, track, [100.0] * prices.size)

    measured = measure(series, no_flows(), always(series)).measured

    assert measured is not None
    january, february = measured.months
    assert january.account == -1
    assert february.account == pytest.approx(0.1)


def test_a_period_without_two_valued_hours_says_why_nothing_is_there() -> None:
    series, flows = life([100.0, 101, 102])

    measures = measure(without(series, [1, 2]), flows, always(series))

    reason = "the period has fewer than two valued hours with capital at work"
    assert measures.measured is None
    assert set(measures.figures.values()) == {Comparison(account=Measure(unavailable_because=reason))}


def test_a_period_before_the_account_says_that_nothing_is_there() -> None:
    series, flows = life([100.0, 101])

    assert measure(series, flows, Period(start=at("2020-01-01"), end=at("2021-01-01"))).measured is None


def test_an_account_that_was_never_funded_says_so() -> None:
    empty = spell([100, 100], [False, False], [0, 0])

    measures = measure(hours(empty, empty, [0, 0]), no_flows(), Period(start=at("2026-01-01"), end=at("2026-01-02")))

    assert found(measures, "time_weighted_return").unavailable_because == "nothing was invested in this period"
