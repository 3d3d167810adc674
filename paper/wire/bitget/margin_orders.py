"""Orders on margin of a classic account, of one pair: those that wait, and the others of the last 90 days."""

from typing import Any

from paper.trading.orders import Order, OrderType
from paper.wire.bitget.request import QUARTER, Asked, plain, stamp
from paper.wire.bitget.wallets import CROSSED, ISOLATED


def crossed_open(asked: Asked) -> Any:
    """GET /api/v2/margin/crossed/open-orders"""
    return _page(asked, CROSSED, waiting=True)


def crossed_history(asked: Asked) -> Any:
    """GET /api/v2/margin/crossed/history-orders: or one of them"""
    return _page(asked, CROSSED, waiting=False)


def isolated_open(asked: Asked) -> Any:
    """GET /api/v2/margin/isolated/open-orders"""
    return _page(asked, ISOLATED, waiting=True)


def isolated_history(asked: Asked) -> Any:
    """GET /api/v2/margin/isolated/history-orders: or one of them"""
    return _page(asked, ISOLATED, waiting=False)


def _page(asked: Asked, market: str, *, waiting: bool) -> dict[str, Any]:
    symbol, number = asked.text("symbol"), asked.number("orderId", 0)
    since, until = asked.window(QUARTER, reach=QUARTER, needed=("startTime",))
    known = (one for one in asked.account.list_orders(market) if one.symbol == symbol and number in (0, one.id))
    found = [one for one in known if one.waits is waiting and since <= one.at <= until]
    rows = asked.page(found, lambda one: one.id)
    first, last = (str(rows[index].id) if rows else "" for index in (0, -1))
    return {"orderList": [_row(one) for one in rows], "maxId": first, "minId": last}


def _row(order: Order) -> dict[str, Any]:
    at_market = order.type is OrderType.MARKET
    return {
        "symbol": order.symbol,
        "orderType": "market" if at_market else "limit",
        "enterPointSource": "API",
        "orderId": str(order.id),
        "clientOid": f"paper{order.id}",
        "loanType": "normal",
        "price": "0" if at_market else plain(order.price),
        "side": "buy" if order.is_buy else "sell",
        "status": _status(order),
        "baseSize": "0" if at_market and order.is_buy else plain(order.quantity),
        "quoteSize": plain(order.cost if at_market else order.quantity * order.price),
        "priceAvg": plain(order.cost / order.filled) if order.filled else "0",
        "size": plain(order.filled),
        "amount": plain(order.cost),
        "force": "gtc",
        "cTime": stamp(order.at),
        "uTime": stamp(order.changed_at),
    }


def _status(order: Order) -> str:
    if order.waits:
        return "partially_fill" if order.filled else "live"
    return "cancelled" if order.is_cancelled else "filled"
