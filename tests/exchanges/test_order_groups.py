"""What orders of a trade were given for, as each exchange's rows say it: through its own reader into the group of a trade."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from finance.order_evidence import TradeFacts, Words
from finance.order_groups import OrderGroup, group_orders
from finance.order_plans import OrderPlan, number_targets
from finance.orders import OrderRecord
from monitor.exchanges.binance import contract_order_rows
from monitor.exchanges.binance import orders as binance
from monitor.exchanges.bitget import contract_order_rows as of_contracts
from monitor.exchanges.bitget import orders as bitget
from monitor.exchanges.contract import Pair
from monitor.exchanges.gate import triggers
from monitor.exchanges.mexc import contract_orders as mexc_contracts
from monitor.exchanges.mexc import orders as mexc
from tests.monitor.notation import D

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GIVEN, ENDED = 1772366400000, 1772366400000 + 8 * 3_600_000  # noon, and with the trade
PAIR = Pair(symbol="BTCUSDT", base="BTC", quote="USDT")


def group(*orders: OrderRecord, entry: str = "1", is_contract: bool = False, words: Words | None = None) -> OrderGroup:
    """That of a long trade from noon to 20:00, entered at 50,000 by the order `entry`."""
    trade = TradeFacts(
        is_short=False, opened_at=NOON, closed_at=NOON + timedelta(hours=8), entry_price=D(50000), entered_by={entry},
        exited_by=set(), is_contract=is_contract,
    )  # fmt: skip
    return group_orders(trade, orders, words or Words())


def said(found: OrderGroup) -> list[tuple[str, str, str]]:
    return [(one.order_id, one.role.name, str(one.source)) for one in found.orders]


def at_binance(number: int, kind: str, side: str = "SELL", **more: Any) -> dict[str, Any]:
    filled = {"executedQty": "1", "cummulativeQuoteQty": "50000", "status": "FILLED", "updateTime": GIVEN}
    ended = {"executedQty": "0", "cummulativeQuoteQty": "0", "status": "EXPIRED", "updateTime": ENDED}
    row = {"symbol": "BTCUSDT", "orderId": number, "orderListId": -1, "clientOrderId": "x", "price": "0", "origQty": "1", "type": kind,
           "side": side, "stopPrice": "0", "origQuoteOrderQty": "0", "time": GIVEN}  # fmt: skip
    return row | (filled if side == "BUY" else ended) | more


def test_binance_lists_of_two_and_of_three_orders() -> None:
    """OCO: a profit and a stop. OTOCO: the order that brings them about is in their list."""
    for entry_list in (-1, 7):
        rows = [
            at_binance(1, "LIMIT", "BUY", orderListId=entry_list, price="50000"),
            at_binance(2, "LIMIT_MAKER", orderListId=7, price="55000"),
            at_binance(3, "STOP_LOSS_LIMIT", orderListId=7, price="47900", stopPrice="48000"),
        ]
        found = group(*binance._read_orders(rows, "spot", PAIR))
        assert said(found) == [("1", "ENTRY", "exchange"), ("2", "TP1", "exchange"), ("3", "SL", "exchange")]
        assert found.stop == 48000


def test_binance_triggers_of_a_position() -> None:
    """They close all of one side of it; what one became is an order of its own."""
    row = {"symbol": "BTCUSDT", "side": "SELL", "positionSide": "LONG", "closePosition": True, "createTime": GIVEN, "updateTime": ENDED,
           "algoStatus": "CANCELED", "actualOrderId": "", "quantity": "0"}  # fmt: skip
    rows = [
        row | {"algoId": 5, "orderType": "TAKE_PROFIT_MARKET", "triggerPrice": "60000"},
        row | {"algoId": 6, "orderType": "TAKE_PROFIT_MARKET", "triggerPrice": "56000"},
        row
        | {
            "algoId": 7,
            "orderType": "STOP_MARKET",
            "triggerPrice": "49000",
            "algoStatus": "FINISHED",
            "actualOrderId": "9",
        },
    ]
    became = {"symbol": "BTCUSDT", "orderId": 9, "clientOrderId": "x", "side": "SELL", "positionSide": "LONG", "type": "MARKET",
              "origType": "MARKET", "status": "FILLED", "origQty": "1", "executedQty": "1", "avgPrice": "48990", "cumQuote": "48990",
              "stopPrice": "0", "price": "0", "time": ENDED, "updateTime": ENDED}  # fmt: skip
    orders = [contract_order_rows.read_algo(one, "usd_m_futures") for one in rows]
    sold = contract_order_rows.read_order(became | {"time": ENDED - 1}, "usd_m_futures")
    found = group(*orders, sold, is_contract=True)
    assert said(found)[1:] == [
        ("trigger-6", "TP1", "exchange"), ("trigger-5", "TP2", "exchange"), ("trigger-7", "SL", "exchange"), ("9", "SL", "exchange")
    ]  # fmt: skip
    assert (found.stop, found.orders[-1].price) == (49000, 49000)


def test_bitget_prices_that_were_given_with_the_entry() -> None:
    """Of the classic and the unified system; a trigger of which no word says what it is for is inferred."""
    stamp = {"cTime": str(GIVEN), "uTime": str(ENDED)}
    entry = {"symbol": "BTCUSDT", "orderId": "1", "clientOid": "mine", "size": "1", "orderType": "limit", "side": "buy",
             "status": "filled", "price": "50000", "baseVolume": "1", "quoteVolume": "50000",
             "presetTakeProfitPrice": "57000", "presetStopLossPrice": "48500"} | stamp  # fmt: skip
    sale = entry | {"orderId": "2", "side": "sell", "status": "cancelled", "baseVolume": "0", "quoteVolume": "0",
                    "presetTakeProfitPrice": "", "presetStopLossPrice": "", "triggerPrice": "60000", "tpslType": "tpsl"}  # fmt: skip
    found = group(bitget.read_order(entry), bitget.read_order(sale))
    assert [(one.order_id, one.role.name, str(one.source), one.is_preset) for one in found.orders] == [
        ("1", "ENTRY", "exchange", False), ("1", "TP1", "exchange", True), ("2", "TP2", "inferred", False), ("1", "SL", "exchange", True)
    ]  # fmt: skip
    assert found.stop == 48500

    unified = {"orderId": "1", "symbol": "BTCUSDT", "orderType": "market", "side": "buy", "price": "", "qty": "1", "cumExecQty": "1",
               "cumExecValue": "50000", "orderStatus": "filled", "takeProfit": "57000", "stopLoss": "48500",
               "createdTime": str(GIVEN), "updatedTime": str(GIVEN)}  # fmt: skip
    found = group(bitget.read_unified_order(unified))
    assert [one.role.name for one in found.orders] == ["ENTRY", "TP1", "SL"] and found.stop == 48500


def test_gate_triggers_by_the_way_the_price_has_to_go() -> None:
    """A sale once the price has fallen to 51,000 is a stop, though it lies above the entry: it followed the price."""
    row = {"id": 3, "trigger": {"price": "51000", "rule": 2}, "order_type": "close-long-position", "trade_id": 0, "status": "finished",
           "finish_as": "cancelled", "initial": {"contract": "BTC_USDT", "size": 0, "price": "0"}, "create_time": GIVEN // 1000,
           "finish_time": ENDED // 1000}  # fmt: skip
    above = row | {"id": 4, "trigger": {"price": "54000", "rule": 1}}
    found = group(
        *(triggers.read_contract(one, "futures_usdt", {"BTC_USDT": D("0.0001")}) for one in (row, above)),
        is_contract=True,
    )
    assert said(found)[1:] == [("trigger-4", "TP1", "exchange"), ("trigger-3", "SL", "exchange")]
    assert found.stop is None  # at its price the entry would have lost nothing


def test_mexc_shows_no_links_and_a_plan_names_what_is_for_what() -> None:
    row = {"symbol": "BTCUSDT", "clientOrderId": "", "orderListId": "-1", "type": "LIMIT", "side": "SELL", "origQty": "1",
           "executedQty": "0", "cummulativeQuoteQty": "0", "status": "CANCELED", "time": GIVEN, "updateTime": ENDED}  # fmt: skip
    orders = [
        mexc.read_order(row | {"orderId": name, "price": price}, PAIR)
        for name, price in (("C02__2", "55000"), ("C02__3", "58000"))
    ]
    plan = OrderPlan(id="p1", planned_at=NOON, symbol="BTCUSDT", side="buy", order_id="1", stop=D(47000),
                     targets=number_targets("buy", [(D(55010), None), (D(70000), None)]))  # fmt: skip
    assert said(group(*orders)) == [("1", "ENTRY", "exchange")]
    found = group(*orders, words=Words(plans=[plan]))
    assert said(found) == [("1", "ENTRY", "exchange"), ("C02__2", "TP1", "plan")]
    assert (found.stop, found.stop_source) == (47000, "plan")


def test_bitget_triggers_of_a_position() -> None:
    """Classic: a plan for each price, of all or of a part. Unified: one row may have both prices; how it ended no row says."""
    stamp = {"cTime": str(GIVEN), "uTime": str(ENDED), "createdTime": str(GIVEN), "updatedTime": str(ENDED)}
    row = {"symbol": "BTCUSDT", "side": "buy", "posMode": "hedge_mode", "posSide": "long", "tradeSide": "close", "size": "1",
           "orderType": "market", "planStatus": "cancelled", "executeOrderId": ""} | stamp  # fmt: skip
    entry = row | {"orderId": "1", "tradeSide": "open", "status": "filled", "baseVolume": "1", "quoteVolume": "50000"}
    plans = [
        row | {"orderId": "5", "planType": "pos_profit", "triggerPrice": "58000"},
        row | {"orderId": "6", "planType": "profit_plan", "triggerPrice": "54000"},
        row | {"orderId": "7", "planType": "pos_loss", "triggerPrice": "47000"},
    ]
    orders = [of_contracts.read_plan(one, "usdt_futures") for one in plans]
    found = group(of_contracts.read_order(entry, "usdt_futures"), *orders, is_contract=True)
    assert [one[:2] for one in said(found)] == [
        ("1", "ENTRY"), ("trigger-6", "TP1"), ("trigger-5", "TP2"), ("trigger-7", "SL")
    ]  # fmt: skip
    assert found.stop == 47000

    both = {"orderId": "8", "symbol": "BTCUSDT", "posSide": "long", "status": "live", "takeProfit": "56000", "stopLoss": "48000",
            "qty": "1"} | stamp  # fmt: skip
    assert prices(group(of_contracts.read_strategy(both, "unified"), is_contract=True)) == [
        ("1", "ENTRY", None), ("trigger-8", "TP1", 56000), ("trigger-8", "SL", 48000)
    ]  # fmt: skip


def at_mexc(number: str, side: str, price: str, at: int) -> OrderRecord:
    """An order of a contract at the market's price."""
    row = {"symbol": "BTC_USDT", "orderId": number, "side": side, "orderType": "5", "category": "1", "vol": "1", "dealVol": "1",
           "dealAvgPrice": price, "state": "3", "price": "0", "createTime": at, "updateTime": at}  # fmt: skip
    return mexc_contracts.read_order(row, D(1))


