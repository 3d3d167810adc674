"""Routes of one's own orders: given in a short form or in full, listed, changed, cancelled."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from paper.api import trading
from paper.api.amounts import write_amount
from paper.api.operations import Answer, Asked, Operation
from paper.api.order_fields import BODY, CALLED, CHANGES, FULL, NAMES, QUERY, SHORT, STATUSES, find_pair, read_number
from paper.api.pages import LAST_NUMBER, USUAL
from paper.histories.questions import Newest
from paper.trading.orders import Order, OrderType
from paper.users.refusals import Absent, Busy, Conflict, Invalid
from paper.wire.binance import ordering
from paper.wire.binance.order_words import LASTS
from paper.wire.refusal import Refusal

PATH = "/api/orders"


async def place(asked: Asked) -> Answer:
    """POST /api/orders: {type, symbol, quantity, price?}, or in full {side, orderType, symbol, ...}"""
    parameters = _read(asked)
    client_id = parameters.get("newClientOrderId", "")
    if not client_id:
        return 201, describe(trading.give(asked, parameters))
    whose = (str(asked.user.id), client_id)
    if whose in asked.membership.placing:
        raise Busy("An order of this clientOrderId is being placed.", 1)
    asked.membership.placing.add(whose)
    try:
        return 201, describe(await _give_once(asked, parameters, client_id))
    finally:
        asked.membership.placing.discard(whose)


async def _give_once(asked: Asked, parameters: Mapping[str, str], client_id: str) -> Order:
    """The order, or the same one that was given before. Raises Conflict where that was another."""
    try:
        before = await trading.find_order(asked, 0, client_id)
    except Absent:
        return trading.give(asked, parameters)
    if any(_words(before).get(name, "") != text for name, text in _plain(parameters).items()):
        raise Conflict("An order of this clientOrderId is there already, and another one.", "Choose another id.")
    return before


def _plain(parameters: Mapping[str, str]) -> dict[str, str]:
    """Parameters with their numbers written in one way."""
    amounts = ("quantity", "quoteOrderQty", "price", "stopPrice")
    return {name: write_amount(Decimal(text)) if name in amounts else text for name, text in parameters.items()}


def _words(order: Order) -> dict[str, str]:
    """The parameters that give an order like this one."""
    amounts = {"price": order.price, "stopPrice": order.trigger}
    amounts |= {"quoteOrderQty": order.amount} if order.amount else {"quantity": order.quantity}
    found = {name: write_amount(amount) for name, amount in amounts.items() if amount}
    found |= {"symbol": order.symbol, "side": "BUY" if order.is_buy else "SELL", "type": order.type.name}
    found |= {"timeInForce": order.lasts.name} if order.type in LASTS else {}
    found |= {"trailingDelta": str(order.trailing)} if order.trailing else {}
    return found | {"newClientOrderId": order.client_id}


def _read(asked: Asked) -> dict[str, str]:
    """The order of a body in the exchange's words. Raises Invalid."""
    values = dict(asked.values)
    short = "type" in values
    if short and (
        beside := [name for name in values if name not in (*SHORT, "symbol", "quantity", "price", "clientOrderId")]
    ):
        raise Invalid(dict.fromkeys(beside, "does not belong to an order by type"))
    if not short and (lacking := [name for name in FULL if name not in values]):
        raise Invalid(dict.fromkeys(lacking, "is needed, or type: buy or sell"))
    if short:
        values |= {"side": values.pop("type").upper(), "orderType": "LIMIT" if "price" in values else "MARKET"}
    if OrderType[values["orderType"]] in LASTS:
        values.setdefault("timeInForce", "GTC")
    values.pop("market", None)
    symbol = find_pair(asked, values.pop("symbol"))
    return {"symbol": symbol} | {
        CALLED[name]: f"{value:f}" if isinstance(value, Decimal) else str(value) for name, value in values.items()
    }


async def show(asked: Asked) -> Answer:
    """GET /api/orders/{id}"""
    return 200, describe(await trading.find_order(asked, read_number(asked.path["id"])))


