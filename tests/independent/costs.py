"""What an account's coins have cost and what went with a gain, a second time: average cost, in fractions.

What was there at the first look has cost what it was worth then. A coin bought costs what was given for it; a deposit, an
income and all else that comes is worth its price. Whatever goes takes its share of the cost along.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

from tests.independent.explained import Happening, worth_when_counted
from tests.independent.portfolio import NOTHING, stored

WAYS = {
    "trading": "realised",
    "positions": "spent_gain",
    "income": "spent_gain",
    "fees": "spent_gain",
    "flows": "transferred_gain",
    "residual": "unexplained_gain",
}


class Costs:
    """One account's coins."""

    def __init__(self, held: Mapping[str, Fraction], prices: Mapping[str, Fraction]) -> None:
        self.held = dict(held)
        self.costs = {asset: quantity * prices[asset] for asset, quantity in held.items()}

    def pass_hour(self, inside: Iterable[Happening], closing: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """Take in what happened; returns the gains by the way in which coins went."""
        gains: Counter[str] = Counter(dict.fromkeys(WAYS.values(), 0))
        for one in inside:
            gain = self.move(one.asset, one.quantity, worth_when_counted(one, closing))
            gains[WAYS[one.part]] += gain  # type: ignore[assignment]
        return {way: Fraction(gain) for way, gain in gains.items()}

    def unrealised(self, prices: Mapping[str, Fraction]) -> Fraction:
        """What selling everything at `prices` would gain."""
        return sum((q * prices[a] - self.costs[a] for a, q in self.held.items() if q), NOTHING)

    def move(self, asset: str, quantity: Fraction, worth: Fraction) -> Fraction:
        """Take in or give away so many coins that are worth so much; returns the gain."""
        held, cost = self.held.get(asset, NOTHING), self.costs.get(asset, NOTHING)
        self.held[asset] = held + quantity
        if held * quantity >= 0:
            self.costs[asset] = cost + worth
            return NOTHING
        if abs(quantity) <= abs(held):
            gone = cost if quantity == -held else stored(cost * -quantity / held)
            self.costs[asset] = cost - gone
            return -worth - gone
        closing = stored(worth * held / -quantity)  # through nothing: the rest begins anew
        self.costs[asset] = worth - closing
        return -closing - cost
