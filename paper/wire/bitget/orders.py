"""Orders in spot, of both generations: those that wait, all of a time, and one."""

from decimal import Decimal
from typing import Any

from paper.trading.orders import Order
from paper.wire.bitget import contract_orders
from paper.wire.bitget.request import MONTH, QUARTER, Asked, plain, stamp
from paper.wire.bitget.symbols import MARGIN, PRODUCTS, SPOT
from paper.wire.refusal import Refusal

ZERO = Decimal(0)
NORMAL = "normal"
UNKNOWN_ORDER = Refusal("25204", "Order does not exist", 400)


def _number(order: Order) -> int:
    return order.id


def open_orders(asked: Asked) -> Any:
    """GET /api/v2/spot/trade/unfilled-orders"""
    if asked.parameters.get("tpslType", NORMAL) != NORMAL:
        return []
    found = [one for one in _of_symbol(asked) if one.waits]
    return [_row(asked, one) | {"priceAvg": plain(one.price), "basePrice": "0"} for one in asked.page(found, _number)]


def history(asked: Asked) -> Any:
    """GET /api/v2/spot/trade/history-orders: those that have ended, of the last 90 days, or one of them"""
    since, until = asked.window(QUARTER, reach=QUARTER)
    if asked.parameters.get("tpslType", NORMAL) != NORMAL:
        return []
    number = asked.number("orderId", 0)
    found = [one for one in _of_symbol(asked) if not one.waits and since <= one.at <= until and number in (0, one.id)]
    return [_row(asked, one) | _ended(one) for one in asked.page(found, _number)]


def plans(asked: Asked) -> Any:
    """GET /api/v2/spot/trade/current-plan-order"""
    return _page_of_plans(asked, [one for one in _stops(asked) if one.waits])


def ended_plans(asked: Asked) -> Any:
    """GET /api/v2/spot/trade/history-plan-order, of a pair"""
    asked.text("symbol")
    since, until = asked.window(QUARTER, reach=QUARTER, needed=("startTime", "endTime"))
    return _page_of_plans(asked, [one for one in _stops(asked) if not one.waits and since <= one.at <= until])


def _stops(asked: Asked) -> list[Order]:
    symbol = asked.parameters.get("symbol", "")
    return [one for one in asked.account.list_orders() if one.trigger and symbol in ("", one.symbol)]


def _page_of_plans(asked: Asked, found: list[Order]) -> dict[str, Any]:
    rows = asked.page(found, _number)
    return {
        "nextFlag": len(rows) < len(found),
        "idLessThan": str(rows[-1].id) if rows else "",
        "orderList": [*map(_plan, rows)],
    }


def _plan(order: Order) -> dict[str, Any]:
    return {
        "orderId": str(order.id),
        "clientOid": f"paper{order.id}",
        "symbol": order.symbol,
        "size": plain(order.quantity),
        "planType": "amount",
        "executePrice": "0",
        "triggerPrice": plain(order.trigger or ZERO),
        "status": "live" if order.waits else "executed" if order.filled else "cancelled",
        "orderType": "market",
        "side": "buy" if order.is_buy else "sell",
        "triggerType": "fill_price",
        "enterPointSource": "API",
        "cTime": stamp(order.at),
        "uTime": stamp(order.changed_at),
    }


def _of_symbol(asked: Asked) -> list[Order]:
    """One that waits for a trigger is none yet."""
    symbol = asked.parameters.get("symbol", "")
    known = [one for one in asked.account.list_orders() if one.filled or not one.trigger]
    return [one for one in known if symbol in ("", one.symbol)]


def _row(asked: Asked, order: Order) -> dict[str, Any]:
    at_market = order.is_at_market
    return {
        "userId": str(asked.account.uid),
        "symbol": order.symbol,
        "orderId": str(order.id),
        "clientOid": f"paper{order.id}",
        "size": plain(order.cost if at_market and order.is_buy else order.quantity),
        "orderType": "market" if at_market else "limit",
        "side": "buy" if order.is_buy else "sell",
        "status": _status(order),
        "baseVolume": plain(order.filled),
        "quoteVolume": plain(order.cost),
        "enterPointSource": "API",
        "orderSource": "market" if at_market else "normal",
        "cTime": stamp(order.at),
        "uTime": stamp(order.changed_at),
    }


def _ended(order: Order) -> dict[str, Any]:
    return {"price": plain(order.price), "priceAvg": plain(_average(order)), "feeDetail": ""}


def _average(order: Order) -> Decimal:
    return (order.cost / order.filled).quantize(Decimal("1e-8")) if order.filled else ZERO


def _status(order: Order) -> str:
    if order.is_cancelled:
        return "cancelled"
    if not order.left:
        return "filled"
    return "partially_filled" if order.filled else "live"


def unified_open(asked: Asked) -> Any:
    """GET /api/v3/trade/unfilled-orders"""
    if asked.parameters.get("category", SPOT).upper() in PRODUCTS:
        return contract_orders.unified(asked, waiting=True)
    found = [one for one in _of_category(asked) if one.waits]
    rows = asked.page(found, _number, before="cursor")
    return {"list": [_unified(one) for one in rows], "cursor": str(rows[-1].id) if rows else ""}


def unified_history(asked: Asked) -> Any:
    """GET /api/v3/trade/history-orders: those that have ended, of the last 90 days, 30 at once"""
    if asked.text("category").upper() in PRODUCTS:
        return contract_orders.unified(asked, waiting=False)
    since, until = asked.window(MONTH, reach=QUARTER)
    found = [one for one in _of_category(asked) if not one.waits and since <= one.at <= until]
    rows = asked.page(found, _number, before="cursor")
    told = [_unified(one) | {"cancelReason": "", "execType": "normal"} for one in rows]
    return {"list": told, "cursor": str(rows[-1].id) if rows else ""}


def unified_order(asked: Asked) -> Any:
    """GET /api/v3/trade/order-info"""
    number = asked.number("orderId", 0)
    found = next((one for one in asked.account.list_orders() if one.id == number), None)
    if found is None:
        raise UNKNOWN_ORDER
    return _unified(found) | {"cancelReason": "", "execType": "normal"}


def _of_category(asked: Asked) -> list[Order]:
    return [] if asked.parameters.get("category", SPOT).upper() == MARGIN else _of_symbol(asked)


def _unified(order: Order) -> dict[str, Any]:
    at_market = order.is_at_market
    return {
        "orderId": str(order.id),
        "clientOid": f"paper{order.id}",
        "category": SPOT,
        "symbol": order.symbol,
        "orderType": "market" if at_market else "limit",
        "side": "buy" if order.is_buy else "sell",
        "price": plain(order.price),
        "qty": plain(order.quantity),
        "amount": "0",
        "cumExecQty": plain(order.filled),
        "cumExecValue": plain(order.cost),
        "avgPrice": plain(_average(order)),
        "timeInForce": "gtc",
        "orderStatus": _status(order),
        "posSide": "",
        "holdMode": "",
        "reduceOnly": "NO",
        "feeDetail": [{"feeCoin": "", "fee": ""}],
        "createdTime": stamp(order.at),
        "updatedTime": stamp(order.changed_at),
        "stpMode": "none",
        **dict.fromkeys(("tpTriggerBy", "slTriggerBy", "takeProfit", "stopLoss", "tpOrderType", "slOrderType", "tpLimitPrice",
                         "slLimitPrice")),
    }  # fmt: skip
