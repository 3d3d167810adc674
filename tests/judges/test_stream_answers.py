"""Streams, judged by python-binance and by what the exchange's own client listens to and declares of events."""

import asyncio
import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.judges import official
from tests.judges.differences import differences
from tests.paper.socket_clients import hear, open_socket, run, sign
from tests.venue import KEY, MARKET, SECRET, START, RunningVenue

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m permit enableSpotAndMarginTrading
+0m deposit 100000 USDT
"""
STREAMS = {
    "trade": "btcusdt@trade",
    "agg_trade": "btcusdt@aggTrade",
    "kline": "btcusdt@kline_1m",
    "mini_ticker": "btcusdt@miniTicker",
    "all_mini_ticker": "!miniTicker@arr",
    "ticker": "btcusdt@ticker",
    "book_ticker": "btcusdt@bookTicker",
    "avg_price": "btcusdt@avgPrice",
    "partial_book_depth": "btcusdt@depth5",
    "diff_book_depth": "btcusdt@depth@100ms",
}
SPECIAL = "told of some orders only"
UNUSUAL = (
    "A",
    "B",
    "Cs",
    "D",
    "J",
    "U",
    "a",
    "b",
    "d",
    "eR",
    "gOT",
    "gOV",
    "gP",
    "gp",
    "j",
    "k",
    "pL",
    "pY",
    "pl",
    "u",
    "uS",
    "v",
)
KIND = {"invents e": "by which the client chooses the model"}
EXCEPTIONS: dict[str, dict[str, str]] = {
    "all_mini_ticker": {" is list, not object": "the model is a list that does not say so"},
    "executionReport": KIND
    | {"N is null, not text": "null where nothing was traded, says the documentation"}
    | {f"lacks {name}": SPECIAL for name in UNUSUAL},
    **dict.fromkeys(("balanceUpdate", "listStatus", "outboundAccountPosition"), KIND),
}


@pytest.fixture(scope="module")
def venue() -> Iterator[RunningVenue]:
    found = RunningVenue(MARKET, STORY, START, START.replace(minute=5))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def told(venue: RunningVenue) -> dict[str, Any]:
    """What the clients were told while time passed."""
    ended = threading.Event()

    def pass_time() -> None:
        while not ended.wait(0.3):
            venue.advance(seconds=3)

    passing = threading.Thread(target=pass_time, daemon=True)
    passing.start()
    try:
        given = {"rest": venue.url, "sockets": venue.url.replace("http", "ws"), "key": KEY, "secret": SECRET}
        found: dict[str, Any] = official.run(given=given, program="stream_clients.py")
    finally:
        ended.set()
        passing.join()
    return found


def test_python_binance_gives_an_order_and_is_told_of_it(told: dict[str, Any], venue: RunningVenue) -> None:
    traded = told["traded"]
    events = [(one["e"], one.get("X")) for one in traded["events"]]

    assert traded["placed"]["orderId"] == traded["waiting"][0]["orderId"] == traded["cancelled"]["orderId"]
    assert events == [
        ("executionReport", "NEW"),
        ("outboundAccountPosition", None),
        ("executionReport", "CANCELED"),
        ("outboundAccountPosition", None),
    ]
    assert Decimal(traded["best"]["b"]) < Decimal(traded["best"]["a"])
    assert len(traded["depth"]["bids"]) == len(traded["depth"]["asks"]) == 5
    assert venue.exchange.venue.ledger.balance(("test", "locked"), "USDT") == 0


def test_the_exchanges_client_hears_every_stream(told: dict[str, Any]) -> None:
    assert told["heard"].keys() == STREAMS.keys()


@pytest.fixture(scope="module")
def raw(venue: RunningVenue) -> dict[str, list[Any]]:
    """Messages of each stream, and events of an account, as they were sent."""
    found: dict[str, list[Any]] = {}

    async def talk() -> None:
        names = "/".join(STREAMS.values())
        async with open_socket(venue, f"/stream?streams={names}") as market, open_socket(venue) as api:
            await api.send(json.dumps({"id": 1, "method": "userDataStream.subscribe.signature", "params": sign(venue)}))
            for line in ("deposit 1 USDT", "buy 0.01 BTCUSDT", "oco sell 50% BTCUSDT at +50% stop -50%"):
                await asyncio.to_thread(venue.do, line)
            for _ in range(4):
                await asyncio.to_thread(venue.advance, seconds=21)
                await asyncio.sleep(0.2)
            while found.keys() < set(STREAMS.values()):
                message = await hear(market)
                found.setdefault(message["stream"], []).append(message["data"])
            while found.keys() < {*STREAMS.values(), *told_events()}:
                message = await hear(api)
                if "event" in message:
                    found.setdefault(message["event"]["e"], []).append(message["event"])

    run(talk)
    return found


def told_events() -> set[str]:
    return {"executionReport", "listStatus", "outboundAccountPosition", "balanceUpdate"}


@pytest.mark.parametrize("name", [*STREAMS, *sorted(told_events())])
def test_a_message_has_the_fields_that_the_client_knows_and_no_others(
    name: str, told: dict[str, Any], raw: dict[str, list[Any]]
) -> None:
    shape = told["shapes"].get(name) or told["events"][name]
    assert differences(shape, raw[STREAMS.get(name, name)]) == EXCEPTIONS.get(name, {}).keys()
