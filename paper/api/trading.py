"""Orders given over the API go through the same door to the same desk as those of the exchange's protocol, and count like them."""

from asyncio import to_thread
from collections.abc import Callable, Mapping
from typing import TypeVar

from paper.api.operations import Asked
from paper.trading.orders import Order
from paper.users.refusals import Absent, Conflict, Refused, TooMany, Unfit
from paper.wire.binance import operations, ordering
from paper.wire.binance.order_words import read_number, read_order, read_side
from paper.wire.binance.request import Asked as Wire
from paper.wire.refusal import Refusal

Found = TypeVar("Found")
TOO_MANY, DUPLICATE, GONE = 429, "Duplicate order sent.", -2011
CLOSED = "This order is closed: it waits no more."


def make_wire(asked: Asked, parameters: Mapping[str, str]) -> Wire:
    """A request of the exchange's protocol, by the account of who asks."""
    venue = asked.membership.venue
    signer, now = venue.accounts[str(asked.user.id)], venue.catch_up()
    return Wire(venue=venue, now=now, parameters=dict(parameters), signer=signer, counts=asked.membership.counts)


def give(asked: Asked, parameters: Mapping[str, str]) -> Order:
    """A new order of who asks. Raises Refused, with the exchange's code."""
    return _count(make_wire(asked, parameters), _place)


def replace(asked: Asked, order: Order, parameters: Mapping[str, str]) -> Order:
    """The order that stands in an order's place from now on; both are done, or neither. Raises Refused."""

    def replaced(wire: Wire) -> Order:
        waiting = ordering.find_waiting(wire, order.symbol, order.id)
        successor = _read(wire)
        desk = wire.venue.open_market.desk
        ordering.do(wire, lambda: desk.replace(waiting, successor, wire.now), order.symbol)
        return successor

    return _count(make_wire(asked, parameters), replaced)


def _count(wire: Wire, command: Callable[[Wire], Order]) -> Order:
    route = operations.Operation(answer=command, weight=1, bucket="api", reads=frozenset(), orders=1)
    try:
        order: Order = operations.give(route, wire)
    except Refusal as refusal:
        raise refuse(refusal) from None
    return order


def _place(wire: Wire) -> Order:
    order = _read(wire)
    desk = wire.venue.open_market.desk
    ordering.do(wire, lambda: desk.place(order, wire.now), order.symbol)
    return order


def _read(wire: Wire) -> Order:
    parameters = wire.parameters
    quantity = None if "quoteOrderQty" in parameters else read_number(wire, "quantity")
    return read_order(wire, read_side(wire), quantity)


def find_waiting(asked: Asked, number: int) -> tuple[Wire, Order] | None:
    """An own order that waits now; None for any other."""
    wire = make_wire(asked, {})
    found = wire.venue.open_market.floor.waiting.orders.get(number)
    if found is None or found.owner != wire.account.name:
        return None
    try:
        return wire, ordering.find_waiting(wire, found.symbol, number)
    except Refusal:  # what time has brought ended it
        return None


async def require_waiting(asked: Asked, number: int) -> tuple[Wire, Order]:
    """An own order that waits. Raises Conflict for one that is closed, Absent for what is not one's own."""
    if found := find_waiting(asked, number):
        return found
    await find_order(asked, number)
    raise Conflict(CLOSED)


async def find_order(asked: Asked, number: int, client_id: str = "") -> Order:
    """An own order, by its number or its client's id. Raises Absent."""
    histories, owner = asked.membership.venue.histories, str(asked.user.id)
    found = await read_past(asked, lambda: histories.order(owner, "", number, client_id))
    if found is None:
        raise Absent
    return found


async def read_past(asked: Asked, question: Callable[[], Found]) -> Found:
    """What histories answer, once all is kept that was done before."""
    if not asked.membership.venue.histories.is_stored:
        return question()
    await asked.membership.venue.journal.committed()
    return await to_thread(question)


def refuse(refusal: Refusal) -> Refused:
    """What the exchange refuses, with its words and its code."""
    code = refusal.code if isinstance(refusal.code, int) else 0
    if refusal.status == TOO_MANY:
        found = TooMany(refusal.message, int(refusal.headers["Retry-After"]))
        found.code = code
        return found
    if refusal.message == DUPLICATE:
        return Conflict(refusal.message, code=code)
    return Conflict(CLOSED, code=code) if code == GONE else Unfit(refusal.message, code=code)
