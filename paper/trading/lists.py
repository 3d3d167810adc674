"""Orders that end or begin each other: one cancels the other, one places others when it is filled."""

from datetime import datetime

from paper.trading.floor import Floor
from paper.trading.funds import needed
from paper.trading.orders import Kind, Order, OrderList, Rejected, Status


def cover(orders: list[Order]) -> None:
    """Of orders of which only one is ever filled let the one that needs most lock it for all; of equals the first."""
    holder = max(orders, key=needed)
    for order in orders:
        order.is_covered = order is not holder


def begin(floor: Floor, order: Order, at: datetime) -> None:
    """The others that an order ends as soon as it is triggered or some of it is filled: it stands alone from then on."""
    found = floor.lists.get(order.list_id)
    if found is None or order is found.working:
        return
    for other in found.others:
        if other is not order and other.waits:
            floor.end(other, Status.EXPIRED, at)
    order.is_covered = False


def finish(floor: Floor, order: Order, at: datetime) -> None:
    """An order of a list has ended: the orders that waited for it are placed if it was filled, and else end with it."""
    found = floor.lists.get(order.list_id)
    if found is None:
        return
    if order is found.working and order.status is Status.FILLED:
        _place_others(floor, found, at)
    elif order.status is not Status.FILLED:
        for other in found.orders:
            if other.waits:
                floor.end(other, order.status if order.is_cancelled else Status.EXPIRED, at)
    if found.is_done:
        floor.lists.pop(found.id, None)


def _place_others(floor: Floor, found: OrderList, at: datetime) -> None:
    for order in found.others:
        order.status = Status.NEW
    if len(found.others) > 1:
        cover(found.others)
    for order in sorted(found.others, key=lambda one: one.is_covered):
        place(floor, order, at)


def place(floor: Floor, order: Order, at: datetime) -> None:
    """Let an order that waited for another have the money it needs, and wait for its price or be matched."""
    try:
        floor.funds.lock(order, needed(order))
    except Rejected:
        floor.end(order, Status.EXPIRED, at)
        finish(floor, order, at)
        return
    floor.report(order, Kind.ACTIVATED, at)
    if order.type.is_triggered:
        floor.triggers[order.symbol].add(order, floor.last.get(order.symbol))
    else:
        floor.due.append(order)
