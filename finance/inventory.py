"""What is held of one asset and what it has cost, and what is gained when some of it goes.

Units in the direction of what is held add their value to its cost. Units against it take cost away, and the gain is
their value less that cost. A short position is the same with all signs turned. Which cost goes is the method's choice,
and the only thing it decides: gains plus the change of the unrealised profit are the same by every method, to the last
digit. Cost that is divided is rounded to 18 decimals, and the last units take everything that is left.

Each sum names its context: to enter one for so few takes longer than they do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
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
        rest = Lot(UNROUNDED.subtract(self.quantity, quantity), UNROUNDED.subtract(self.cost, part.cost))
        return part, rest


Rank = tuple[Decimal | int, int]  # the lowest goes first; each lot of an inventory has its own number
RANKS: Mapping[Method, Callable[[Lot, int], Rank]] = {
    Method.FIFO: lambda lot, number: (0, number),
    Method.LIFO: lambda lot, number: (0, -number),
    Method.HIFO: lambda lot, number: (CONTEXT.divide(lot.cost.copy_negate(), lot.quantity), number),
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
        """What is held, in the order in which it goes; by average cost it is one."""
        if self.method is Method.AVERAGE:
            return (Lot(self.quantity, self.cost),) if self.quantity else ()
        return tuple(lot for _, lot in sorted(self._lots, key=lambda ranked: ranked[0]))

    def book(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Take in or give away `quantity` units, which count for `value` (of the same sign); returns the gain.

        Through zero the first part closes what is held and the rest opens the other direction, both at one price.
        """
        held = self.quantity
        if not quantity:
            return UNROUNDED.minus(value)
        if not held or quantity.is_signed() == held.is_signed():
            self._add(quantity, value)
            return ZERO
        if quantity.copy_abs() <= held.copy_abs():
            return UNROUNDED.minus(UNROUNDED.add(value, self._take(quantity.copy_negate())))
        closing, opening = self.split(quantity, value)
        gain = UNROUNDED.minus(UNROUNDED.add(closing.cost, self._take(held)))
        self._add(*opening)
        return gain

    def split(self, quantity: Decimal, value: Decimal) -> tuple[Lot, ...]:
        """What is to be booked, in parts: through zero what closes and then what opens, both at one price; else all of it."""
        held = self.quantity
        if not held or held.is_signed() == quantity.is_signed() or quantity.copy_abs() <= held.copy_abs():
            return (Lot(quantity, value),)
        return Lot(quantity, value).divide(held.copy_negate())

    def _add(self, quantity: Decimal, cost: Decimal) -> None:
        self.quantity = UNROUNDED.add(self.quantity, quantity)
        self.cost = UNROUNDED.add(self.cost, cost)
        if self.method is Method.AVERAGE:
            return
        lot = Lot(quantity, cost)
        self._number += 1
        heappush(self._lots, (RANKS[self.method](lot, self._number), lot))

    def _take(self, quantity: Decimal) -> Decimal:
        """Give away `quantity` units of those held, whose sign it has; returns their cost."""
        taken = self._take_average(quantity) if self.method is Method.AVERAGE else self._take_lots(quantity)
        self.quantity = UNROUNDED.subtract(self.quantity, quantity)
        self.cost = UNROUNDED.subtract(self.cost, taken)
        return taken

    def _take_average(self, quantity: Decimal) -> Decimal:
        return self.cost if quantity == self.quantity else take_share(self.cost, quantity, self.quantity)

    def _take_lots(self, quantity: Decimal) -> Decimal:
        left, taken = quantity, ZERO
        while left:
            rank, lot = self._lots[0]
            if lot.quantity.copy_abs() <= left.copy_abs():
                part = lot
                heappop(self._lots)
            else:
                part, rest = lot.divide(left)
                self._lots[0] = rank, rest
            left = UNROUNDED.subtract(left, part.quantity)
            taken = UNROUNDED.add(taken, part.cost)
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
