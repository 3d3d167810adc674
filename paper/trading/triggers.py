"""Orders that wait for a price: fixed ones by that price, trailing ones beside the best price since they began to follow."""

from collections.abc import Collection, Iterator
from decimal import Decimal

from sortedcontainers import SortedDict

from paper.trading.orders import Order

BASIS_POINTS = Decimal(10_000)


class Triggers:
    """One symbol's orders that wait for a price."""

    def __init__(self) -> None:
        self._rising: SortedDict[Decimal, dict[int, Order]] = SortedDict()  # triggered at the price or above
        self._falling: SortedDict[Decimal, dict[int, Order]] = SortedDict()  # at the price or below, by its negative
        self._trailing: dict[int, Order] = {}

    def add(self, order: Order, last: Decimal | None) -> None:
        """Let an order wait; `last` is the price that was traded last."""
        if order.trailing:
            self._trailing[order.id] = order
            if last is not None:
                follow(order, last)
        else:
            side, key = self._place(order)
            side.setdefault(key, {})[order.id] = order

    def remove(self, order: Order) -> None:
        """Take an order out, if it waits here."""
        if self._trailing.pop(order.id, None) or order.trailing:
            return
        side, key = self._place(order)
        if key in side and side[key].pop(order.id, None) and not side[key]:
            del side[key]

    @property
    def trailing(self) -> Collection[Order]:
        """Those whose trigger follows the market."""
        return self._trailing.values()

    def take(self, price: Decimal) -> Iterator[Order]:
        """The orders that a traded price triggers, no longer waiting: those of the nearest price first, then the oldest."""
        for side, key in ((self._rising, price), (self._falling, -price)):
            while side and side.peekitem(0)[0] <= key:
                yield from side.popitem(0)[1].values()
        for order in [one for one in self._trailing.values() if follow(one, price)]:
            del self._trailing[order.id]
            yield order

    def _place(self, order: Order) -> tuple["SortedDict[Decimal, dict[int, Order]]", Decimal]:
        if rises(order):
            return self._rising, order.trigger
        return self._falling, -order.trigger


def rises(order: Order) -> bool:
    """Whether a price that rises triggers it: a stop that buys, a profit that is sold."""
    return order.is_buy == order.type.is_stop


def is_reached(order: Order, price: Decimal) -> bool:
    """Whether a price triggers an order that has one of its own."""
    return price >= order.trigger if rises(order) else price <= order.trigger


def follow(order: Order, price: Decimal) -> bool:
    """Let a trailing order see a traded price; whether that triggers it.

    With a price of its own it begins to follow when that is reached, else at once. One that buys follows the lowest price
    and is triggered by the first that is `trailing` basis points above it; one that sells by as many below the highest.
    Source: Binance's FAQ on trailing stops.
    """
    if order.best is None:
        order.best = price if not order.trigger or is_reached(order, price) else None
        return False
    if order.is_buy:
        order.best = min(order.best, price)
        return price >= order.best * (1 + order.trailing / BASIS_POINTS)
    order.best = max(order.best, price)
    return price <= order.best * (1 - order.trailing / BASIS_POINTS)
