"""Orders in spot: those that wait, by pair, and those of a pair that have ended.

One that waits for a trigger has a list and a number of its own; what it becomes then is an order at the market's price.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from paper.trading.orders import Order
from paper.wire.gate.request import Asked, find_pair, milliseconds, pair_name, plain, seconds
from paper.wire.refusal import Refusal

MOST = 100
OWN_NUMBERS = 700_000_000  # of those that wait for a trigger
MONTH_SECONDS = 2_592_000


def open_orders(asked: Asked) -> Any:
    """GET /spot/open_orders: a page has so many of each pair"""
    waiting = [one for one in asked.account.list_orders() if one.waits and not one.trigger]
    found = []
    for symbol in sorted({one.symbol for one in waiting}):
        of_pair = [one for one in reversed(waiting) if one.symbol == symbol]
        rows = [_row(asked, one) for one in asked.page(of_pair, most=MOST)]
        found.append({"currency_pair": pair_name(asked.venue, symbol), "total": len(of_pair), "orders": rows})
    return found


def orders(asked: Asked) -> Any:
    """GET /spot/orders, of a pair: those that have ended, by when they did"""
    symbol = find_pair(asked, asked.text("currency_pair"))
    if asked.text("status") != "finished":
        raise Refusal("INVALID_PARAM_VALUE", "only finished orders are listed here")
    since, until = asked.window()
    found = [
        one
        for one in reversed(asked.account.list_orders())
        if one.symbol == symbol and _has_ended(one) and since <= one.changed_at <= until
    ]
    return [_row(asked, one) for one in asked.page(found, most=MOST)]


def _has_ended(order: Order) -> bool:
    return not order.waits and (not order.type.is_triggered or bool(order.filled))


def triggered(asked: Asked) -> Any:
    """GET /spot/price_orders: those that wait for a trigger, or whose waiting has ended, newest first"""
    status = asked.text("status")
    if status not in ("open", "finished"):
        raise asked.illegal("status")
    symbol = find_pair(asked, asked.parameters["market"]) if asked.parameters.get("market") else ""
    found = [
        one
        for one in reversed(asked.account.list_orders())
        if one.trigger and one.waits == (status == "open") and symbol in ("", one.symbol)
    ]
    return [_trigger_row(asked, one) for one in asked.page(found, most=MOST)]


def _trigger_row(asked: Asked, order: Order) -> dict[str, Any]:
    amount = (order.quantity * (order.trigger or 0)).quantize(Decimal("1e-8")) if order.is_buy else order.quantity
    return {
        "id": order.id + OWN_NUMBERS,
        "user": asked.account.uid,
        "market": pair_name(asked.venue, order.symbol),
        "trigger": {
            "price": plain(order.trigger or Decimal(0)),
            "rule": ">=" if order.is_buy else "<=",
            "expiration": MONTH_SECONDS,
        },
        "put": {
            "type": "market",
            "side": "buy" if order.is_buy else "sell",
            "price": "0",
            "amount": plain(amount),
            "account": "normal",
            "time_in_force": "ioc",
            "text": "api",
        },
        "status": "open" if order.waits else "finish" if order.filled else "cancelled",
        "reason": "",
        "fired_order_id": order.id if order.filled else 0,
        "ctime": int(seconds(order.at)),
        "ftime": 0 if order.waits else int(seconds(order.changed_at)),
    }


def _given(order: Order) -> datetime:
    return order.changed_at if order.trigger else order.at


def _row(asked: Asked, order: Order) -> dict[str, Any]:
    at_market = order.is_at_market
    is_quote = at_market and order.is_buy
    whole, done = (order.cost, order.cost) if is_quote else (order.quantity, order.filled)
    average = (order.cost / order.filled).quantize(Decimal("1e-8")) if order.filled else Decimal(0)
    pair = asked.venue.market.symbols[order.symbol]
    return {
        "id": str(order.id),
        "text": "apiv4",
        "amend_text": "-",
        "create_time": seconds(_given(order)),
        "update_time": seconds(order.changed_at),
        "create_time_ms": milliseconds(_given(order)),
        "update_time_ms": milliseconds(order.changed_at),
        "status": "open" if order.waits else "cancelled" if order.is_cancelled else "closed",
        "currency_pair": pair_name(asked.venue, order.symbol),
        "type": "market" if at_market else "limit",
        "account": "spot",
        "side": "buy" if order.is_buy else "sell",
        "amount": plain(whole),
        "price": plain(order.price),
        "time_in_force": "ioc" if at_market else "gtc",
        "iceberg": "0",
        "left": plain(whole - done),
        "filled_amount": plain(order.filled),
        "fill_price": plain(order.cost),
        "filled_total": plain(order.cost),
        "avg_deal_price": plain(average),
        "fee": "0",
        "fee_currency": pair.base if order.is_buy else pair.quote,
        "point_fee": "0",
        "gt_fee": "0",
        "gt_discount": False,
        "rebated_fee": "0",
        "rebated_fee_currency": pair.quote,
        "finish_as": "open" if order.waits else "cancelled" if order.is_cancelled else "filled",
    }
