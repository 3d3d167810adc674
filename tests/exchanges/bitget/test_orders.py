"""What Bitget's rows say of an order beside its price and quantity: what it was given with."""

from decimal import Decimal as D

import pytest

from monitor.exchanges.bitget import contract_order_rows, contract_orders, orders

CLASSIC = {"userId": "7264631750", "symbol": "BTCUSDT", "orderId": "1111499608327360513", "clientOid": "mine", "size": "0.0002",
           "orderType": "limit", "side": "buy", "status": "live", "priceAvg": "25000", "basePrice": "0", "cTime": "1772324077966",
           "uTime": "1772324077966", "triggerPrice": None, "tpslType": "normal"}  # fmt: skip
UNIFIED = {"orderId": "1321320757371228160", "clientOid": "mine", "category": "MARGIN", "symbol": "BTCUSDT", "orderType": "limit",
           "side": "sell", "price": "50000", "qty": "0.001", "amount": "0", "cumExecQty": "0", "cumExecValue": "0", "orderStatus": "live",
           "posSide": "", "reduceOnly": "NO", "createdTime": "1772324338186", "updatedTime": "1772324338203",
           "takeProfit": None, "stopLoss": ""}  # fmt: skip


def test_a_classic_order_has_what_closes_it_again() -> None:
    plain = orders.read_order(CLASSIC)
    preset = orders.read_order(CLASSIC | {"presetTakeProfitPrice": "27000", "presetStopLossPrice": "24000"})
    stop = orders.read_order(CLASSIC | {"tpslType": "tpsl", "triggerPrice": "24500"})

    assert (plain.take_profit, plain.stop_loss, plain.trigger_price) == (None, None, None)
    assert (preset.take_profit, preset.stop_loss, preset.client_id) == (D(27000), D(24000), "mine")
    assert (stop.trigger_price, stop.raw["tpslType"]) == (D(24500), "tpsl")


def test_a_unified_order_has_its_side_and_mode_and_what_closes_it_again() -> None:
    plain = orders.read_unified_order(UNIFIED)
    words = {
        "posSide": "short",
        "reduceOnly": "YES",
        "marginMode": "crossed",
        "takeProfit": "45000",
        "stopLoss": "52000",
    }
    told = orders.read_unified_order(UNIFIED | words)

    assert (plain.position_side, plain.reduces, plain.margin_mode, plain.take_profit) == ("both", False, "", None)
    assert (told.position_side, told.reduces, told.margin_mode) == ("short", True, "cross")
    assert (told.take_profit, told.stop_loss) == (D(45000), D(52000))


PLAN = {"planType": "track_plan", "symbol": "BTCUSDT", "size": "0.002", "orderId": "1111491399869075457", "clientOid": "", "callbackRatio": "2",
        "triggerPrice": "70000", "planStatus": "live", "side": "buy", "posSide": "long", "marginMode": "crossed", "tradeSide": "close",
        "posMode": "hedge_mode", "orderType": "market", "cTime": "1772324120917", "uTime": ""}  # fmt: skip
STRATEGY = {"orderId": "111111111111111111", "clientOid": "mine", "category": "USDT-FUTURES", "symbol": "BTCUSDT", "qty": "0.01",
            "posSide": "long", "status": "pending", "takeProfit": "", "stopLoss": "", "triggerBy": "market", "triggerPrice": "100000",
            "triggerOrderType": "limit", "triggerOrderPrice": "100500", "createdTime": "1772324186725",
            "updatedTime": "1772324186725"}  # fmt: skip


def test_what_follows_the_price_closes_a_position_or_opens_one() -> None:
    """By the documentation it has no price of its own; `moving_plan` is always of a position."""
    closing = contract_order_rows.read_plan(PLAN, "usdt_futures")
    opening = contract_order_rows.read_plan(PLAN | {"tradeSide": "open"}, "usdt_futures")
    one_way = {"posMode": "one_way_mode", "side": "sell", "tradeSide": "", "posSide": "net"}
    moving = contract_order_rows.read_plan(PLAN | one_way | {"planType": "moving_plan"}, "usdt_futures")
    free = contract_order_rows.read_plan(PLAN | one_way, "usdt_futures")

    assert {one.type for one in (closing, opening, moving, free)} == {"trailing_stop_market"}
    assert [(one.side, one.reduces) for one in (closing, opening, moving, free)] == [
        ("sell", True),
        ("buy", False),
        ("sell", True),
        ("sell", False),
    ]
    assert (closing.trigger_price, closing.price, closing.raw["callbackRatio"]) == (D(70000), None, "2")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *(("pending", "open"), ("submitting", "open"), ("success", "triggered"), ("failed", "rejected"), ("cancelled", "cancelled")),
        ("", "open"),
    ],
)  # fmt: skip
def test_a_strategy_says_how_it_stands(status: str, state: str) -> None:
    exits = {"takeProfit": "110000", "stopLoss": "90000"}
    assert contract_order_rows.read_strategy(STRATEGY | exits | {"status": status}, "unified").state == state
    waits = contract_order_rows.read_triggered(STRATEGY | {"status": status}, "unified")
    assert (waits.state, waits.type, waits.side, waits.reduces) == (state, "trigger_limit", "buy", False)
    assert (waits.price, waits.trigger_price, waits.quantity) == (D(100500), D(100000), D("0.01"))
    closes = contract_order_rows.read_triggered(STRATEGY | {"side": "sell", "triggerOrderType": "market"}, "unified")
    assert (closes.type, closes.side, closes.reduces, closes.price) == ("trigger_market", "sell", True, None)


def test_strategies_that_wait_are_a_list_of_a_name_or_of_none() -> None:
    read = contract_orders.reader_of(contract_orders.UNIFIED[2], "unified")
    for answer in ([STRATEGY], {"list": [STRATEGY], "cursor": STRATEGY["orderId"]}):
        found, cursor = read(answer)
        assert ([one.exchange_id for one in found], cursor) == (["trigger-111111111111111111"], STRATEGY["orderId"])
    assert read([]) == read({"list": None, "cursor": None}) == ([], "")
