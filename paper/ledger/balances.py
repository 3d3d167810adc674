"""Double entry: every amount is somewhere, and every movement takes from one place what it gives to another.

Places are (owner, bucket). Owners are the accounts, `outside` (the world that deposits come from) and `house` (the
other side of trades, fees and interest). So for each asset the sum over all places is zero, always.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

Place = tuple[str, str]
Key = tuple[str, str]  # bucket and asset
OUTSIDE: Place = ("outside", "")
HOUSE: Place = ("house", "")
ZERO = Decimal(0)
BORROWERS = ("outside", "house")
FUTURES = ("futures", "coin_m")
OWED = "owed "  # the bucket of a wallet's debts, whose balance is negative


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount that went from one place to another."""

    asset: str
    amount: Decimal
    source: Place
    target: Place
    why: str  # what it is of all that was done together: a commission, a fee, funding; empty for the thing itself
    about: str  # a symbol


class NotEnough(ValueError):
    """An account has less than a movement wants to take."""


class Ledger:
    """All balances of the venue."""

    def __init__(self) -> None:
        self._balances: defaultdict[str, defaultdict[Key, Decimal]] = defaultdict(
            lambda: defaultdict(Decimal)
        )  # by owner
        self._moved: list[Movement] = []  # and not entered in the books yet

    def move(
        self, asset: str, amount: Decimal, source: Place, target: Place, *, why: str = "", about: str = ""
    ) -> None:
        """Move `amount` of `asset`. Raises NotEnough, and moves nothing, if an account would go below zero."""
        if not amount.is_finite() or amount < 0:
            raise ValueError(f"{amount} is not an amount")
        (owner, bucket), (receiver, into) = source, target
        has = self.balance(source, asset)
        may_owe = owner in BORROWERS or bucket in FUTURES or bucket.startswith(OWED)
        if has < amount and not may_owe:
            raise NotEnough(f"{owner} has {has} {asset} in {bucket}, not {amount}")
        self._balances[owner][bucket, asset] = has - amount
        self._balances[receiver][into, asset] += amount
        self._moved.append(Movement(asset, amount, source, target, why, about))

    def take_moved(self) -> list[Movement]:
        """What was moved since this was last asked."""
        moved, self._moved = self._moved, []
        return moved

    def balance(self, place: Place, asset: str) -> Decimal:
        """What is at a place."""
        owner, bucket = place
        return self._balances[owner].get((bucket, asset), ZERO) if owner in self._balances else ZERO

    def holdings(self, owner: str, bucket: str) -> Iterator[tuple[str, Decimal]]:
        """Assets and amounts in one bucket of an owner, without zeros, by name."""
        held = self._balances[owner] if owner in self._balances else {}
        for (place, asset), amount in sorted(held.items()):
            if place == bucket and amount:
                yield asset, amount

    def totals(self) -> dict[str, Decimal]:
        """The sum over all places by asset: zero for each."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for held in self._balances.values():
            for (_, asset), amount in held.items():
                sums[asset] += amount
        return dict(sums)
