"""A large flow beside a position whose size nobody tells yet: its hour waits, is not lost, and does not wait for ever."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from monitor.performance.verification import verify
from tests.endtoend.comparison import compare_account, compare_explanations
from tests.endtoend.journey import Journey
from tests.market import SteppedMarket, at
from tests.venue import KEY, SECRET
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
CRASH = {"BTCUSDT": [at("0:00", "60000.00"), at("2:20", "58000.00"), at("3:40", "59000.00")]}
TRADES = "/fapi/v1/userTrades"
SILENT = {"status": 500, "body": "{}"}
GONE = {"status": 200, "body": "[]"}
STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+1m transfer 9000 USDT from spot to futures
+01:10 long 4 BTCUSDT
+02:10 close 1 BTCUSDT
+02:30 deposit {{amount}} USDT
+02:50 close 2 BTCUSDT
"""
COMPLETE, PARTIAL = "COMPLETE", "PARTIAL"
Start = Callable[[int], Journey]


@pytest.fixture
def start(open_venue: VenueOpener, open_worker: Opener) -> Iterator[Start]:
    """The account at its second hour, with a deposit of an amount to come, beside a position that is reduced twice."""
    with ExitStack() as stack:

        def starter(amount: int) -> Journey:
            story = STORY.format(amount=amount)
            venue = open_venue(story, SteppedMarket(START, CRASH), START, START)
            worker = open_worker(venue)
            worker.add()
            journey = stack.enter_context(Journey(venue, worker, story, START))
            journey.run_hours(2)
            return journey

        yield starter


def statuses(journey: Journey) -> list[str]:
    return [hour["status"] for hour in journey.worker.hours()]


def differing(journey: Journey) -> list[str]:
    return compare_account(journey, 1, "test").differing + compare_explanations(journey, 1, "test").differing


def test_an_hour_waits_for_trades_that_can_not_be_read_and_is_exact_in_the_end(start: Start) -> None:
    journey = start(3000)
    journey.venue.fault(TRADES, SILENT)
    journey.run_hours(2)
    assert statuses(journey) == [COMPLETE, COMPLETE, PARTIAL, PARTIAL]
    reason = journey.worker.hours()[-1]["reason"]
    assert "pending valuation: how large the position in BTCUSDT was then is not known" in reason
    assert "from 2026-03-11 11:02 UTC on an estimate counts" in reason
    assert [hour["nav"] for hour in journey.worker.hours()[2:]] == [None, None]

    journey.venue.clear_faults()
    journey.run_hours(2)

    assert statuses(journey) == [COMPLETE] * 6
    assert [hour["estimated"] for hour in journey.worker.hours()] == [False] * 6
    assert differing(journey) == []
    assert verify(journey.worker.db).differences == ()


def test_it_waits_for_a_day_and_then_an_estimate_counts(start: Start) -> None:
    """The exchange no longer has the trades. The position's profit is taken from the readings around the deposit."""
    journey = start(3000)
    journey.venue.fault(TRADES, GONE)
    journey.run_hours(2)
    assert statuses(journey) == [COMPLETE, COMPLETE, PARTIAL, PARTIAL]
    journey.venue.set_clock(START + timedelta(hours=27, minutes=2))
    journey.run_here()

    hours = journey.worker.hours()
    assert {hour["status"] for hour in (*hours[:4], hours[-1])} == {COMPLETE}
    assert [hour["estimated"] for hour in hours[:4]] == [False, False, True, False]
    (flow,) = journey.worker.rows("select * from flow_valuations where account_id = 1 and reason like 'how large%%'")
    before, after = hours[1]["nav"], hours[2]["nav"] - 3000
    assert min(before, after) < flow["nav_before"] < max(before, after)
    assert verify(journey.worker.db).differences == ()


def test_a_small_flow_is_estimated_at_once(start: Start) -> None:
    journey = start(300)
    journey.venue.fault(TRADES, GONE)
    journey.run_hours(2)

    assert statuses(journey) == [COMPLETE] * 4
    assert [hour["estimated"] for hour in journey.worker.hours()] == [False, False, True, False]
    assert verify(journey.worker.db).differences == ()


def test_no_trade_is_asked_for_where_both_readings_tell_the_size(start: Start) -> None:
    journey = start(3000)
    journey.venue.control("/requests", method="DELETE")
    journey.run_hours(1)
    asked = [request["path"] for request in journey.venue.requests()]
    journey.venue.control("/requests", method="DELETE")
    journey.watch_until(START + timedelta(hours=3, minutes=20))
    journey.venue.do("close BTCUSDT")
    journey.watch_until(START + timedelta(hours=3, minutes=40))
    journey.venue.do("deposit 5000 USDT")
    journey.run_hours(1)
    later = [request["path"] for request in journey.venue.requests()]

    assert (asked.count(TRADES), asked.count("/fapi/v1/markPriceKlines")) == (1, 1)
    assert later.count(TRADES) == 1  # of the fill that closed it, which is known by its income
    assert "/fapi/v1/markPriceKlines" not in later  # nothing was open when the deposit came
    assert statuses(journey) == [COMPLETE] * 4
