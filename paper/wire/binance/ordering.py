"""Orders given, changed and taken back in spot."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from paper.trading.orders import Order, OrderList, Reason, Rejected, Report, Status
from paper.wire.binance.order_rows import (
    name_of,
    write_amended,
    write_cancelled,
    write_list,
    write_order,
    write_placed,
    write_rates,
)
from paper.wire.binance.order_words import read_client_id, read_number, read_order, read_side, read_symbol
from paper.wire.binance.refusals import invalid
from paper.wire.binance.rejections import CANCEL, refuse
from paper.wire.binance.request import Asked, milliseconds
from paper.wire.refusal import Refusal

KINDS = ("ACK", "RESULT", "FULL")
RESTRICTIONS = {"ONLY_NEW": Status.NEW, "ONLY_PARTIALLY_FILLED": Status.PARTIALLY_FILLED}
NO_ORDER = Refusal(-2013, "Order does not exist.")


def place(asked: Asked) -> Any:
    """POST /api/v3/order"""
    return place_order(asked, *read_new(asked))


def test(asked: Asked) -> Any:
    """POST /api/v3/order/test: whether it could be read, and with `computeCommissionRates` what it would cost"""
    read_new(asked)
    if asked.parameters.get("computeCommissionRates", "false") != "true":
        return {}
    rates = write_rates(asked, "maker", "taker")
    return {f"{name}ForOrder" if name.endswith("Commission") else name: rate for name, rate in rates.items()}


def commission(asked: Asked) -> Any:
    """GET /api/v3/account/commission"""
    return {"symbol": read_symbol(asked)} | write_rates(asked, "maker", "taker", "buyer", "seller")


def read_new(asked: Asked) -> tuple[Order, str]:
    """The order that a request gives, and how much of it is answered. Raises Refusal."""
    read_symbol(asked)
    side = read_side(asked)
    quantity = read_number(asked, "quantity") if "quantity" in asked.parameters else None
    order = read_order(asked, side, quantity)
    return order, read_kind(asked, "FULL" if order.type.name in ("MARKET", "LIMIT") else "ACK")


def place_order(asked: Asked, order: Order, kind: str) -> dict[str, Any]:
    """Give an order to the desk; returns the answer of that kind. Raises Refusal."""
    reports = do(asked, lambda: asked.venue.open_market.desk.place(order, asked.now), order.symbol)
    return write_placed(order, reports, kind)


def read_kind(asked: Asked, default: str) -> str:
    """How much of an order is answered."""
    if (kind := asked.parameters.get("newOrderRespType", default)) not in KINDS:
        raise invalid("newOrderRespType")
    return kind


def do(
    asked: Asked,
    command: Callable[[], list[Report]],
    symbol: str,
    lists: Sequence[OrderList] = (),
    *,
    is_cancel: bool = False,
) -> list[Report]:
    """Bring a pair up to now and do a command of the order desk; what it reports goes into histories, as do `lists` that it
    gives. While the pair is halted, or the account paused, orders are only taken back. Raises Refusal."""
    market = asked.venue.open_market
    try:
        if not is_cancel:
            asked.venue.require_trading(asked.account.name, symbol)
        market.look_at(symbol, asked.now)
        reports = command()
    except Rejected as rejected:
        raise refuse(rejected) from None
    asked.venue.note_trades(reports, asked.now, asked.account.name, lists)
    return reports


def query(asked: Asked) -> Any:
    """GET /api/v3/order"""
    name = read_symbol(asked)
    number, client_id = _read_names(asked)
    order = asked.venue.histories.order(asked.account.name, name, number, client_id)
    if order is None:
        raise NO_ORDER
    return write_order(order)


def _read_names(asked: Asked, number_name: str = "orderId", client_name: str = "origClientOrderId") -> tuple[int, str]:
    """An order's number, or 0, and its client's id, or nothing. Raises Refusal for neither."""
    number, client_id = asked.number(number_name, 0), asked.parameters.get(client_name, "")
    if not number and not client_id:
        raise Refusal(-1102, f"Param '{number_name}' or '{client_name}' must be sent, but both were empty/null!")
    return number, client_id


def cancel(asked: Asked) -> Any:
    """DELETE /api/v3/order"""
    name = read_symbol(asked)
    return cancel_order(asked, name, ("orderId", "origClientOrderId"), "newClientOrderId")


def cancel_order(asked: Asked, name: str, names: tuple[str, str], cancelling: str) -> dict[str, Any]:
    """Take back the order of a pair that the parameters of these names say; `cancelling` has the client's id of that. Raises
    Refusal."""
    number, client_id = _read_names(asked, *names)
    its_id = read_client_id(asked, cancelling)
    order = find_waiting(asked, name, number, client_id)
    _check_restriction(asked, order)
    take_back(asked, order, its_id)
    return write_cancelled(order)


def take_back(asked: Asked, order: Order, its_id: str) -> None:
    """Take back an order, with those of its list; `its_id` is the client's id of that. Raises Refusal."""
    desk = asked.venue.desk_of(order)
    for one in desk.floor.waiting.lists[order.list_id].orders if order.list_id in desk.floor.waiting.lists else [order]:
        one.cancel_id = its_id if one.waits else one.cancel_id
    command = partial(desk.cancel, order.owner, order.symbol, asked.now, number=order.id)
    do(asked, command, order.symbol, is_cancel=True)


