"""How many orders may be given, what comes twice, and what was kept from trading with itself; judged by raw requests."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.paper.socket_clients import ask, open_socket, run, sign
from tests.paper.test_signing import sign_with
from tests.venue import KEY, MARKET, SECRET, START, RunningVenue

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m permit enableSpotAndMarginTrading
+0m deposit 100000 USDT
+0m deposit 3 BTC
"""
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.001",
    "price": "30000",
}
COUNTS = ("X-MBX-ORDER-COUNT-10S", "X-MBX-ORDER-COUNT-1D")


@pytest.fixture(scope="module")
def venue() -> Iterator[RunningVenue]:
    found = RunningVenue(MARKET, STORY, START, START.replace(minute=5))
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def rested(venue: RunningVenue) -> None:
    """Nothing of any limit is used."""
    venue.advance(seconds=20)
    venue.control("/weights", method="DELETE")


def write(venue: RunningVenue, **parameters: object) -> str:
    stamp = int(venue.exchange.venue.clock.now().timestamp() * 1000)
    query = "&".join(f"{name}={value}" for name, value in ({"timestamp": stamp} | parameters).items())
    return f"{query}&signature={sign_with(SECRET, query)}"


def send(venue: RunningVenue, method: str, path: str, text: str) -> httpx.Response:
    return httpx.request(method, f"{venue.url}/api/v3/{path}?{text}", headers={"X-MBX-APIKEY": KEY})


def place(venue: RunningVenue, **changed: object) -> httpx.Response:
    return send(venue, "POST", "order", write(venue, **ORDER | changed))


def counts(venue: RunningVenue) -> list[int]:
    rows = send(venue, "GET", "rateLimit/order", write(venue)).json()
    assert [(row["interval"], row["intervalNum"], row["limit"]) for row in rows] == [
        ("SECOND", 10, 100),
        ("DAY", 1, 200_000),
    ]
    return [row["count"] for row in rows]


