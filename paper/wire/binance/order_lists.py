"""Lists of orders that end or begin each other: one cancels the other (OCO), one triggers others (OTO, OTOCO)."""

from typing import Any

from paper.trading.orders import Order, OrderList, OrderType, Report
from paper.wire.binance.order_rows import write_cancelled, write_list, write_placed
from paper.wire.binance.order_words import read_client_id, read_number, read_order, read_side, read_symbol
from paper.wire.binance.ordering import do, find_waiting, read_kind, take_back
from paper.wire.binance.request import Asked, read_part
from paper.wire.refusal import Refusal

WORKING = (OrderType.LIMIT, OrderType.LIMIT_MAKER)
NOT_IN_OCO = Refusal(-1158, "Order type not supported in OCO.")
SIDES = {  # what may stand above and below the last price, by the side of both
    "SELL": ((OrderType.LIMIT_MAKER, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT), ("above", "below")),
    "BUY": ((OrderType.LIMIT_MAKER, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT), ("below", "above")),
}
NO_LIST = Refusal(-2018, "Order list does not exist.")


def oco(asked: Asked) -> Any:
    """POST /api/v3/orderList/oco"""
    return _place(asked, None, _read_pair(asked, "", read_side(asked), "quantity"))


def oto(asked: Asked) -> Any:
    """POST /api/v3/orderList/oto"""
    working = _read_working(asked)
    pending = read_order(asked, read_side(asked, "pendingSide"), read_number(asked, "pendingQuantity"), "pending")
    return _place(asked, working, [pending])


def otoco(asked: Asked) -> Any:
    """POST /api/v3/orderList/otoco"""
    working = _read_working(asked)
    return _place(asked, working, _read_pair(asked, "pending", read_side(asked, "pendingSide"), "pendingQuantity"))


def _read_working(asked: Asked) -> Order:
    order = read_order(asked, read_side(asked, "workingSide"), read_number(asked, "workingQuantity"), "working")
    if order.type not in WORKING:
        raise Refusal(-1116, "Invalid orderType.")
    return order


def _read_pair(asked: Asked, prefix: str, side: str, quantity: str) -> list[Order]:
    """The orders above and below the last price, of which one ends the other."""
    profits, (profit_at, stop_at) = SIDES[side]
    orders = {}
    for place in ("above", "below"):
        name = f"{prefix}{place.title()}" if prefix else place
        orders[place] = read_order(asked, side, read_number(asked, quantity), name)
    if orders[profit_at].type not in profits or not orders[stop_at].type.is_stop:
        raise NOT_IN_OCO
    return [orders["above"], orders["below"]]


def _place(asked: Asked, working: Order | None, others: list[Order]) -> dict[str, Any]:
    found = OrderList(
        id=next(asked.venue.numbers),
        owner=asked.account.name,
        symbol=read_symbol(asked),
        client_id=read_client_id(asked, "listClientOrderId"),
        at=asked.now,
        working=working,
        others=others,
    )
    kind = read_kind(asked, "RESULT")
    for order in found.orders:
        order.list_id = found.id
    desk = asked.venue.open_market.desk
    reports = do(asked, lambda: desk.place_list(found, asked.now), found.symbol, lists=[found])
    return write_list(found) | {"orderReports": _write_reports(found, reports, kind)}


def _write_reports(found: OrderList, reports: list[Report], kind: str) -> list[dict[str, Any]]:
    return [write_placed(order, reports, kind) for order in found.orders]


def cancel(asked: Asked) -> Any:
    """DELETE /api/v3/orderList"""
    name = read_symbol(asked)
    cancelling = read_client_id(asked, "newClientOrderId")
    found = _find_open(asked) or _find(asked, "listClientOrderId")
    waiting = next((one for one in found.orders if one.waits), None)
    if found.symbol != name or waiting is None:
        raise Refusal(-2011, "Unknown order list sent.")
    order = find_waiting(asked, name, waiting.id)
    found = asked.venue.desk_of(order).floor.waiting.lists[order.list_id]
    take_back(asked, order, cancelling)
    return write_list(found) | {"orderReports": [write_cancelled(one) for one in found.orders]}


def _find_open(asked: Asked) -> OrderList | None:
    """The list that is named, if it waits."""
    number, client_id = asked.number("orderListId", 0), asked.parameters.get("listClientOrderId", "")
    open_lists = asked.venue.histories.open_lists(asked.account.name)
    named = (one for one in open_lists if (one.id == number if number else one.client_id == client_id))
    return next((one for one in named if client_id in ("", one.client_id)), None)


def query(asked: Asked) -> Any:
    """GET /api/v3/orderList"""
    return write_list(_find(asked, "origClientOrderId"))


def _find(asked: Asked, client: str) -> OrderList:
    number, client_id = asked.number("orderListId", 0), asked.parameters.get(client, "")
    if not number and not client_id:
        raise Refusal(-1102, f"Param 'orderListId' or '{client}' must be sent, but both were empty/null!")
    found = asked.venue.histories.order_list(asked.account.name, number, client_id)
    if found is None:
        raise NO_LIST
    return found


def open_lists(asked: Asked) -> Any:
    """GET /api/v3/openOrderList"""
    return [write_list(one) for one in asked.venue.histories.open_lists(asked.account.name)]


def all_lists(asked: Asked) -> Any:
    """GET /api/v3/allOrderList: from an id on, inside a time, or the last ones"""
    part = read_part(asked, "fromId", min(asked.number("limit", 500), 1000))
    return [write_list(one) for one in asked.venue.histories.order_lists(asked.account.name, part)]