async def list_orders(asked: Asked) -> Answer:
    """GET /api/orders: the newest first"""
    values = dict(asked.values)
    most, statuses = values.pop("limit", USUAL), STATUSES.get(values.pop("status", ""), ())
    if "symbol" in values:
        values["symbol"] = find_pair(asked, values["symbol"])
    wanted = Newest(most=most + 1, **{"before": LAST_NUMBER} | values)
    owner, histories = str(asked.user.id), asked.membership.venue.histories
    found = await trading.read_past(asked, partial(histories.newest_orders, owner, wanted, statuses))
    following = found[most - 1].id if len(found) > most else None
    return 200, {"orders": [describe(one) for one in found[:most]], "next": following}


async def change(asked: Asked) -> Answer:
    """PUT /api/orders/{id}: less quantity keeps its place; else another one takes its place, which `replaces` it"""
    if not asked.values:
        raise Invalid(dict.fromkeys(CHANGES, "or another of these is needed"))
    wire, order = await trading.require_waiting(asked, read_number(asked.path["id"]))
    changes = {name: value for name, value in asked.values.items() if value != _value(order, name)}
    if not changes:
        return 200, describe(order)
    if list(changes) == ["quantity"] and changes["quantity"] < order.quantity:
        desk = wire.venue.open_market.desk
        try:
            ordering.do(wire, lambda: desk.amend(order, changes["quantity"], wire.now), order.symbol)
        except Refusal as refusal:
            raise trading.refuse(refusal) from None
        return 200, describe(order)
    if order.list_id:
        raise Conflict("This order is part of a list.", "Cancel the list, and give another one.")
    return 200, describe(trading.replace(asked, order, _successor(order, changes))) | {"replaces": order.id}


def _value(order: Order, name: str) -> Decimal:
    return {"quantity": order.quantity, "price": order.price, "stopPrice": order.trigger}[name]


def _successor(order: Order, changes: Mapping[str, Decimal]) -> dict[str, str]:
    """What gives an order that stands for what is left of another one, changed; what is filled counts as part of its quantity."""
    words = _words(order)
    del words["newClientOrderId"]
    left = changes.get("quantity", order.quantity) - order.filled - order.prevented
    if left <= 0:
        raise Conflict("So much of this order is filled already.")
    return words | {name: f"{value:f}" for name, value in changes.items()} | {"quantity": f"{left:f}"}


async def cancel(asked: Asked) -> Answer:
    """DELETE /api/orders/{id}: the cancelled order; those of its list end with it"""
    wire, order = await trading.require_waiting(asked, read_number(asked.path["id"]))
    ordering.take_back(wire, order, "")
    return 200, describe(order)


def describe(order: Order) -> dict[str, Any]:
    """An order as its owner sees it."""
    return {
        "orderId": order.id,
        "userId": order.owner,
        "type": "buy" if order.is_buy else "sell",
        "orderType": order.type.name,
        "symbol": order.symbol,
        "quantity": write_amount(order.quantity),
        "quoteQuantity": write_amount(order.amount) if order.amount else None,
        "price": write_amount(order.price) if order.price else None,
        "stopPrice": write_amount(order.trigger) if order.trigger else None,
        "trailingDelta": order.trailing or None,
        "timeInForce": order.lasts.name,
        "clientOrderId": order.client_id,
        "status": NAMES[order.status],
        "filledQuantity": write_amount(order.filled),
        "filledQuote": write_amount(order.cost),
        "created_at": order.at.isoformat(),
        "updated_at": order.changed_at.isoformat(),
    }


OPERATIONS = (
    Operation(method="POST", path=PATH, answer=place, body=BODY, status=201),
    Operation(method="GET", path=PATH, answer=list_orders, query=QUERY),
    Operation(method="GET", path=f"{PATH}/{{id}}", answer=show),
    Operation(method="PUT", path=f"{PATH}/{{id}}", answer=change, body=CHANGES),
    Operation(method="DELETE", path=f"{PATH}/{{id}}", answer=cancel),
)
