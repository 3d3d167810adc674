"""A coin that comes before it trades: neither its coming nor its first price is a gain, and no hour waits for it."""

from decimal import Decimal
from typing import Any

import pytest

from monitor.__main__ import parse_arguments
from monitor.performance.verification import verify
from tests.monitor.notation import D
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker


def run(worker: Worker, venue: RunningVenue, hours: int = 1) -> dict[str, Any]:
    """A run after each of so many hours more; returns the last hour."""
    for _ in range(hours):
        venue.advance(hours=1)
        worker.run(venue.now())
    return worker.hours()[-1]


def flow_of(worker: Worker, asset: str) -> dict[str, Any]:
    (flow,) = worker.rows(
        "select v.*, t.occurred_at as came_at from flow_valuations v join processed_transactions t"
        " on t.id = v.transaction_id where v.account_id = 1 and t.asset = %(a)s",
        a=asset,
    )
    return flow


def is_sound(worker: Worker) -> bool:
    """Nothing is unexplained, explanations agree with the hours' flows, and every figure is what its parts give."""
    rows = worker.rows("select e.state, e.flows as explained, n.flows from explanations e join nav_history n"
        " using (account_id, hour)")  # fmt: skip
    agree = all(row["state"] == "explained" and row["explained"] == row["flows"] for row in rows)
    return agree and verify(worker.db).differences == ()


def test_a_coin_that_comes_before_it_trades_counts_from_its_first_trade_on(worker: Worker, venue: RunningVenue) -> None:
    venue.do("announce LINKUSDT")
    worker.run(venue.now())
    venue.advance(minutes=20)
    venue.do("deposit 100 LINK")
    waiting = run(worker, venue, 3)
    venue.advance(minutes=20)
    venue.do("list LINKUSDT")
    listed = venue.now()
    hour = run(worker, venue)

    flow, hours = flow_of(worker, "LINK"), worker.hours()
    assert [row["status"] for row in hours] == ["COMPLETE"] * 5
    assert waiting["estimated"] and "100 LINK in spot has no price" in waiting["reason"]
    assert "counts when LINK has a price" in hours[1]["reason"]
    assert [row["flows"] for row in hours[1:-1]] == [0, 0, 0]
    assert hour["flows"] == flow["value"] and 3000 < flow["value"] < 6000
    assert flow["occurred_at"] == listed.replace(second=0) and flow["came_at"] < listed
    assert flow["estimated"] and "it counts from its first price on" in flow["reason"]
    assert all(98 < row["unit_price"] < 102 for row in hours)
    assert is_sound(worker)

    assert not run(worker, venue)["estimated"] and is_sound(worker)


def test_the_whole_and_the_benchmarks_get_the_money_at_the_same_moment(worker: Worker, venue: RunningVenue) -> None:
    venue.do("announce LINKUSDT")
    worker.run(venue.now())
    venue.do("deposit 100 LINK")
    run(worker, venue)
    venue.do("list LINKUSDT")
    run(worker, venue, 2)

    whole = worker.hours(0)
    assert [row["flows"] for row in whole] == [row["flows"] for row in worker.hours()]
    invested = worker.rows("select distinct invested from benchmark_history where hour = %(h)s", h=whole[-1]["hour"])
    assert [row["invested"] for row in invested] == [whole[-1]["invested"]]


def test_a_coin_that_is_sold_in_the_hour_it_was_listed_is_no_gain(worker: Worker, venue: RunningVenue) -> None:
    venue.do("announce LINKUSDT")
    worker.run(venue.now())
    venue.advance(minutes=10)
    venue.do("deposit 1000 LINK")
    venue.advance(minutes=10)
    venue.do("list LINKUSDT")
    venue.advance(minutes=10)
    venue.do("sell 1000 LINKUSDT")
    venue.do("deposit 500 USDT")
    hour = run(worker, venue)

    assert hour["status"] == "COMPLETE" and hour["flows"] > 10_000
    assert 98 < hour["unit_price"] < 102
    run(worker, venue)
    assert is_sound(worker)


