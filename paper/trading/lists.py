"""Orders that end or begin each other: one cancels the other, one places others when it is filled."""

from datetime import datetime

from paper.trading.expiry import Expiry
from paper.trading.floor import Floor
from paper.trading.funds import needed
from paper.trading.orders import Kind, Order, OrderList, PreventedMatch, Rejected, Status


def cover(orders: list[Order]) -> None:
    """Of orders of which only one is ever filled let the one that needs most lock it for all; of equals the first."""
    for order in orders:
        order.is_covered = False
    holder = max(orders, key=needed)
    for order in orders:
        order.is_covered = order is not holder


def begin(floor: Floor, order: Order, at: datetime) -> None:
    """The others that an order ends as soon as it is triggered or some of it is filled: it stands alone from then on."""
    found = floor.waiting.lists.get(order.list_id)
    if found is None or order is found.working:
        return
    for other in found.others:
        if other is not order and other.waits:
            floor.end(other, Status.EXPIRED, at, why=Expiry.OCO_TRIGGER)
    if order.is_covered:
        order.is_covered = False
        floor.funds.lock(order, needed(order))


def list_bound(floor: Floor, order: Order) -> list[Order]:
    """An order and, if one of them ends the other, that one after it."""
    found = floor.waiting.lists.get(order.list_id)
    if found is None or order is found.working:
        return [order]
    return [order, *(one for one in found.others if one is not order and one.waits)]


def lock(floor: Floor, order: Order) -> None:
    """Let no more be locked than is needed for an order that has lost quantity, and for the one that it ends or that ends it."""
    bound = list_bound(floor, order)
    if len(bound) > 1 and order.status is not Status.PENDING:
        cover(bound)
    for one in sorted(bound, key=lambda one: not one.is_covered):
        floor.funds.lock(one, needed(one))


def end(
    floor: Floor,
    order: Order,
    status: Status,
    at: datetime,
    prevented: PreventedMatch | None = None,
    why: Expiry | None = None,
) -> None:
    """End an order before it is filled, with those of its list that wait for it or that it ends; `why`: it expires."""
    floor.end(order, status, at, prevented, why)
    finish(floor, order, at)


def finish(floor: Floor, order: Order, at: datetime) -> None:
    """An order of a list has ended: the orders that waited for it are placed if it was filled, and else end with it."""
    found = floor.waiting.lists.get(order.list_id)
    if found is None:
        return
    if order is found.working and order.status is Status.FILLED:
        _place_others(floor, found, at)
    elif order.status is not Status.FILLED:
        why = Expiry.OTO_PHASE_ONE_EXPIRED if order is found.working else Expiry.OCO_TRIGGER
        for other in [one for one in found.orders if one.waits]:
            if order.is_cancelled:
                floor.end(other, order.status, at)
            else:
                floor.end(other, Status.EXPIRED, at, why=why)
    if found.is_done:
        floor.waiting.remove_list(found)


def _place_others(floor: Floor, found: OrderList, at: datetime) -> None:
    for order in found.others:
        order.status = Status.NEW
    if len(found.others) > 1:
        cover(found.others)
    for order in sorted(found.others, key=lambda one: one.is_covered):
        if order.waits:
            place(floor, order, at)


def place(floor: Floor, order: Order, at: datetime) -> None:
    """Let an order that waited for another have the money it needs, and wait for its price or be matched."""
    try:
        floor.funds.lock(order, needed(order))
    except Rejected:
        end(floor, order, Status.EXPIRED, at, why=Expiry.REJECTED)
        return
    floor.report(order, Kind.ACTIVATED, at)
    if order.type.is_triggered:
        floor.await_trigger(order)
    else:
        floor.due.append(order)
