"""Double entry: every amount is somewhere, and every movement takes from one place what it gives to another.

Places are (owner, bucket). Owners are the accounts, `outside` (the world that deposits come from) and `house` (the
other side of trades, fees and interest). So for each asset the sum over all places is zero, always.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

Place = tuple[str, str]
OUTSIDE: Place = ("outside", "")
HOUSE: Place = ("house", "")
ZERO = Decimal(0)
BORROWERS = ("outside", "house")
FUTURES = ("futures", "coin_m")
OWED = "owed "  # the bucket of a wallet's debts, whose balance is negative


class NotEnough(ValueError):
    """An account has less than a movement wants to take."""


class Ledger:
    """All balances of the venue."""

    def __init__(self) -> None:
        self._balances: defaultdict[tuple[Place, str], Decimal] = defaultdict(Decimal)

    def move(self, asset: str, amount: Decimal, source: Place, target: Place) -> None:
        """Move `amount` of `asset`. Raises NotEnough, and moves nothing, if an account would go below zero."""
        if not amount.is_finite() or amount < 0:
            raise ValueError(f"{amount} is not an amount")
        left = self._balances[source, asset] - amount
        may_owe = source[0] in BORROWERS or source[1] in FUTURES or source[1].startswith(OWED)
        if left < 0 and not may_owe:
            raise NotEnough(f"{source[0]} has {self._balances[source, asset]} {asset} in {source[1]}, not {amount}")
        self._balances[source, asset] = left
        self._balances[target, asset] += amount

    def balance(self, place: Place, asset: str) -> Decimal:
        """What is at a place."""
        return self._balances[place, asset] if (place, asset) in self._balances else ZERO

    def holdings(self, owner: str, bucket: str) -> Iterator[tuple[str, Decimal]]:
        """Assets and amounts in one bucket of an owner, without zeros, by name."""
        for (place, asset), amount in sorted(self._balances.items()):
            if place == (owner, bucket) and amount:
                yield asset, amount

    def totals(self) -> dict[str, Decimal]:
        """The sum over all places by asset: zero for each."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for (_, asset), amount in self._balances.items():
            sums[asset] += amount
        return dict(sums)
