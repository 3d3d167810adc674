"""The WebSocket API: an unmodified ccxt.pro trades over it, and what is none of its requests changes nothing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest
import websockets
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from paper.wire.binance.frames import make_wanted, read_object, read_parameters
from tests.paper.socket_clients import ask, connect, hear, open_socket, run, sign
from tests.venue import KEY, MARKET, SECRET, START, RunningVenue

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m permit enableSpotAndMarginTrading
+0m deposit 10000 USDT
"""
PAIR = "BTC/USDT"


@pytest.fixture(scope="module")
def venue() -> Iterator[RunningVenue]:
    found = RunningVenue(MARKET, STORY, START, START.replace(minute=5))
    yield found
    found.stop()


def locked(venue: RunningVenue) -> Decimal:
    return venue.exchange.venue.ledger.balance(("test", "locked"), "USDT")


def test_an_order_is_given_read_changed_and_taken_back(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with connect(venue) as client:
            order = await client.create_order_ws(PAIR, "limit", "buy", 0.1, 30_000)
            assert (order["status"], locked(venue)) == ("open", 3_000)
            assert [one["id"] for one in await client.fetch_open_orders_ws(PAIR)] == [order["id"]]
            changed = await client.edit_order_ws(order["id"], PAIR, "limit", "buy", 0.1, 25_000)
            assert (changed["price"], locked(venue)) == (25_000, 2_500)
            assert (await client.cancel_order_ws(changed["id"], PAIR))["status"] == "canceled"
            assert locked(venue) == 0
            with pytest.raises(ccxt.OrderNotFound):
                await client.cancel_order_ws(changed["id"], PAIR)

            bought = await client.create_order_ws(PAIR, "market", "buy", 0.01)
            (trade,) = await client.fetch_my_trades_ws(PAIR)
            balances = (await client.fetch_balance_ws())["info"]["balances"]
            assert (trade["order"], balances[0]["free"]) == (bought["id"], "0.00999000")
            assert [one["id"] for one in await client.fetch_orders_ws(PAIR)][-1] == bought["id"]

    run(talk)


def test_what_anybody_may_ask_is_what_rest_answers(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with connect(venue) as client, open_socket(venue) as socket:
            told = (await ask(socket, "trades.recent", symbol="BTCUSDT", limit=5))["result"]
            assert await client.public_get_trades({"symbol": "BTCUSDT", "limit": 5}) == told
            assert await client.fetch_ohlcv(PAIR, "1m", limit=3) == await client.fetch_ohlcv_ws(PAIR, "1m", limit=3)

    run(talk)


def test_who_has_logged_on_signs_no_more(venue: RunningVenue) -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    venue.do(f"ed25519 my-key {public.splitlines()[1]}")
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    stamp = int(venue.now().timestamp() * 1000)

    async def talk() -> None:
        async with connect(venue, "my-key", pem) as client, open_socket(venue) as socket:
            signed = client.sign_params({})
            for method in ("account.status", "session.logon"):
                assert (await ask(socket, method, timestamp=stamp))["error"]["code"] == -2014
            assert (await ask(socket, "session.logon", **sign(venue)))["error"]["code"] == -1020
            assert (await ask(socket, "session.logon", **signed | {"signature": "AAAA"}))["error"]["code"] == -1022
            assert (await ask(socket, "session.logon", **signed))["result"]["apiKey"] == "my-key"
            assert (await ask(socket, "account.status", timestamp=stamp))["result"]["uid"]
            assert (await ask(socket, "account.status", timestamp=1))["error"]["code"] == -1021
            assert (await ask(socket, "account.status", apiKey=KEY, timestamp=stamp))["error"]["code"] == -1102
            assert (await ask(socket, "account.status", **sign(venue)))["status"] == 200
            told = await ask(socket, "session.logout")
            assert told["result"]["apiKey"] is told["result"]["authorizedSince"] is None
            assert (await ask(socket, "account.status", timestamp=stamp))["error"]["code"] == -2014

    run(talk)


def test_parameters_are_signed_as_they_are_written() -> None:
    """Binance's own example, and numbers and words of JSON beside texts."""
    text = """{"params": {"symbol": "BTCUSDT", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC",
        "quantity": "0.01000000", "price": "52000.00", "recvWindow": 100, "timestamp": 1645423376532,
        "apiKey": "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A", "signature": "x"}}"""
    told = make_wanted(read_parameters(read_object(text)), "")
    figures = make_wanted(
        read_parameters(read_object('{"params": {"b": 0.10, "a": 1e-7, "d": true, "c": 52000.00, "e": ["B", "A"]}}')),
        "",
    )

    assert told.payload == (
        "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00&quantity=0.01000000"
        "&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT"
    )
    assert figures.payload == 'a=1e-7&b=0.10&c=52000.00&d=true&e=["B","A"]'


def test_limits_are_told_unless_they_are_not_wanted(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as socket, open_socket(venue, "/ws-api/v3?returnRateLimits=false") as quiet:
            (limit,) = (await ask(socket, "time"))["rateLimits"]
            assert (limit["rateLimitType"], limit["limit"]) == ("REQUEST_WEIGHT", 6_000) and limit["count"] > 0
            assert "rateLimits" not in await ask(socket, "time", returnRateLimits=False)
            assert "rateLimits" not in await ask(quiet, "time")
            assert "rateLimits" in await ask(quiet, "time", returnRateLimits=True)

    run(talk)


NAMED = '{"id": 7, "method": "order.place", "params": %s}'
HOSTILE: list[tuple[str, int, object]] = [
    ("", -1135, None),
    ("[]", -1135, None),
    ("{", -1135, None),
    ("[" * 60_000, -1135, None),
    ('{"id": NaN, "method": "ping"}', -1135, None),
    ('{"id": 1e999999, "method": "ping"}', -1135, None),
    ('{"id": %s, "method": "ping"}' % ("9" * 5_000), -1135, None),
    ('{"id": {}, "method": "ping"}', -1135, None),
    ('{"id": "seven"}', -1135, "seven"),
    ('{"id": 7, "method": 5}', -1135, 7),
    ('{"id": 7, "method": "order.steal"}', -1020, 7),
    ('{"id": 7, "method": "userDataStream.start"}', -1020, 7),
    ('{"id": 7, "method": "ping", "params": []}', -1135, 7),
    ('{"id": 7, "method": "ping", "params": {"a": 1}}', -1101, 7),
    ('{"id": 7, "method": "depth", "params": {"symbol": {}}}', -1130, 7),
    ('{"id": 7, "method": "depth", "params": {"symbol": "\\ud800"}}', -1100, 7),
    ('{"id": 7, "method": "depth", "params": {"symbol": null}}', -1102, 7),
    ('{"id": 7, "method": "depth", "params": {"symbol": "BTCUSDT", "limit": 1e999999}}', -1100, 7),
    ('{"id": 7, "method": "depth", "params": {"symbol": "BTCUSDT", "limit": %s}}' % ("9" * 5_000), -1100, 7),
    ('{"id": 7, "method": "depth", "params": {"symbol": "BTCUSDT", "symbol": "BTCUSDT"}}', -1101, 7),
    (NAMED % '{"apiKey": "nobody", "timestamp": 1, "signature": "x"}', -2015, 7),
    (NAMED % '{"timestamp": 1}', -2014, 7),
]


def test_what_is_no_request_is_refused_and_the_connection_stays(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as socket:
            for text, code, identity in HOSTILE:
                await socket.send(text)
                told = await hear(socket)
                assert (text[:80], told["error"]["code"], told["id"]) == (text[:80], code, identity)
            assert (await ask(socket, "ping"))["result"] == {}

    run(talk)


PATIENT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "30000"}
REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"quantity": "NaN"}, -1100),
    ({"quantity": "1e999999"}, -1100),
    ({"quantity": "9" * 5_000}, -1100),
    ({"quantity": "0.1", "extra": "1"}, -1104),
    ({"quantity": "0.1", "symbol": "NOPEUSDT"}, -1121),
]


def test_an_order_that_is_not_one_changes_nothing(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as socket:
            for changed, code in REFUSED:
                told = await ask(socket, "order.place", **sign(venue, **PATIENT | changed))
                assert (changed, told["status"], told["error"]["code"]) == (changed, 400, code)
            forged = sign(venue, **PATIENT, quantity="0.1") | {"quantity": "0.2"}
            assert (await ask(socket, "order.place", **forged))["error"]["code"] == -1022

    held = locked(venue)
    run(talk)
    assert locked(venue) == held


def test_a_frame_that_is_too_large_ends_the_connection(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as socket:
            await socket.send('{"id": 1, "method": "%s"}' % ("x" * 100_000))
            with pytest.raises(websockets.ConnectionClosedError) as closed:
                await socket.recv()
            assert closed.value.rcvd and closed.value.rcvd.code == 1009

    run(talk)


def test_there_is_no_socket_elsewhere(venue: RunningVenue) -> None:
    async def talk() -> None:
        with pytest.raises(websockets.InvalidStatus, match="403"):
            async with open_socket(venue, "/api/v3/time"):
                pass

    run(talk)
