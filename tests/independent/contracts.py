"""An account's trades in contracts a second time, in fractions, from the venue's own books: side by side, from flat to flat.

    linear     a fill's worth is quantity x price
    inverse    contracts x size / price, in the coin; who is long of dollars is short of coins

What was open when the history began has cost what it was worth at its mark then. The worth of an inverse fill, and the cost of a part of what is open, come of a division and have 18 decimals.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from paper.histories.accounts import ContractFill
from tests.independent.explained import Happening
from tests.independent.portfolio import NOTHING, stored
from tests.independent.positions import SIZES
from tests.independent.trades import Cycle, Shares


@dataclass(slots=True)
class Open:
    """What is open of one side: signed units (dollars of an inverse contract) and their cost, without a sign."""

    units: Fraction = NOTHING
    cost: Fraction = NOTHING
    cycle: Cycle | None = None


@dataclass(slots=True)
class Contracts:
    """All trades in contracts of one account."""

    fills: list[ContractFill]
    cycles: list[Cycle] = field(default_factory=list)
    open: dict[tuple[str, str], Open] = field(default_factory=dict)

    def begin(self, at: datetime, mark_of: Callable[[str], Fraction], price_of: Callable[[str], Fraction]) -> None:
        """Take in what fills of before had left open, at the marks of then."""
        left: defaultdict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
        for fill in self.fills:
            left[fill.symbol, fill.side, fill.asset] += Fraction(fill.quantity) if fill.at < at else NOTHING
        for (symbol, side, asset), quantity in left.items():
            if quantity:
                units, worth = _value(symbol, quantity, mark_of(symbol))
                cycle = Cycle(symbol, at, units < 0)
                cycle.add(entered=abs(units), entry_value=worth * price_of(asset), settled_entry=worth)
                self.cycles.append(cycle)
                self.open[symbol, side] = Open(units, worth, cycle)

    def pass_hour(
        self, since: datetime, until: datetime, inside: Iterable[Happening], closing: Mapping[str, Fraction]
    ) -> dict[Happening, Shares]:
        """Take in an hour; returns whose its costs are."""
        shares: dict[Happening, Shares] = {}
        costs = [one for one in inside if one.contract]
        fills = [one for one in self.fills if since <= one.at < until]
        for moment in sorted({*(one.at for one in fills), *(one.at for one in costs)}):
            moved = {f"contract {one.id}": self._fill(one, closing[one.asset]) for one in fills if one.at == moment}
            for cost in (one for one in costs if one.at == moment):
                shares[cost] = moved[cost.fill] if cost.fill else self._share_funding(cost.contract)
        return shares

    def _fill(self, fill: ContractFill, price: Fraction) -> Shares:
        """Book a fill; returns which trades it moved, and how many units of each."""
        is_inverse = "USD_PERP" in fill.symbol
        units, worth = _value(fill.symbol, Fraction(fill.quantity), Fraction(fill.price))
        held = self.open.setdefault((fill.symbol, fill.side), Open())
        moved: Shares = []
        if held.units * units < 0:
            part = min(abs(units), abs(held.units))
            sold = worth if part == abs(units) else stored(worth * part / abs(units))
            moved.append((self._close(held, part, sold, price, fill, is_inverse=is_inverse), part))
            units, worth = units - part * (1 if units > 0 else -1), worth - sold
        if units:
            moved.append((self._enter(held, units, worth, price, fill), abs(units)))
        return moved

    def _enter(self, held: Open, units: Fraction, worth: Fraction, price: Fraction, fill: ContractFill) -> Cycle:
        if held.cycle is None:
            held.cycle = Cycle(fill.symbol, fill.at, units < 0, is_by_fill=True)
            self.cycles.append(held.cycle)
        held.units, held.cost = held.units + units, held.cost + worth
        held.cycle.add(entered=abs(units), entry_value=worth * price, settled_entry=worth)
        return held.cycle

    def _close(
        self, held: Open, part: Fraction, sold: Fraction, price: Fraction, fill: ContractFill, *, is_inverse: bool
    ) -> Cycle:
        cycle = held.cycle
        assert cycle
        cost = held.cost if part == abs(held.units) else stored(held.cost * part / abs(held.units))
        gain = (sold - cost) * (1 if held.units > 0 else -1) * (-1 if is_inverse else 1)
        cycle.add(
            exited=part, exit_value=sold * price, settled_exit=sold, gross=gain * price, settled_gross=gain,
            stated=Fraction(fill.profit),
        )  # fmt: skip
        held.units, held.cost = held.units - part * (1 if held.units > 0 else -1), held.cost - cost
        if not held.units:
            cycle.closed, held.cycle = fill.at, None
        return cycle

    def _share_funding(self, symbol: str) -> Shares:
        """Each side's is as large as it is, and has its sign."""
        sides = [one for (name, _), one in self.open.items() if name == symbol and one.cycle]
        if len(sides) == 1:
            return [(sides[0].cycle, Fraction(1))]
        whole = sum((one.units for one in sides), NOTHING)
        return [(one.cycle, one.units) for one in sides] if whole else [(None, Fraction(1))]


def _value(symbol: str, quantity: Fraction, price: Fraction) -> tuple[Fraction, Fraction]:
    """The units, dollars of an inverse contract, and what they are worth, without a sign."""
    coin, is_inverse, _ = symbol.partition("USD_PERP")
    units = quantity * (SIZES.get(coin, 10) if is_inverse else 1)
    return units, stored(abs(units) / price) if is_inverse else abs(units) * price
