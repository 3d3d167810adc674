"""A price that is well-formed and wrong never becomes a NAV: the hour is marked, and rebuilt from what was traded."""

import json
import urllib.request
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from finance.prices import AssetPrice, Leg, is_far
from monitor.market.ticker import find_doubtful, stand_still
from monitor.performance.verification import verify
from tests.monitor.notation import D
from tests.postgres import Database
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

TICKER = "/api/v3/ticker/price"
IDLE = """
+0m account test key key-of-the-test-account-0123456789 secret secret-of-the-test-account-9876543210
+0m deposit 10000 USDT
"""


def price(asset: str, value: str) -> AssetPrice:
    return AssetPrice(asset=asset, value=D(value), route=(Leg(symbol=asset + "USDT"),))


def read_ticker(venue: RunningVenue) -> list[dict[str, str]]:
    with urllib.request.urlopen(venue.url + TICKER + "?symbolStatus=TRADING") as answer:
        rows: list[dict[str, str]] = json.load(answer)
    return rows


def tell(venue: RunningVenue, rows: list[dict[str, str]]) -> None:
    """Let the ticker say this from now on."""
    venue.fault(TICKER, {"status": 200, "body": json.dumps(rows)})


def run_next_hour(worker: Worker, venue: RunningVenue, factor: str = "", symbol: str = "BTCUSDT") -> dict[str, Any]:
    venue.advance(hours=1)
    if factor:
        rows = read_ticker(venue)
        found = next(row for row in rows if row["symbol"] == symbol)
        found["price"] = f"{Decimal(found['price']) * Decimal(factor):f}"
        tell(venue, rows)
    worker.run(venue.now())
    venue.clear_faults()
    return worker.hours()[-1]


def unit_prices(worker: Worker) -> list[Decimal]:
    """Of the account and of its benchmarks, hour by hour."""
    found = worker.rows("select unit_price from nav_history where account_id = 1 and nav is not null")
    found += worker.rows("select unit_price from benchmark_history")
    return [row["unit_price"] for row in found]


@pytest.mark.parametrize("factor", ["1000", "0.001", "1.6", "0.6"])
@pytest.mark.usefixtures("first_hour")
def test_a_price_far_off_for_an_hour_is_marked_and_the_hour_rebuilt(
    factor: str, worker: Worker, venue: RunningVenue
) -> None:
    marked = run_next_hour(worker, venue, factor)
    run_next_hour(worker, venue)

    assert (marked["status"], marked["nav"]) == ("PARTIAL", None)
    assert "the price of BTC is reported as" in marked["reason"]
    assert [hour["status"] for hour in worker.hours()] == ["COMPLETE", "RECONSTRUCTED", "COMPLETE"]
    assert all(95 < found < 105 for found in unit_prices(worker))
    assert verify(worker.db).differences == ()


@pytest.mark.parametrize("story", [None, IDLE])
def test_a_price_far_off_in_the_first_hour_opens_neither_account_nor_benchmark(
    story: str | None, open_venue: VenueOpener, open_worker: Opener
) -> None:
    venue = open_venue(story) if story else open_venue()
    worker = open_worker(venue)
    worker.add()
    first = run_next_hour(worker, venue, "1000")
    run_next_hour(worker, venue)
    run_next_hour(worker, venue)

    assert first["status"] == "PARTIAL"
    assert [hour["status"] for hour in worker.hours()] == ["PARTIAL", "COMPLETE", "COMPLETE"]
    assert all(95 < found < 105 for found in unit_prices(worker))


def test_a_ticker_of_hours_ago_is_not_believed(worker: Worker, venue: RunningVenue) -> None:
    rows = read_ticker(venue)
    worker.run(venue.now())
    venue.advance(hours=4)
    tell(venue, rows)
    worker.run(venue.now())

    assert worker.hours()[-1]["status"] == "PARTIAL"
    assert "at that minute's beginning: not believed" in worker.hours()[-1]["reason"]


@pytest.mark.usefixtures("first_hour")
def test_prices_that_really_jumped_are_believed(worker: Worker, venue: RunningVenue, database: Database) -> None:
    """What was known is a thousand times off, as after the exchange has changed a coin's scale."""
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("update monitor.price_history set prices = (select array_agg(p / 1000) from unnest(prices) p)")

    assert run_next_hour(worker, venue)["status"] == "COMPLETE"


def test_a_price_that_can_not_be_checked_is_not_believed(worker: Worker, venue: RunningVenue) -> None:
    venue.fault("/api/v3/klines", {"status": 500, "body": "oops"})
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert hour["status"] == "PARTIAL"
    assert "could not be checked" in hour["reason"]


def test_far_is_a_factor_in_either_direction() -> None:
    known = {"BTC": D(100), "ETH": D(100), "SOL": D(100)}
    prices = [price("BTC", "150"), price("ETH", "151"), price("SOL", "66"), price("NEW", "1")]

    assert [p.asset for p in find_doubtful(prices, known)] == ["ETH", "SOL", "NEW"]
    assert is_far(D("1.0000001"), D(1), D(1))


def test_one_price_alone_may_stand_still() -> None:
    assert not stand_still([price("BTC", "5")], {"BTC": D(5)})
    assert not stand_still([price("BTC", "5"), price("ETH", "2")], {"BTC": D(5), "ETH": D("2.01")})
    assert stand_still([price("BTC", "5"), price("ETH", "2"), price("NEW", "1")], {"BTC": D(5), "ETH": D(2)})


@pytest.mark.parametrize(("one", "far"), [("94", True), ("96", False), ("100", False), ("104", False), ("106", True)])
def test_a_price_may_differ_up_and_down_alike(one: str, far: bool) -> None:
    assert is_far(D(one), D(100), D("1.05")) is far
