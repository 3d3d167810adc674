"""What Bitget's rows say of an order beside its price and quantity: what it was given with."""

from decimal import Decimal as D

from monitor.exchanges.bitget import orders

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
