"""The market's streams: an unmodified ccxt.pro watches them, and a book kept from its changes is the one that REST shows."""

import asyncio
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import websockets

from tests.paper.socket_clients import ask, connect, hear, open_socket, run, sign
from tests.venue import KEY, MARKET, SECRET, START, RunningVenue

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m permit enableSpotAndMarginTrading
+0m deposit 100000 USDT
"""
PAIR = "BTC/USDT"


@pytest.fixture(scope="module")
def venue() -> Iterator[RunningVenue]:
    found = RunningVenue(MARKET, STORY, START, START.replace(minute=5))
    yield found
    found.stop()


async def pass_time(venue: RunningVenue, seconds: float) -> None:
    """Let the venue's time pass, and whatever it brings be told."""
    await asyncio.to_thread(venue.advance, seconds=seconds)
    await asyncio.sleep(0.25)


async def hear_all(socket: Any, wait: float = 0.3) -> list[dict[str, Any]]:
    """Everything that was told, until nothing comes for a while."""
    told = []
    while True:
        try:
            told.append(json.loads(await asyncio.wait_for(socket.recv(), wait)))
        except TimeoutError:
            return told


async def hear_on(socket: Any) -> None:
    """Hear until it ends."""
    while True:
        await hear(socket)


async def subscribe(socket: Any, *names: str) -> None:
    await socket.send(json.dumps({"method": "SUBSCRIBE", "params": names, "id": 1}))
    while "result" not in await hear(socket):
        pass


