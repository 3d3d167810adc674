"""What happens to an account is told over the WebSocket API: in order, as the ledger has it, and to nobody else."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from tests.paper.socket_clients import ask, connect, hear, open_socket, run, sign
from tests.venue import KEY, MARKET, SECRET, START, RunningVenue

OTHER = "another-key-0123456789"
STORY = f"""
+0m account other key {OTHER} secret {SECRET}
+0m permit enableSpotAndMarginTrading
+0m deposit 10000 USDT
+0m account test key {KEY} secret {SECRET}
+0m permit enableSpotAndMarginTrading
+0m deposit 10000 USDT
"""
PAIR = "BTC/USDT"
PATIENT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.1",
    "price": "30000",
}


@pytest.fixture(scope="module")
def venue() -> Iterator[RunningVenue]:
    found = RunningVenue(MARKET, STORY, START, START.replace(minute=5))
    yield found
    found.stop()


async def subscribe(socket: Any, venue: RunningVenue, key: str = KEY) -> int:
    told = await ask(socket, "userDataStream.subscribe.signature", **sign(venue, key))
    number: int = told["result"]["subscriptionId"]
    return number


async def hear_events(socket: Any, number: int) -> list[dict[str, Any]]:
    """So many events, and no answers."""
    events: list[dict[str, Any]] = []
    while len(events) < number:
        events += [told["event"] for told in [await hear(socket)] if "event" in told]
    return events


def test_a_client_sees_its_orders_trades_and_balances_change(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with connect(venue) as client:
            watched = [asyncio.create_task(one) for one in (client.watch_orders(PAIR), client.watch_balance())]
            await asyncio.sleep(0.3)
            given = await client.create_order_ws(PAIR, "limit", "buy", 0.1, 30_000)
            (order,), balance = await asyncio.gather(*watched)
            assert (order["id"], order["status"]) == (given["id"], "open")
            assert (balance["USDT"]["free"], balance["USDT"]["used"]) == (7_000, 3_000)
            await client.cancel_order_ws(given["id"], PAIR)
            assert [one["status"] for one in await client.watch_orders(PAIR)] == ["canceled"]

            watched = [asyncio.create_task(client.watch_my_trades(PAIR))]
            bought = await client.create_order_ws(PAIR, "market", "buy", 0.01)
            (trade,) = await watched[0]
            assert (trade["order"], trade["amount"], trade["takerOrMaker"]) == (bought["id"], 0.01, "taker")

    run(talk)


def test_events_come_in_the_order_of_what_happened(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as listening, open_socket(venue) as asking:
            await subscribe(listening, venue)
            given = (await ask(asking, "order.place", **sign(venue, **PATIENT, newClientOrderId="mine")))["result"]
            new, locked = await hear_events(listening, 2)
            assert (new["e"], new["x"], new["X"], new["i"], new["c"], new["w"]) == (
                "executionReport", "NEW", "NEW", given["orderId"], "mine", True,
            )  # fmt: skip
            (usdt,) = locked["B"]
            assert (locked["e"], usdt["a"], Decimal(usdt["l"])) == ("outboundAccountPosition", "USDT", 3_000)

            named = {"symbol": "BTCUSDT", "origClientOrderId": "mine", "newClientOrderId": "undo"}
            await ask(asking, "order.cancel", **sign(venue, **named))
            ended, unlocked = await hear_events(listening, 2)
            assert (ended["x"], ended["X"], ended["c"], ended["C"]) == ("CANCELED", "CANCELED", "undo", "mine")
            assert Decimal(unlocked["B"][0]["l"]) == 0

            market = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
            bought = (await ask(asking, "order.place", **sign(venue, **market)))["result"]
            new, traded, paid = await hear_events(listening, 3)
            (fill,) = bought["fills"]
            assert [new["x"], traded["x"], traded["X"]] == ["NEW", "TRADE", "FILLED"]
            assert (traded["t"], traded["L"], traded["n"], traded["N"]) == (
                fill["tradeId"], fill["price"], fill["commission"], "BTC",
            )  # fmt: skip
            ledger = venue.exchange.venue.ledger
            assert {one["a"]: Decimal(one["f"]) for one in paid["B"]} == {
                asset: ledger.balance(("test", "spot"), asset) for asset in ("BTC", "USDT")
            }

    run(talk)


def test_a_list_is_told_when_it_begins_and_when_it_has_ended(venue: RunningVenue) -> None:
    pair = {
        "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.005", "aboveType": "LIMIT_MAKER", "abovePrice": "150000",
        "belowType": "STOP_LOSS", "belowStopPrice": "30000", "listClientOrderId": "both",
    }  # fmt: skip

    async def talk() -> None:
        async with open_socket(venue) as listening, open_socket(venue) as asking:
            await ask(
                asking, "order.place", **sign(venue, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
            )
            await subscribe(listening, venue)
            await ask(asking, "orderList.place.oco", **sign(venue, **pair))
            begun = await hear_events(listening, 4)
            assert [one["e"] for one in begun] == ["executionReport"] * 2 + ["listStatus", "outboundAccountPosition"]
            assert (begun[2]["c"], begun[2]["l"], begun[2]["C"]) == ("OCO", "EXEC_STARTED", "both")
            await ask(asking, "orderList.cancel", **sign(venue, symbol="BTCUSDT", listClientOrderId="both"))
            ended = await hear_events(listening, 4)
            assert [one.get("X", one.get("L")) for one in ended[:3]] == ["CANCELED", "CANCELED", "ALL_DONE"]

    run(talk)


def test_what_time_brings_and_what_comes_from_outside_is_told_without_being_asked_for(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as listening:
            await subscribe(listening, venue)
            await asyncio.to_thread(venue.do, "deposit 5 USDT")
            came, has = await hear_events(listening, 2)
            assert (came["e"], came["a"], Decimal(came["d"])) == ("balanceUpdate", "USDT", 5)
            assert has["e"] == "outboundAccountPosition"
            bid = (await ask(listening, "ticker.book", symbol="BTCUSDT"))["result"]["bidPrice"]
            price = f"{Decimal(bid) * Decimal('0.999'):.2f}"
            await listening.send('{"id": 2, "method": "ping"}')
            async with open_socket(venue) as asking:
                await ask(asking, "order.place", **sign(venue, **PATIENT | {"quantity": "0.001", "price": price}))
            await hear_events(listening, 2)
            await asyncio.to_thread(venue.advance, days=1)
            filled, _ = await hear_events(listening, 2)
            assert (filled["x"], filled["m"], filled["L"]) == ("TRADE", True, f"{Decimal(price):.8f}")
            assert filled["T"] < int(venue.exchange.venue.clock.now().timestamp() * 1000)
            await asyncio.to_thread(venue.control, "/weights", None, "DELETE")

    run(talk)


def test_nobody_hears_of_others_and_nobody_twice(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as socket, open_socket(venue) as asking:
            assert (await ask(socket, "userDataStream.subscribe"))["error"]["code"] == -1002
            assert (await ask(socket, "userDataStream.subscribe", listenKey="x"))["error"]["code"] == -1101
            assert await subscribe(socket, venue, OTHER) == 0
            again = await ask(socket, "userDataStream.subscribe.signature", **sign(venue, OTHER))
            assert again["error"]["code"] == -1191
            await ask(asking, "order.place", **sign(venue, **PATIENT, newClientOrderId="quiet"))
            await ask(asking, "order.cancel", **sign(venue, symbol="BTCUSDT", origClientOrderId="quiet"))
            assert (await ask(socket, "session.status"))["result"]["userDataStream"] is True
            assert (await ask(socket, "session.subscriptions"))["result"] == [{"subscriptionId": 0}]
            assert (await ask(socket, "userDataStream.unsubscribe", subscriptionId=7))["error"]["code"] == -1100
            assert (await ask(socket, "userDataStream.unsubscribe"))["result"] == {}
            assert await hear_events(socket, 1) == [{"e": "eventStreamTerminated", "E": sign(venue)["timestamp"]}]
            assert (await ask(socket, "session.status"))["result"]["userDataStream"] is False

    listening = len(venue.exchange.venue.listeners)
    run(talk)
    assert len(venue.exchange.venue.listeners) == listening


STRANGE = [
    ("order.status", {"orderId": "order"}, -2013),
    ("order.cancel", {"orderId": "order"}, -2011),
    ("order.amend.keepPriority", {"orderId": "order", "newQty": "0.05"}, -2011),
    ("order.cancelReplace", PATIENT | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": "order"}, -2022),
    ("orderList.cancel", {"orderListId": "list"}, -2018),
]


def test_what_belongs_to_others_is_not_there(venue: RunningVenue) -> None:
    pair = {"side": "SELL", "quantity": "0.005", "aboveType": "LIMIT_MAKER", "abovePrice": "150000", "belowType": "STOP_LOSS", "belowStopPrice": "30000"}  # fmt: skip

    async def talk() -> None:
        async with open_socket(venue) as socket:
            buying = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
            await ask(socket, "order.place", **sign(venue, **buying))
            order = (await ask(socket, "order.place", **sign(venue, **PATIENT)))["result"]["orderId"]
            found = (await ask(socket, "orderList.place.oco", **sign(venue, symbol="BTCUSDT", **pair)))["result"]
            numbers = {"order": order, "list": found["orderListId"]}
            held = venue.truth()
            for method, parameters, code in STRANGE:
                told = {name: numbers.get(str(value), value) for name, value in parameters.items()}
                asked = sign(venue, OTHER, **{"symbol": "BTCUSDT"} | told)
                assert (method, (await ask(socket, method, **asked))["error"]["code"]) == (method, code)
            strangers = await ask(socket, "allOrders", **sign(venue, OTHER, symbol="BTCUSDT", orderId=order))
            assert order not in [one["orderId"] for one in strangers["result"]]
            assert venue.truth() == held
            await ask(socket, "openOrders.cancelAll", **sign(venue, symbol="BTCUSDT"))

    run(talk)


def test_an_order_of_a_story_is_taken_back_by_a_client_also_while_its_pair_is_halted(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with connect(venue) as client, open_socket(venue) as listening:
            await subscribe(listening, venue)
            await asyncio.to_thread(venue.do, "limit buy 0.01 BTCUSDT at 20000")
            await asyncio.to_thread(venue.do, "delist BTCUSDT")
            (order,) = await client.fetch_open_orders(PAIR)
            with pytest.raises(ccxt.BaseError, match="Market is closed"):
                await client.create_order(PAIR, "limit", "buy", 0.1, 30_000)
            assert (await client.cancel_order(order["id"], PAIR))["status"] == "canceled"
            reports = [one for one in await hear_events(listening, 4) if one["e"] == "executionReport"]
            assert [(one["i"], one["x"]) for one in reports] == [
                (int(order["id"]), "NEW"),
                (int(order["id"]), "CANCELED"),
            ]
            await asyncio.to_thread(venue.do, "list BTCUSDT")

    run(talk)
    assert venue.exchange.venue.ledger.balance(("test", "locked"), "USDT") == 0


def test_who_listens_with_a_key_that_is_revoked_hears_no_more(venue: RunningVenue) -> None:
    async def talk() -> None:
        async with open_socket(venue) as listening:
            await subscribe(listening, venue, OTHER)
            venue.do("deposit 1 USDT", "other")
            assert [one["e"] for one in await hear_events(listening, 2)] == ["balanceUpdate", "outboundAccountPosition"]
            venue.do("revoke", "other")
            venue.do("deposit 2 USDT", "other")
            assert [one["e"] for one in await hear_events(listening, 1)] == ["eventStreamTerminated"]
            venue.do("restore", "other")
            venue.do("deposit 3 USDT", "other")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await hear(listening)

    run(talk)
