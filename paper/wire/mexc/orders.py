"""Orders in spot, each list of one pair: those that wait, those of the past week, and one by its number."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.trading.orders import Order, OrderType
from paper.wire.mexc.request import Asked, milliseconds, plain
from paper.wire.mexc.spot import BAD_SYMBOL
from paper.wire.refusal import Refusal

MOST_ORDERS, USUAL_ORDERS = 1000, 500
KEPT, USUAL_TIME = timedelta(days=7), timedelta(days=1)
UNKNOWN_ORDER = Refusal(-2013, "Order does not exist.")


def open_orders(asked: Asked) -> Any:
    """GET /api/v3/openOrders"""
    return [_row(order) for order in _of_symbol(asked) if order.waits]


def all_orders(asked: Asked) -> Any:
    """GET /api/v3/allOrders: newest first, by when they were given, in the past week; without times the past day."""
    until = asked.time("endTime") or asked.now
    since = max(asked.time("startTime") or until - USUAL_TIME, asked.now - KEPT)
    found = [order for order in reversed(_of_symbol(asked)) if since <= order.at <= until]
    return [_row(order) for order in found[: min(asked.number("limit", USUAL_ORDERS), MOST_ORDERS)]]


def one_order(asked: Asked) -> Any:
    """GET /api/v3/order"""
    name = asked.text("orderId")
    found = next((order for order in _of_symbol(asked) if _name(order) == name), None)
    if found is None:
        raise UNKNOWN_ORDER
    return _row(found)


def _of_symbol(asked: Asked) -> list[Order]:
    name = asked.text("symbol")
    if name not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    return [order for order in asked.account.list_orders() if order.symbol == name]


def _name(order: Order) -> str:
    return f"C02__{order.id:018}"


def _row(order: Order) -> dict[str, Any]:
    at_market = order.type is OrderType.MARKET
    return {
        "symbol": order.symbol,
        "orderId": _name(order),
        "orderListId": "-1",
        "clientOrderId": None,
        "price": plain(Decimal(0) if at_market else order.price),
        "origQty": plain(order.quantity),
        "executedQty": plain(order.filled),
        "cummulativeQuoteQty": plain(order.cost),
        "status": _status(order),
        "timeInForce": None,
        "type": "MARKET" if at_market else "LIMIT",
        "side": "BUY" if order.is_buy else "SELL",
        "stopPrice": None,
        "icebergQty": None,
        "time": milliseconds(order.at),
        "updateTime": milliseconds(order.changed_at),
        "isWorking": order.waits,
        "origQuoteOrderQty": plain(order.cost if at_market and order.is_buy else Decimal(0)),
    }


def _status(order: Order) -> str:
    if order.is_cancelled:
        return "PARTIALLY_CANCELED" if order.filled else "CANCELED"
    if not order.left:
        return "FILLED"
    return "PARTIALLY_FILLED" if order.filled else "NEW"
