"""A period's length is counted in whole hours and whole days: the second of a reading and the time of day don't matter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row

from dashboard.frame import load_frame
from dashboard.measured import load_measures
from dashboard.view import read_view
from finance.measures import Measures, Period, Series, Track, measure
from finance.measures.series import DAY, HOUR
from sql.connect import connect
from tests.dashboard.history_rows import fill
from tests.finance.measures.notation import at, daily, life, walk, without
from tests.postgres import Database

ANNUAL = ("annual_return", "annual_money_weighted_return", "direct_alpha", "alpha", "calmar_ratio")
RISK = ("volatility", "sharpe_ratio", "beta", "tracking_error", "up_capture")


def read_at(series: Series, row: int, second: int) -> Series:
    """The same life, one hour of it read at another second of it."""
    taken_at = series.taken_at.copy()
    taken_at[row] = series.hour[row] + second
    return replace(series, taken_at=taken_at)


def available(measures: Measures, names: tuple[str, ...]) -> list[bool]:
    return [measures.figures[name].account.is_available for name in names]


@pytest.mark.parametrize("second", [5, 130, 3_000])
def test_a_year_is_one_in_whatever_second_its_last_hour_was_read(second: int) -> None:
    series, flows = life(walk(8_761, 1), walk(8_761, 2), flows={4_000: 300.0})
    series = read_at(series, -1, second)
    whole = Period(start=at("2026-01-01"), end=at("2027-01-01"))

    assert available(measure(series, flows, whole), ANNUAL) == [True] * 5


def test_an_hour_less_is_no_year_however_late_the_last_one_was_read() -> None:
    series, flows = life(walk(8_760, 1), walk(8_760, 2))
    late = read_at(series, -1, HOUR + 200)

    assert available(measure(late, flows, Period(start=at("2026-01-01"), end=at("2027-01-01"))), ANNUAL) == [False] * 5


@pytest.mark.parametrize("hour", range(0, 24, 5))
@pytest.mark.parametrize(("length", "names"), [(1, ("best_day",)), (30, RISK), (60, ("value_at_risk",))])
def test_a_period_of_days_has_as_many_at_every_hour_of_the_day(hour: int, length: int, names: tuple[str, ...]) -> None:
    series, flows = life(walk(24 * 90, 1), walk(24 * 90, 2))
    end = at("2026-03-20") + timedelta(hours=hour)

    found = measure(series, flows, Period(start=end - timedelta(days=length), end=end))

    assert available(found, names) == [True] * len(names)
    assert found.measured is not None
    days = found.measured.days
    assert (days.start.size, days.expected) == (length, length)
    assert days.start[-1] + DAY == int(at("2026-03-20").timestamp())


def test_each_day_belongs_to_the_period_it_ends_in() -> None:
    """Two periods that meet at noon: the day they meet in is one of the second's, none is lost or counted twice."""
    series, flows = life(daily(np.arange(1, 11) / 1_000))
    noon = at("2026-01-05 12:00")

    first, second = (
        measure(series, flows, period).measured
        for period in (Period(start=at("2026-01-01"), end=noon), Period(start=noon, end=at("2026-01-11")))
    )

    assert first is not None and second is not None
    assert first.days.account == pytest.approx([0.001, 0.002, 0.003, 0.004])
    assert second.days.account == pytest.approx([0.005, 0.006, 0.007, 0.008, 0.009, 0.010])


def test_a_missing_midnight_before_the_period_leaves_its_first_day_out() -> None:
    series, flows = life(daily([0.01] * 10))
    gap = range(24 * 4 - 3, 24 * 4 + 2)  # around 2026-01-05 00:00

    found = measure(without(series, gap), flows, Period(start=at("2026-01-05 12:00"), end=at("2026-01-10"))).measured

    assert found is not None
    assert (found.days.start.size, found.days.expected) == (4, 5)


def test_what_was_lost_on_the_day_the_period_began_is_in_its_days_alone() -> None:
    prices = np.concatenate((np.full(24 * 40 + 2, 100.0), [0.0], np.linspace(100, 130, 24 * 40)))
    series, flows = life(walk(prices.size, 2), walk(prices.size, 1))
    losses = np.cumsum(prices == 0)
    account = Track(nav=prices * 10, unit_price=prices, invested=prices > 0)
    series = replace(series, losses=losses.astype(np.int64), account=account)
    begun = at("2026-02-10 12:00")  # everything was lost at 02:00

    found = measure(series, flows, Period(start=begun, end=begun + timedelta(days=35)))

    grown = (100 + 30 * 849 / 959) / (100 + 30 * 9 / 959) - 1
    assert found.figures["time_weighted_return"].account.value == pytest.approx(grown)
    assert found.figures["volatility"].account.unavailable_because == "everything was lost on a day of this period"


def test_thirty_days_of_a_stored_history_have_their_risk_figures(database: Database) -> None:
    """The hours before the period that its first day needs are loaded as well, at any hour of the day."""
    last = datetime(2026, 5, 1, 13, tzinfo=UTC)
    with connect(database.owner_url, name="test") as owner:
        fill(owner, hours=24 * 60, until=last)

    with psycopg.connect(database.dashboard_url, row_factory=dict_row) as db:
        found = load_measures(db, load_frame(db, read_view({"period": "30d"}), "1"))

    assert found.figures["volatility"].account.observations == 30
    assert found.measured is not None
    assert found.measured.hours == 24 * 30 + 1
