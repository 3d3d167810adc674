"""Orders in spot: those that wait, and all of a pair. What was traded at the market's price was an order of its own."""

from typing import Any

from paper.wire.binance.order_rows import write_order
from paper.wire.binance.refusals import BAD_SYMBOL, REJECTED_KEY
from paper.wire.binance.request import Asked, read_part

MOST_ORDERS, MOST_MARGIN_ORDERS = 1000, 500
NOT_ON_MARGIN = ("orderListId", "workingTime", "origQuoteOrderQty")


def open_orders(asked: Asked) -> Any:
    """GET /api/v3/openOrders"""
    name = asked.parameters.get("symbol", "")
    waiting = asked.venue.histories.open_orders(asked.account.name)
    return [write_order(one) for one in waiting if name in ("", one.symbol)]


def margin_open_orders(asked: Asked) -> Any:
    """GET /sapi/v1/margin/openOrders: of isolated margin of a symbol; none waits on margin here."""
    if asked.parameters.get("isIsolated", "FALSE") == "TRUE":
        _symbol(asked)
    return []


def margin_orders(asked: Asked) -> Any:
    """GET /sapi/v1/margin/allOrders"""
    isolated = asked.parameters.get("isIsolated", "FALSE") == "TRUE"
    if asked.account.is_unified and not isolated:
        return []
    rows = _choose(asked, "isolated_margin" if isolated else "cross_margin", MOST_MARGIN_ORDERS)
    return [{name: row[name] for name in row if name not in NOT_ON_MARGIN} | {"isIsolated": isolated} for row in rows]


def portfolio_open_orders(asked: Asked) -> Any:
    """GET /papi/v1/margin/openOrders: of a symbol; none waits on margin here."""
    _refuse_classic(asked)
    _symbol(asked)
    return []


def portfolio_orders(asked: Asked) -> Any:
    """GET /papi/v1/margin/allOrders: those of cross margin, whenever they were given."""
    _refuse_classic(asked)
    rows = _choose(asked, "cross_margin", MOST_MARGIN_ORDERS)
    owner = {"accountId": 1, "preventedMatchId": None, "preventedQuantity": None}
    return [{name: row[name] for name in row if name not in NOT_ON_MARGIN} | owner for row in rows]


def _refuse_classic(asked: Asked) -> None:
    if not asked.account.is_unified:
        raise REJECTED_KEY


def all_orders(asked: Asked) -> Any:
    """GET /api/v3/allOrders: from an id on, inside a time, or the last ones."""
    return _choose(asked, "spot", MOST_ORDERS)


def _choose(asked: Asked, market: str, most: int) -> list[dict[str, Any]]:
    part = read_part(asked, "orderId", min(asked.number("limit", 500), most))
    found = asked.venue.histories.orders(asked.account.name, market, _symbol(asked), part)
    return [write_order(one) for one in found]


def _symbol(asked: Asked) -> str:
    name = asked.text("symbol")
    if name not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    return name
