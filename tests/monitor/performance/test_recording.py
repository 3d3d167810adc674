"""One account's hour, recorded from readings that a test makes up."""

from decimal import Decimal as D

import pytest

from finance.hour_status import HourStatus
from monitor.errors import ReadAgain
from tests.monitor.notation import at
from tests.monitor.performance.hours import PRICES, Hours, deposit

FIRST, SECOND, THIRD = at("2026-05-01 10:02"), at("2026-05-01 11:02"), at("2026-05-01 12:02")


def test_the_first_reading_opens_the_account(hours: Hours) -> None:
    outcome = hours.record(FIRST, "0.1 BTC 1000 USDT")

    (hour,) = hours.hours()
    (opening,) = hours.rows("select * from flow_valuations")
    assert (outcome.status, outcome.nav, outcome.reason) == (HourStatus.COMPLETE, D(6000), "")
    assert (hour["nav"], hour["units"], hour["unit_price"]) == (6000, 60, 100)
    assert opening["value"] == 6000


def test_an_hour_that_has_a_nav_is_final(hours: Hours) -> None:
    hours.record(FIRST, "1000 USDT")
    again = hours.record(FIRST.replace(minute=30), "1500 USDT")

    assert not again.is_new
    assert [hour["nav"] for hour in hours.hours()] == [1000]


def test_what_was_not_read_leaves_the_hour_partial_and_the_next_run_completes_it(hours: Hours) -> None:
    hours.record(FIRST, "1000 USDT")
    partial = hours.record(SECOND, "1000 USDT", problem="no answer")
    complete = hours.record(SECOND.replace(minute=6), "1000 USDT")

    assert (partial.status, partial.reason, partial.nav) == (HourStatus.PARTIAL, "deposits: no answer", None)
    assert (complete.status, complete.nav) == (HourStatus.COMPLETE, 1000)


def test_a_benchmark_without_a_price_leaves_the_hour_partial(hours: Hours) -> None:
    outcome = hours.record(FIRST, "1000 USDT", prices={"USDT": D(1), "BTC": PRICES["BTC"]})

    assert (outcome.status, outcome.reason) == (HourStatus.PARTIAL, "the benchmark's ETH has no price")


def test_hours_between_two_readings_are_missed(hours: Hours) -> None:
    hours.record(FIRST, "1000 USDT")
    hours.record(THIRD, "1000 USDT")

    assert [hour["status"] for hour in hours.hours()] == ["COMPLETE", "MISSED", "COMPLETE"]


def test_a_doubtful_reading_is_made_again_then_suspect_and_confirmed_by_the_next_one(hours: Hours) -> None:
    hours.record(FIRST, "1000 USDT")

    with pytest.raises(ReadAgain):
        hours.record(SECOND, "3000 USDT")
    assert len(hours.hours()) == 1  # nothing is left behind
    suspect = hours.record(SECOND, "3000 USDT", is_final=True)
    assert (suspect.status, suspect.nav) == (HourStatus.SUSPECT, None) and "is unexplained" in suspect.reason

    hours.record(THIRD, "3000 USDT")
    assert [(hour["status"], hour["nav"]) for hour in hours.hours()] == [
        ("COMPLETE", 1000),
        ("COMPLETE", 3000),
        ("COMPLETE", 3000),
    ]


def test_a_deposit_is_no_gain(hours: Hours) -> None:
    hours.record(FIRST, "1000 USDT")
    outcome = hours.record(SECOND, "1000 USDT 0.02 BTC", deposit(1, "0.02", "BTC", at("2026-05-01 10:30")))

    assert (outcome.status, outcome.nav) == (HourStatus.COMPLETE, 2000)
    assert [(hour["flows"], hour["unit_price"], hour["invested"]) for hour in hours.hours()] == [
        (1000, 100, 1000),
        (1000, 100, 2000),
    ]


def test_a_flow_that_becomes_visible_late_changes_the_hours_after_it_and_says_so(hours: Hours) -> None:
    late = deposit(1, "100", "USDT", at("2026-05-01 10:30"))
    hours.record(FIRST, "1000 USDT")
    hours.record(SECOND, "1100 USDT")
    before = hours.hours()[1]["unit_price"]
    hours.record(THIRD, "1100 USDT", late)

    assert (before, [hour["unit_price"] for hour in hours.hours()]) == (110, [100, 100, 100])
    (change,) = hours.rows("select hours, reason from history_changes")
    assert change == {"hours": 1, "reason": "deposit of 100 USDT at 2026-05-01 10:30 UTC became visible 1 h late"}