def find_waiting(asked: Asked, name: str, number: int, client_id: str = "") -> Order:
    """An order of the account that waits now. Raises Refusal."""
    asked.venue.open_market.look_at(name, asked.now)
    try:
        return asked.venue.find_waiting(asked.account.name, name, number, client_id)
    except Rejected as rejected:
        raise refuse(rejected) from None


def _check_restriction(asked: Asked, order: Order) -> None:
    """Raise Refusal where an order is only to be taken back as long as it stands otherwise."""
    if not (restriction := asked.parameters.get("cancelRestrictions", "")):
        return
    if restriction not in RESTRICTIONS:
        raise Refusal(-1145, "Invalid cancelRestrictions")
    if order.status is not RESTRICTIONS[restriction]:
        raise Refusal(CANCEL, "Order was not canceled due to cancel restrictions.")


def cancel_all(asked: Asked) -> Any:
    """DELETE /api/v3/openOrders"""
    name, owner = read_symbol(asked), asked.account.name
    asked.venue.open_market.look_at(name, asked.now)
    waiting = asked.venue.histories.open_lists(owner)
    desks = [desk for desk in asked.venue.desks if desk.floor.waiting.own(owner, name)]
    if not desks:
        raise refuse(Rejected(Reason.NO_ORDER))
    ended = [
        report.order
        for desk in desks
        for report in do(asked, partial(desk.cancel_all, owner, name, asked.now), name, is_cancel=True)
    ]
    numbers = {one.list_id for one in ended}
    lists = [one for one in waiting if one.id in numbers]
    return [
        *(write_cancelled(one) for one in ended if not one.list_id),
        *(write_list(one) | {"orderReports": [write_cancelled(order) for order in one.orders]} for one in lists),
    ]


def amend(asked: Asked) -> Any:
    """PUT /api/v3/order/amend/keepPriority"""
    name = read_symbol(asked)
    number, client_id = _read_names(asked)
    quantity, its_id = read_number(asked, "newQty"), read_client_id(asked, "newClientOrderId")
    order = find_waiting(asked, name, number, client_id)
    before = name_of(order)
    do(asked, lambda: asked.venue.desk_of(order).amend(order, quantity, asked.now, its_id), name)
    return {
        "transactTime": milliseconds(asked.now),
        "executionId": next(asked.venue.numbers),
        "amendedOrder": write_amended(order, before),
    }


def rate_limits(asked: Asked) -> Any:
    """GET /api/v3/rateLimit/order"""
    assert asked.counts is not None
    return asked.counts.list(asked.account.name, asked.now)