def test_orders_that_nobody_fills_count_and_those_that_trade_do_not(venue: RunningVenue) -> None:
    """As in the documentation's first example: each order one more, the first fill of a taker one less."""
    first = place(venue, newClientOrderId="a")
    place(venue, newClientOrderId="b")
    assert [first.headers[name] for name in COUNTS] == ["1", "1"] and counts(venue) == [2, 2]
    bought = place(venue, type="MARKET", price="", timeInForce="")
    assert bought.status_code == 400 and counts(venue) == [2, 2]
    text = write(venue, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.001")
    assert send(venue, "POST", "order", text).headers[COUNTS[0]] == "2"
    pair = {
        "side": "SELL",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "150000",
        "belowType": "STOP_LOSS",
        "belowStopPrice": "30000",
    }
    listed = send(venue, "POST", "orderList/oco", write(venue, symbol="BTCUSDT", quantity="0.001", **pair))
    assert listed.headers[COUNTS[0]] == "4"
    send(venue, "DELETE", "openOrders", write(venue, symbol="BTCUSDT"))
    venue.advance(seconds=10)
    assert counts(venue) == [0, 4]


def test_too_many_orders_are_refused_until_the_interval_is_over(venue: RunningVenue) -> None:
    counting = venue.exchange.dialects["binance"].limits.orders  # type: ignore[attr-defined]
    counting.add("test", 99, venue.exchange.venue.clock.now())
    waiting = place(venue, newClientOrderId="last")
    refused = place(venue, newClientOrderId="more")
    said = "Too many new orders; current limit is 100 orders per 10 SECOND."
    assert (waiting.status_code, refused.status_code, refused.json()) == (200, 429, {"code": -1015, "msg": said})
    assert 0 < int(refused.headers["Retry-After"]) <= 10

    replaced = {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrigClientOrderId": "last"}
    refused = send(venue, "POST", "order/cancelReplace", write(venue, **ORDER | replaced))
    assert refused.json()["code"] == -1015
    cancelled = write(venue, **ORDER | replaced | {"orderRateLimitExceededMode": "CANCEL_ONLY"})
    told = send(venue, "POST", "order/cancelReplace", cancelled)
    assert (told.status_code, told.json()["code"], told.json()["data"]["cancelResult"]) == (409, -2021, "SUCCESS")
    assert told.json()["data"]["newOrderResponse"] == {"code": -1015, "msg": said}

    venue.advance(seconds=10)
    after = place(venue, newClientOrderId="after")
    assert after.status_code == 200
    send(venue, "DELETE", "openOrders", write(venue, symbol="BTCUSDT"))


def test_the_second_door_tells_the_counts_with_its_answers(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as socket:
            told = await ask(socket, "order.place", **sign(venue, **ORDER))
            limits = [(one["rateLimitType"], one["interval"], one["count"]) for one in told["rateLimits"]]
            assert limits[:2] == [("ORDERS", "SECOND", 1), ("ORDERS", "DAY", 1)] and len(limits) == 3
            assert (await ask(socket, "account.rateLimits.orders", **sign(venue)))["result"][0]["count"] == 1
            named = {"symbol": "BTCUSDT", "orderId": told["result"]["orderId"]}
            assert len((await ask(socket, "order.cancel", **sign(venue, **named)))["rateLimits"]) == 1

    run(talk)


def test_an_order_that_comes_twice_is_given_once(venue: RunningVenue) -> None:
    text, account = write(venue, **ORDER, newClientOrderId="twin"), venue.exchange.venue.accounts["test"]
    before = len(account.orders)
    first, again = send(venue, "POST", "order", text), send(venue, "POST", "order", text)
    assert first.json() == again.json() and len(account.orders) == before + 1
    send(venue, "DELETE", "order", write(venue, symbol="BTCUSDT", origClientOrderId="twin"))
    assert send(venue, "POST", "order", text).json() == first.json() and len(account.orders) == before + 1
    assert place(venue, newClientOrderId="twin", price="30001").status_code == 200

    refused = write(venue, **ORDER | {"quantity": "90"})
    assert [send(venue, "POST", "order", refused).json()["code"] for _ in range(2)] == [-2010, -2010]
    venue.advance(seconds=62)
    assert send(venue, "POST", "order", text).json()["code"] == -1021
    send(venue, "DELETE", "openOrders", write(venue, symbol="BTCUSDT"))


def test_an_order_from_before_the_start_is_not_given(venue: RunningVenue) -> None:
    """What was answered then is not known any more."""
    now = venue.exchange.venue.clock.now()
    dialect: Any = venue.exchange.dialects["binance"]
    text = write(venue, **ORDER, timestamp=int(now.timestamp() * 1000) - 1)
    kept, dialect._began = dialect._began, now
    assert send(venue, "POST", "order", text).json()["code"] == -1021
    dialect._began = kept
    assert send(venue, "POST", "order", text).status_code == 200
    send(venue, "DELETE", "openOrders", write(venue, symbol="BTCUSDT"))


def test_what_was_kept_from_trading_with_itself_is_listed(venue: RunningVenue) -> None:
    own = place(venue, price="90000").json()["orderId"]
    sale = {"side": "SELL", "quantity": "2", "price": "90000", "timeInForce": "IOC"}
    taker = place(venue, **sale, selfTradePreventionMode="EXPIRE_BOTH").json()
    assert (taker["status"], taker["preventedQuantity"] > "0") == ("EXPIRED_IN_MATCH", True)
    (match,) = send(venue, "GET", "myPreventedMatches", write(venue, symbol="BTCUSDT", orderId=own)).json()
    assert (match["takerOrderId"], match["makerOrderId"], match["price"]) == (taker["orderId"], own, "90000.00000000")
    assert Decimal(match["makerPreventedQuantity"]) == Decimal("0.001")
    by_id = write(venue, symbol="BTCUSDT", preventedMatchId=match["preventedMatchId"])
    assert send(venue, "GET", "myPreventedMatches", by_id).json() == [match]
    assert send(venue, "GET", "myPreventedMatches", write(venue, symbol="BTCUSDT")).json()["code"] == -1128


def test_an_order_that_expired_says_why(venue: RunningVenue) -> None:
    order = place(venue, timeInForce="IOC").json()["orderId"]
    told = send(venue, "GET", "order", write(venue, symbol="BTCUSDT", orderId=order)).json()
    assert (told["status"], told["expiryReason"]) == ("EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED")


def test_an_amended_order_has_the_name_that_it_is_given(venue: RunningVenue) -> None:
    place(venue, newClientOrderId="old")
    named = {"symbol": "BTCUSDT", "origClientOrderId": "old", "newQty": "0.0005", "newClientOrderId": "new"}
    told = send(venue, "PUT", "order/amend/keepPriority", write(venue, **named)).json()["amendedOrder"]
    assert (told["origClientOrderId"], told["clientOrderId"]) == ("old", "new")
    ended = send(venue, "DELETE", "order", write(venue, symbol="BTCUSDT", origClientOrderId="new")).json()
    assert (ended["origClientOrderId"], ended["status"]) == ("new", "CANCELED")