def test_mexc_one_order_takes_the_profit_or_stops_the_loss_of_a_position() -> None:
    """Its row says which it did: what it sold at a loss took no profit. Until then it is both, and the stop at the entry."""
    entry, sold = at_mexc("1", "1", "50000", GIVEN), at_mexc("9", "4", "47990", ENDED - 1)
    row = {"symbol": "BTC_USDT", "id": "5", "orderId": "1", "positionType": "1", "takeProfitPrice": "55000", "stopLossPrice": "48000",
           "vol": "1", "createTime": GIVEN, "updateTime": ENDED}  # fmt: skip
    waits = mexc_contracts.read_stop(row | {"state": "1", "triggerSide": "0", "placeOrderId": "0"}, D(1))
    found = group(entry, waits, is_contract=True)
    assert prices(found)[1:] == [("trigger-stop-5", "TP1", 55000), ("trigger-stop-5", "SL", 48000)]
    assert (found.stop, found.stop_source) == (48000, "exchange")

    did = {"state": "3", "placeOrderId": "9"}
    stopped = mexc_contracts.read_stop(row | did | {"triggerSide": "2"}, D(1))
    found = group(entry, stopped, sold, is_contract=True)
    assert prices(found)[1:] == [
        ("trigger-stop-5", "TP1", 55000), ("trigger-stop-5", "SL", 48000), ("9", "SL", 48000)
    ]  # fmt: skip
    assert {number: str(role) for number, role in found.find_roles().items()}["9"] == "sl"
    unsaid = mexc_contracts.read_stop(row | did | {"triggerSide": "0"}, D(1))
    assert said(group(entry, unsaid, sold, is_contract=True))[-1] == ("9", "SL", "inferred")


def prices(found: OrderGroup) -> list[tuple[str, str, Decimal | None]]:
    return [(one.order_id, one.role.name, one.price) for one in found.orders]
