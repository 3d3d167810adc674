"""Lists of orders of contracts at Binance: every order of every window once, however many there are in one."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.exchanges.binance import contract_orders
from monitor.exchanges.contract import OrderQuery, Pair
from tests.judges.everything import connect, key, secret
from tests.venue import Opener, RunningVenue

STORY = f"""
+0m account test key {key("test")} secret {secret("test")}
+0m deposit 1000 USDT
+1m transfer 1000 USDT from spot to futures
"""


def read(venue: RunningVenue, days: int) -> list[str]:
    """The numbers of a contract's orders since so long ago, those with a trigger and the others."""
    query = OrderQuery(
        market="usd_m_futures",
        pair=Pair(symbol="BTCUSDT", base="", quote=""),
        since=venue.now() - timedelta(days=days) + contract_orders.WEEK,
        until=venue.now(),
    )

    async def fetch() -> list[str]:
        async with connect(venue, "test") as connection:
            await connection.fetch_server_time()
            return [order.exchange_id for order in (await contract_orders.fetch_orders(connection, query)).orders]

    return asyncio.run(fetch())


def test_pages_end_where_the_orders_do(open_venue: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    small = tuple(replace(one, size=3) for one in contract_orders.USD_M_LISTS)
    monkeypatch.setitem(contract_orders.MARKETS, "usd_m_futures", (small, ()))
    venue = open_venue(STORY)
    venue.advance(minutes=10)
    assert read(venue, 20) == []
    for count in (1, 2, 3, 4, 7):
        while len(venue.exchange.venue.accounts["test"].waiting_contracts) < 2 * count:
            venue.advance(minutes=1)
            venue.do("await long 0.001 BTCUSDT at 20000", "test")
            venue.do("trigger long 0.001 BTCUSDT at 900000", "test")
        found = read(venue, 20)
        assert len(set(found)) == len(found) == 2 * count
        assert [number.startswith("trigger-") for number in found] == [False] * count + [True] * count
    venue.advance(days=10)
    venue.do("await long 0.001 BTCUSDT at 20000", "test")
    assert len(read(venue, 20)) == 15
    assert len(read(venue, 8)) == 1
