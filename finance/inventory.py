"""What is held of one asset and what it has cost, and what is gained when some of it goes.

Units in the direction of what is held add their value to its cost. Units against it take cost away, and the gain is
their value less that cost. A short position is the same with all signs turned. Which cost goes is the method's choice,
and the only thing it decides: gains plus the change of the unrealised profit are the same by every method, to the last
digit. Cost that is divided is rounded to 18 decimals, and the last units take everything that is left.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from enum import StrEnum
from heapq import heappop, heappush
from typing import NamedTuple

from finance.decimals import CONTEXT, STORED_STEP, UNROUNDED, ZERO


class Method(StrEnum):
    """Which units go first."""

    AVERAGE = "average"  # every unit costs the same, as exchanges show a position's entry price
    FIFO = "fifo"  # the oldest
    LIFO = "lifo"  # the newest
    HIFO = "hifo"  # those of the highest price


class Lot(NamedTuple):
    """Units that came at one price; both figures have the sign of the position."""

    quantity: Decimal
    cost: Decimal

    def divide(self, quantity: Decimal) -> tuple["Lot", "Lot"]:
        """That many of its units, fewer than all or all of them, and the rest; together they have cost the same."""
        if quantity == self.quantity:
            return self, Lot(ZERO, ZERO)
        part = Lot(quantity, take_share(self.cost, quantity, self.quantity))
        return part, Lot(self.quantity - part.quantity, self.cost - part.cost)


Rank = tuple[Decimal | int, int]  # the lowest goes first; each lot of an inventory has its own number
RANKS: Mapping[Method, Callable[[Lot, int], Rank]] = {
    Method.AVERAGE: lambda lot, number: (0, number),
    Method.FIFO: lambda lot, number: (0, number),
    Method.LIFO: lambda lot, number: (0, -number),
    Method.HIFO: lambda lot, number: (CONTEXT.divide(-lot.cost, lot.quantity), number),
}


class Inventory:
    """One asset's units with their cost in the valuation asset; negative while it is owed."""

    __slots__ = ("_lots", "_number", "cost", "method", "quantity")

    def __init__(self, method: Method = Method.AVERAGE, quantity: Decimal = ZERO, cost: Decimal = ZERO) -> None:
        self.method = method
        self.quantity = ZERO
        self.cost = ZERO
        self._lots: list[tuple[Rank, Lot]] = []  # a heap
        self._number = 0
        if quantity:
            self._add(quantity, cost)

    @property
    def lots(self) -> tuple[Lot, ...]:
        """What is held, in the order in which it goes."""
        return tuple(lot for _, lot in sorted(self._lots, key=lambda ranked: ranked[0]))

    def book(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Take in or give away `quantity` units, which count for `value` (of the same sign); returns the gain.

        Through zero the first part closes what is held and the rest opens the other direction, both at one price.
        """
        with localcontext(UNROUNDED):
            if not quantity:
                return -value
            if quantity.is_signed() == self.quantity.is_signed() or not self.quantity:
                self._add(quantity, value)
                return ZERO
            if abs(quantity) <= abs(self.quantity):
                return -value - self._take(-quantity)
            closing, opening = self.split(quantity, value)
            gain = -closing.cost - self._take(self.quantity)
            self._add(*opening)
            return gain

    def split(self, quantity: Decimal, value: Decimal) -> tuple[Lot, ...]:
        """What is to be booked, in parts: through zero what closes and then what opens, both at one price; else all of it."""
        held = self.quantity
        if not held or held.is_signed() == quantity.is_signed() or abs(quantity) <= abs(held):
            return (Lot(quantity, value),)
        with localcontext(UNROUNDED):
            return Lot(quantity, value).divide(-held)

    def _add(self, quantity: Decimal, cost: Decimal) -> None:
        self.quantity += quantity
        self.cost += cost
        if self.method is Method.AVERAGE and self._lots:
            self._lots[0] = self._lots[0][0], Lot(self.quantity, self.cost)
            return
        lot = Lot(quantity, cost)
        self._number += 1
        heappush(self._lots, (RANKS[self.method](lot, self._number), lot))

    def _take(self, quantity: Decimal) -> Decimal:
        """Give away `quantity` units of those held, whose sign it has; returns their cost."""
        left, taken = quantity, ZERO
        while left:
            rank, lot = self._lots[0]
            if abs(lot.quantity) <= abs(left):
                part = lot
                heappop(self._lots)
            else:
                part, rest = lot.divide(left)
                self._lots[0] = rank, rest
            left -= part.quantity
            taken += part.cost
        self.quantity -= quantity
        self.cost -= taken
        return taken


def take_share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """What `part` of `whole` units has of `amount`, to 18 decimals, half to even."""
    return CONTEXT.quantize(CONTEXT.divide(CONTEXT.multiply(amount, part), whole), STORED_STEP)


def share_out(amounts: Sequence[Decimal], parts: Mapping[str, Decimal]) -> Iterator[tuple[str, list[Decimal]]]:
    """Each of `parts`, by name, with its shares of `amounts`; the last one takes all that is left, so that no digit is lost."""
    left, whole = list(amounts), sum(parts.values(), ZERO)
    for name, part in parts.items():
        shares = left if part == whole else [take_share(amount, part, whole) for amount in left]
        yield name, shares
        left = [amount - share for amount, share in zip(left, shares, strict=True)]
        whole -= part