@pytest.mark.usefixtures("first_hour")
def test_a_coin_that_comes_and_goes_without_a_price_moves_nothing(worker: Worker, venue: RunningVenue) -> None:
    venue.do("deposit 100 MYSTERY")
    run(worker, venue)
    venue.do("withdraw 90 MYSTERY fee 10")
    venue.do("deposit 100 USDT")
    hour = run(worker, venue, 2)

    assert [row["flows"] for row in worker.hours()[1:]] == [0, 100, 0]
    assert hour["status"] == "COMPLETE" and 98 < hour["unit_price"] < 102
    assert is_sound(worker)


@pytest.mark.usefixtures("first_hour")
def test_the_owners_word_about_a_coin_makes_its_deposit_count(worker: Worker, venue: RunningVenue) -> None:
    venue.do("deposit 100 MYSTERY")
    run(worker, venue, 2)
    arguments = parse_arguments(["price", "set", "MYSTERY", "20", "--note", "what it costs elsewhere"])
    arguments.run(worker.db, worker.settings, arguments, venue.now())
    worker.db.execute("select pg_advisory_unlock_all()")
    hour = run(worker, venue)

    assert [row["flows"] for row in worker.hours()[1:]] == [0, 0, 2000]
    assert hour["status"] == "COMPLETE" and 98 < hour["unit_price"] < 102
    assert flow_of(worker, "MYSTERY")["price_source"] == "stated by the owner on 2026-03-01"
    assert is_sound(worker)


def test_a_deposit_told_late_of_a_coin_that_trades_by_now_counts_when_it_was_listed(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.do("announce LINKUSDT")
    worker.run(venue.now())
    venue.do("deposit 10 LINK shown after 3h")
    run(worker, venue)
    venue.do("list LINKUSDT")
    run(worker, venue, 3)

    hours, flow = worker.hours(), flow_of(worker, "LINK")
    assert [row["status"] for row in hours] == ["COMPLETE"] * 5
    assert flow["value"] > 50 and flow["occurred_at"] == hours[1]["taken_at"]
    assert [row["flows"] > 0 for row in hours[1:]] == [False, True, False, False]
    (change,) = worker.rows("select reason from history_changes where account_id = 1 and reason like '%%first had%%'")
    assert "the deposit of 10" in change["reason"]
    assert all(98 < row["unit_price"] < 102 for row in hours)
    assert is_sound(worker)


def test_a_coin_that_nobody_traded_for_a_week_has_no_price_for_its_flows_either(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.do("buy for 4 ADAUSDT")
    worker.run(venue.now())
    venue.do("delist ADAUSDT")
    venue.advance(days=8)
    worker.run(venue.now())
    venue.do("withdraw 1 ADA fee 0")
    hour = run(worker, venue)

    assert (hour["status"], hour["flows"]) == ("COMPLETE", Decimal(0))
    assert flow_of(worker, "ADA")["value"] is None
    before = worker.hours()[-2]["unit_price"]
    assert D("0.98") < hour["unit_price"] / before < D("1.02")


TWO = """
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 1000 USDT
+0m airdrop 50 MYSTERY
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 3000 USDT
"""


def test_a_coin_without_a_price_on_its_way_between_two_accounts_counts_as_nothing(
    open_worker: Opener, open_venue: VenueOpener
) -> None:
    venue = open_venue(TWO)
    worker = open_worker(venue)
    for name in ("one", "two"):
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    worker.run(venue.now())
    venue.advance(minutes=30)
    venue.do("send 50 MYSTERY to two fee 0 arriving after 2h", "one")
    venue.do("deposit 100 USDT", "one")
    run(worker, venue, 4)

    whole = worker.hours(0)
    assert [(row["status"], row["nav"], row["unit_price"]) for row in whole] == [
        ("COMPLETE", 4000, 100),
        *[("COMPLETE", 4100, 100)] * 4,
    ]
    assert verify(worker.db).differences == ()
