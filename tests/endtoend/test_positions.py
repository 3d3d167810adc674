"""Flows beside open derivatives: every figure is the independent one, with positions marked at each flow's minute."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from monitor.performance.verification import verify
from tests.endtoend.comparison import COMBINED, compare_account, compare_explanations
from tests.endtoend.journey import Journey
from tests.market import SteppedMarket, at
from tests.monitor.notation import D
from tests.venue import KEY, SECRET
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
OPENING = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+0m deposit 0.5 BTC
+1m transfer 9000 USDT from spot to futures
+1m transfer 0.5 BTC from spot to coin_m
"""
CRASH = {"BTCUSDT": [at("0:00", "60000.00"), at("2:20", "58000.00"), at("3:40", "59000.00"), at("4:15", "57000.00")]}
RALLY = {"BTCUSDT": [at("0:00", "60000.00"), at("2:20", "61500.00"), at("3:40", "63000.00"), at("4:15", "62000.00")]}
Play = Callable[..., Journey]


@pytest.fixture
def play(open_venue: VenueOpener, open_worker: Opener) -> Iterator[Play]:
    """Plays an account's life of some hours, its prices chosen; every hour is read at two past."""
    with ExitStack() as stack:

        def player(life: str, prices: dict[str, list[tuple[object, str]]], hours: int = 5) -> Journey:
            story = OPENING + life
            venue = open_venue(story, SteppedMarket(START, prices), START, START)  # type: ignore[arg-type]
            worker = open_worker(venue)
            worker.add()
            journey = stack.enter_context(Journey(venue, worker, story, START))
            journey.run_hours(hours)
            return journey

        yield player


def differing(journey: Journey) -> list[str]:
    """What is not the onlooker's: rows, flows, benchmarks, parts of the change."""
    found = compare_account(journey, 1, "test").differing + compare_explanations(journey, 1, "test").differing
    return found + compare_account(journey, COMBINED).differing


def figures(journey: Journey) -> tuple[list[str], list[bool], tuple[object, ...]]:
    """Statuses, whether anything was estimated, and what verify finds."""
    hours = journey.worker.hours()
    return [h["status"] for h in hours], [h["estimated"] for h in hours], verify(journey.worker.db).differences


LIVES = {
    "lose, close, top up": (CRASH, "+02:05 long 3 BTCUSDT\n+02:30 close BTCUSDT\n+02:40 deposit 5000 USDT"),
    "lose over a reading, close, top up": (
        CRASH,
        "+01:10 long 3 BTCUSDT\n+03:10 close BTCUSDT\n+03:30 deposit 5000 USDT",
    ),
    "win over a reading, close, withdraw": (
        RALLY,
        "+01:10 long 3 BTCUSDT\n+03:10 close BTCUSDT\n+03:20 transfer 8000 USDT from futures to spot\n"
        "+03:30 withdraw 7000 USDT fee 1",
    ),
    "top up in a crash, stay": (CRASH, "+02:05 long 2 BTCUSDT\n+02:45 deposit 4000 USDT"),
    "withdraw in a rally, stay short": (RALLY, "+02:05 short 2 BTCUSDT\n+02:45 withdraw 900 USDT fee 1"),
    "reduce, top up, reduce": (
        CRASH,
        "+01:10 long 4 BTCUSDT\n+02:10 close 1 BTCUSDT\n+02:30 deposit 3000 USDT\n+02:50 close 1 BTCUSDT",
    ),
    "enlarge, top up, enlarge, withdraw, turn": (
        RALLY,
        "+01:10 long 1 BTCUSDT\n+02:10 long 1 BTCUSDT\n+02:30 deposit 3000 USDT\n+02:35 long 2 BTCUSDT\n"
        "+02:40 withdraw 500 USDT fee 1\n+02:50 short 6 BTCUSDT",
    ),
    "open, top up, close": (RALLY, "+02:10 long 2 BTCUSDT\n+02:30 deposit 3000 USDT\n+02:50 close BTCUSDT"),
    "both sides at once": (
        CRASH,
        "+01:05 hedge on\n+01:10 long 2 BTCUSDT\n+01:20 short 1 BTCUSDT\n+02:10 close 1 BTCUSDT long\n"
        "+02:30 deposit 3000 USDT\n+02:50 close BTCUSDT short",
    ),
    "settled in the coin": (
        CRASH,
        "+01:10 short 200 BTCUSD_PERP\n+02:30 deposit 0.2 BTC\n+03:10 close 100 BTCUSD_PERP\n"
        "+03:30 withdraw 0.01 BTC fee 0.0001\n+03:50 close 50 BTCUSD_PERP",
    ),
    "portfolio margin": (
        CRASH,
        "+1m unify\n+01:10 long 1 BTCUSDT\n+01:12 long 50 BTCUSD_PERP\n+02:10 close 0.5 BTCUSDT\n"
        "+02:12 close 10 BTCUSD_PERP\n+02:30 deposit 3000 USDT\n+02:50 close BTCUSDT\n+02:55 close 10 BTCUSD_PERP",
    ),
}


