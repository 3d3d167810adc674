"""When the exchange itself stops trading, the last traded prices count, and the hour says since when."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.accounts.opening import open_client
from monitor.market.ticker import find_closures
from monitor.performance.verification import verify
from paper.market.replay import ReplayMarket
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

KLINES = ReplayMarket(Path(__file__).parent / "klines_2023_03_24")
READ = datetime(2023, 3, 24, 11, 2, tzinfo=UTC)
STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+1m buy for 4000 BTCUSDT
+1m buy for 3000 ETHUSDT
"""
CLOSED = "the market has been closed since 2023-03-24 11:28 UTC, valued at the last traded prices"


@pytest.fixture
def stopping(open_venue: VenueOpener) -> RunningVenue:
    """A venue at the real prices of a day on which Binance stopped trading, before it did."""
    return open_venue(STORY, KLINES, READ - timedelta(minutes=2), READ)


@pytest.fixture
def watching(open_worker: Opener, stopping: RunningVenue) -> Worker:
    worker = open_worker(stopping)
    worker.add()
    return worker


def read_hours(worker: Worker, venue: RunningVenue, *readings: int) -> None:
    """Run at so many hours after 11:02."""
    for hours in readings:
        venue.set_clock(READ + timedelta(hours=hours))
        worker.run(venue.now())


def test_hours_in_which_the_exchange_did_not_trade_say_so(watching: Worker, stopping: RunningVenue) -> None:
    read_hours(watching, stopping, 0, 1, 2, 3)

    for account in (1, 0):
        hours = watching.hours(account)
        assert [hour["status"] for hour in hours] == ["COMPLETE"] * 4
        assert [hour["estimated"] for hour in hours] == [False, True, True, False]
        assert [CLOSED in hour["reason"] for hour in hours] == [False, True, True, False]
    assert watching.hours()[1]["nav"] == watching.hours()[2]["nav"]
    (told,) = watching.rows("select message from system_logs where message like '%%closed%%'")
    assert told["message"] == CLOSED
    assert verify(watching.db).differences == ()


def test_a_rebuild_of_these_hours_says_and_values_the_same(watching: Worker, stopping: RunningVenue) -> None:
    read_hours(watching, stopping, 0, 3)

    hours = watching.hours()
    assert [hour["status"] for hour in hours] == ["COMPLETE", "RECONSTRUCTED", "RECONSTRUCTED", "COMPLETE"]
    assert [hour["estimated"] for hour in hours] == [False, True, True, False]
    assert [CLOSED in hour["reason"] for hour in hours] == [False, True, True, False]
    used = watching.rows("select distinct h.asset, h.price from holdings h join nav_history n using (snapshot_id)"
        " where n.status = 'RECONSTRUCTED' and asset <> 'USDT' order by asset")  # fmt: skip
    assert [f"{row['asset']} {row['price'].normalize():f}" for row in used] == ["BTC 28080", "ETH 1789.52"]
    assert verify(watching.db).differences == ()


def test_a_flow_while_the_market_was_closed_is_valued_at_the_last_traded_price(
    watching: Worker, stopping: RunningVenue
) -> None:
    read_hours(watching, stopping, 0)
    stopping.set_clock(READ + timedelta(hours=1, minutes=50))
    stopping.do("deposit 0.1 BTC")
    read_hours(watching, stopping, 2)

    (flow,) = watching.rows("select * from flow_valuations where account_id = 1 and price <> 1")
    assert (flow["value"], flow["estimated"]) == (2808, True)


def test_every_closed_hour_is_found_with_the_last_trade_before_it(watching: Worker, stopping: RunningVenue) -> None:
    stopping.set_clock(READ + timedelta(hours=3))
    hours = [READ.replace(minute=0) + timedelta(hours=number) for number in range(4)]

    async def find() -> dict[datetime, datetime]:
        client = open_client(watching.settings)
        try:
            return await find_closures(client.market, hours)
        finally:
            await client.close()

    found = asyncio.run(find())

    since = datetime(2023, 3, 24, 11, 28, tzinfo=UTC)
    assert found == {hours[1]: since, hours[2]: since}