def test_a_client_watches_the_market(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with connect(venue) as client:
            watched = [
                asyncio.create_task(one)
                for one in (
                    client.watch_trades(PAIR),
                    client.watch_ohlcv(PAIR, "1m"),
                    client.watch_ticker(PAIR),
                    client.watch_bids_asks([PAIR]),
                    client.watch_order_book(PAIR, 10),
                )
            ]
            await asyncio.sleep(0.5)
            for _ in range(3):
                await pass_time(venue, 20)
            trades, candles, ticker, best, book = await asyncio.gather(*watched)
            recent = [one["id"] for one in await client.fetch_trades(PAIR, limit=10)]
            assert {one["id"] for one in trades} <= set(recent)
            assert candles[-1][1] > 0 and ticker["last"] > 0
            assert best[PAIR]["bid"] < best[PAIR]["ask"] and book["bids"][0][0] < book["asks"][0][0]

    run(talk)


def test_a_book_kept_from_its_changes_is_the_book(venue: RunningVenue) -> None:
    """As the documentation says how to keep one: a snapshot, and every change that goes on from it."""

    async def talk() -> None:
        async with open_socket(venue, "/ws/btcusdt@depth@100ms") as changes, open_socket(venue) as asking:
            await pass_time(venue, 20)
            start = (await ask(asking, "depth", symbol="BTCUSDT"))["result"]
            number = start["lastUpdateId"]
            sides = {"b": dict(start["bids"]), "a": dict(start["asks"])}
            for step in range(6):
                await pass_time(venue, 17)
                if step == 2:
                    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
                    waiting = order | {"quantity": "0.1", "price": sorted(sides["b"], key=Decimal)[-1]}
                    await ask(asking, "order.place", **sign(venue, **waiting))
            for told in await hear_all(changes):
                assert told["e"] == "depthUpdate" and told["u"] >= told["U"]
                if told["u"] <= number:
                    continue
                assert told["U"] <= number + 1
                number = told["u"]
                for side, rows in sides.items():
                    rows |= dict(told[side])
                    sides[side] = {price: amount for price, amount in rows.items() if Decimal(amount)}
            end = (await ask(asking, "depth", symbol="BTCUSDT"))["result"]
            assert number == end["lastUpdateId"] > start["lastUpdateId"]
            assert (sides["b"], sides["a"]) == (dict(end["bids"]), dict(end["asks"]))

    run(talk)


def test_every_trade_is_told_once_and_a_kline_ends_as_rest_has_it(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue, "/stream?streams=btcusdt@trade/btcusdt@aggTrade/btcusdt@kline_1m") as socket:
            await pass_time(venue, 0)
            last = (await hear(socket))["data"]["k"]["L"]
            for _ in range(9):
                await pass_time(venue, 15)
            told = await hear_all(socket)
            trades = [one["data"] for one in told if one["stream"] == "btcusdt@trade"]
            both = [one["data"]["a"] for one in told if one["stream"] == "btcusdt@aggTrade"]
            numbers = [one["t"] for one in trades]
            async with open_socket(venue) as asking:
                recent = (await ask(asking, "trades.recent", symbol="BTCUSDT", limit=20))["result"]
            assert numbers == both == [one["id"] for one in recent if one["id"] > last] and len(numbers) > 7
            closed = [one["data"]["k"] for one in told if "k" in one["data"] and one["data"]["k"]["x"]]
            async with open_socket(venue) as asking:
                rows = (await ask(asking, "klines", symbol="BTCUSDT", interval="1m", limit=5))["result"]
            for kline in closed:
                (row,) = [one for one in rows if one[0] == kline["t"]]
                assert [kline[name] for name in "ohlcvT"] == row[1:7]
            assert len(closed) == 2

    run(talk)


def test_streams_are_begun_listed_and_ended(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue, "/ws") as socket:
            await subscribe(socket, "btcusdt@bookTicker", "btcusdt@depth5", "nopeusdt@trade", "!miniTicker@arr")
            await hear_all(socket)
            for method, parameters, result in (
                (
                    "LIST_SUBSCRIPTIONS",
                    [],
                    ["btcusdt@bookTicker", "btcusdt@depth5", "nopeusdt@trade", "!miniTicker@arr"],
                ),
                ("UNSUBSCRIBE", ["btcusdt@depth5"], None),
                ("SET_PROPERTY", ["combined", True], None),
            ):
                await socket.send(json.dumps({"method": method, "params": parameters, "id": "one"}))
                assert await hear(socket) == {"result": result, "id": "one"}
            await pass_time(venue, 61)
            told = await hear_all(socket)
            assert {one["stream"] for one in told} == {"btcusdt@bookTicker", "!miniTicker@arr"}

    run(talk)


def test_a_pair_that_was_never_traded_keeps_no_stream_from_others(venue: RunningVenue) -> None:
    kinds = ("ticker", "miniTicker", "avgPrice", "depth5", "depth", "bookTicker", "trade", "kline_1m")

    async def talk() -> None:
        await asyncio.to_thread(venue.do, "announce SOLUSDT")
        names = "/".join([*(f"solusdt@{kind}" for kind in kinds), "!miniTicker@arr", "btcusdt@bookTicker"])
        async with open_socket(venue, f"/stream?streams={names}") as socket, open_socket(venue) as asking:
            await hear_all(socket)
            await pass_time(venue, 61)
            told = [one["stream"] for one in await hear_all(socket)]
            assert {"btcusdt@bookTicker", "!miniTicker@arr"} <= set(told)
            for method in ("ticker.price", "ticker.24hr", "avgPrice"):
                assert (await ask(asking, method, symbol="SOLUSDT"))["error"]["code"] == -1121
            rows = (await ask(asking, "ticker.24hr"))["result"]
            assert rows and "SOLUSDT" not in [row["symbol"] for row in rows]
        await asyncio.to_thread(venue.do, "list SOLUSDT")

    run(talk)


BAD = [
    ("", 3, None),
    ("[]", 3, None),
    ("[" * 60_000, 3, None),
    ('{"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": NaN}', 3, None),
    ('{"method": "SUBSCRIBE", "params": ["btcusdt@trade"]}', 2, None),
    ('{"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": -1}', 2, None),
    ('{"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1e999999}', 2, None),
    ('{"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": %s}' % ("9" * 5_000), 2, None),
    ('{"method": "STEAL", "id": 7}', 2, 7),
    ('{"params": ["btcusdt@trade"], "id": 7}', 2, 7),
    ('{"method": "SUBSCRIBE", "params": {"a": 1}, "id": 7}', 2, 7),
    ('{"method": "SUBSCRIBE", "params": [7], "id": 7}', 2, 7),
    ('{"method": "SUBSCRIBE", "params": ["btcusdt@steal"], "id": 7}', 2, 7),
    ('{"method": "SUBSCRIBE", "params": ["\\ud800@trade", "x"], "id": 7}', 2, 7),
    ('{"method": "GET_PROPERTY", "params": ["colour"], "id": 7}', 0, 7),
    ('{"method": "SET_PROPERTY", "params": ["combined", 1], "id": 7}', 1, 7),
    ('{"method": "SET_PROPERTY", "id": 7}', 2, 7),
]


def test_what_is_no_request_is_refused_and_the_connection_stays(venue: RunningVenue) -> None:
    async def talk() -> None:
        for first in range(0, len(BAD), 4):
            async with open_socket(venue, "/ws") as socket:
                for text, code, identity in BAD[first : first + 4]:
                    await socket.send(text)
                    told = await hear(socket)
                    assert (text[:80], told["error"]["code"], told["id"]) == (text[:80], code, identity)
                await socket.send('{"method": "LIST_SUBSCRIPTIONS", "id": null}')
                assert await hear(socket) == {"result": [], "id": None}

    run(talk)


def test_who_asks_too_often_or_for_too_much_is_not_served(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue, "/ws") as socket:
            many = [f"pair{number}@trade" for number in range(1_025)]
            await socket.send(json.dumps({"method": "SUBSCRIBE", "params": many, "id": 1}))
            assert (await hear(socket))["error"]["code"] == 2
            await socket.send(json.dumps({"method": "SUBSCRIBE", "params": many[1:], "id": 1}))
            assert await hear(socket) == {"result": None, "id": 1}
            for _ in range(5):
                await socket.send('{"method": "LIST_SUBSCRIPTIONS", "id": 1}')
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await hear_on(socket)
            assert closed.value.rcvd and closed.value.rcvd.code == 1008

    run(talk)


def test_who_does_not_read_is_cut_off_and_the_others_are_told_on(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue, "/ws/btcusdt@bookTicker") as reader:
            await hear(reader)
            (socket,) = venue.exchange.sockets
            async with open_socket(venue, "/ws/btcusdt@trade") as idle:
                idle.transport.pause_reading()
                (stuck,) = venue.exchange.sockets - {socket}
                venue.call(lambda: [stuck.tell("x" * 2**16) for _ in range(200)])
                await asyncio.sleep(0.2)
                assert venue.exchange.sockets == {socket}
                idle.transport.resume_reading()
                with pytest.raises(websockets.ConnectionClosed):
                    await hear_on(idle)
            await pass_time(venue, 61)
            assert (await hear(reader))["s"] == "BTCUSDT"

    run(talk)


def test_a_stop_is_told_before_it_happens(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with (
            open_socket(venue) as api,
            open_socket(venue, "/stream") as combined,
            open_socket(venue, "/ws") as raw,
        ):
            venue.call(venue.exchange.take_leave)
            told = await hear(combined)
            assert told["stream"] == "!serverShutdown"
            events = [(await hear(api))["event"], told["data"], await hear(raw)]
            assert [one["e"] for one in events] == ["serverShutdown"] * 3

    run(talk)