@pytest.mark.parametrize("life", LIVES)
def test_every_figure_beside_a_position_is_the_independent_one(life: str, play: Play) -> None:
    prices, events = LIVES[life]
    journey = play(events, prices)

    assert differing(journey) == []
    assert figures(journey) == (["COMPLETE"] * 5, [False] * 5, ())


@pytest.mark.parametrize("life", LIVES)
def test_every_hour_that_is_rebuilt_beside_a_position_is_the_independent_one(
    life: str, open_venue: VenueOpener, open_worker: Opener
) -> None:
    """Its size follows from readings and fills, its profit from the exchange's own mark at the full hour."""
    prices, events = LIVES[life]
    story = OPENING + events
    venue = open_venue(story, SteppedMarket(START, prices), START, START)
    worker = open_worker(venue)
    worker.add()
    with Journey(venue, worker, story, START) as journey:
        journey.run_hours(1)
        journey.skip_hours(3)
        journey.run_hours(1)

        assert differing(journey) == []
        assert figures(journey) == (["COMPLETE", *["RECONSTRUCTED"] * 3, "COMPLETE"], [False] * 5, ())


OTHER = """
+0m account other key key-other-0123456789 secret secret-other-0123456789
+0m deposit 20000 USDT
+1m transfer 15000 USDT from spot to futures
+01:10 long 4 BTCUSDT
+02:10 close 1 BTCUSDT
+02:50 close 1 BTCUSDT
"""


def test_a_flow_of_one_account_marks_the_positions_of_the_other_one_in_the_total(
    open_venue: VenueOpener, open_worker: Opener
) -> None:
    story = OPENING + "+02:30 deposit 3000 USDT\n" + OTHER
    venue = open_venue(story, SteppedMarket(START, CRASH), START, START)
    worker = open_worker(venue)
    worker.add()
    worker.add("other", "key-other-0123456789", "secret-other-0123456789")
    with Journey(venue, worker, story, START) as journey:
        journey.run_hours(4)

        assert compare_account(journey, COMBINED).differing == []
        assert [(hour["status"], hour["estimated"]) for hour in worker.hours(COMBINED)] == [("COMPLETE", False)] * 4
        assert verify(worker.db).differences == ()


def test_an_option_bought_before_a_deposit_costs_its_fee_and_no_more(play: Play) -> None:
    """Its premium has left the wallet, its worth stands at readings only: an estimate, that waits for nothing."""
    journey = play(
        "+5m transfer 1000 USDT from spot to options\n+02:10 option buy 2 BTC-260626-60000-C at 400 fee 2\n"
        "+02:30 deposit 3000 USDT",
        {},
        4,
    )

    (opening, deposit) = journey.worker.rows("select * from flow_valuations where account_id = 1 order by occurred_at")
    assert deposit["estimated"] and "options" in deposit["reason"]
    assert abs(deposit["unit_price"] / opening["unit_price"] - 1) < D("0.02")  # what its bitcoin did, and 2 USDT
    held = journey.before[START.replace(hour=10, minute=30)].held["test"]
    before = sum(quantity * (1 if asset == "USDT" else Fraction(bitcoin(journey))) for asset, quantity in held.items())
    assert Fraction(deposit["nav_before"]) == before + 800
    assert figures(journey)[2] == ()


def bitcoin(journey: Journey) -> Decimal:
    """Its price at half past ten."""
    price: Decimal = journey.venue.exchange.venue.price("BTCUSDT", START.replace(hour=10, minute=30))
    return price


def test_what_an_earlier_version_computed_in_another_way_is_computed_again_by_the_next_run(play: Play) -> None:
    """And until then it is neither compared nor called wrong."""
    journey = play(LIVES["win over a reading, close, withdraw"][1], RALLY, 5)
    db, right = journey.worker.db, differing(journey)
    db.execute("update flow_valuations set nav_before = nav_before * 2, unit_price = 200 where occurred_at > %(s)s",
               {"s": START.replace(hour=11)})  # fmt: skip
    db.execute("update nav_history set unit_price = 200 where unit_price is not null and taken_at > %(s)s",
               {"s": START.replace(hour=11)})  # fmt: skip
    assert verify(db).differences != ()
    reason = "open positions are marked at the minute of each flow"
    db.execute("insert into recomputations values (1, %(s)s, %(r)s), (0, %(s)s, %(r)s)",
               {"s": START.replace(hour=11), "r": reason})  # fmt: skip

    waiting = verify(db)
    assert waiting.differences == ()
    assert [line.partition(":")[0] for line in waiting.waiting] == ["All accounts", "test"]
    journey.run_hours(1)

    assert right == differing(journey) == []
    assert verify(db) == type(waiting)(hours=12, differences=())
    told = journey.worker.rows("select account_id, reason from history_changes order by account_id")
    assert told == [{"account_id": 0, "reason": f"test: {reason}"}, {"account_id": 1, "reason": reason}]
