"""Double entry: every amount is somewhere, and every movement takes from one place what it gives to another.

Places are (owner, bucket). Owners are the accounts, `outside` (the world that deposits come from) and `house` (the
other side of trades, fees and interest). So for each asset the sum over all places is zero, always.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

Place = tuple[str, str]
OUTSIDE: Place = ("outside", "")
HOUSE: Place = ("house", "")
ZERO = Decimal(0)
BORROWERS = ("outside", "house")
FUTURES = ("futures", "coin_m")
OWED = "owed "  # the bucket of a wallet's debts, whose balance is negative


class Movement(NamedTuple):
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
        self._balances: defaultdict[Place, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._moved: list[Movement] = []  # and not entered in the books yet

    def move(
        self, asset: str, amount: Decimal, source: Place, target: Place, *, why: str = "", about: str = ""
    ) -> None:
        """Move `amount` of `asset`. Raises NotEnough, and moves nothing, if an account would go below zero."""
        if not amount.is_finite() or amount < 0:
            raise ValueError(f"{amount} is not an amount")
        held = self._balances[source]
        if (has := held[asset]) < amount and not may_owe(source):
            raise NotEnough(f"{source[0]} has {has} {asset} in {source[1]}, not {amount}")
        held[asset] = has - amount
        self._balances[target][asset] += amount
        self._moved.append(Movement(asset, amount, source, target, why, about))

    def restore(self, place: Place, asset: str, amount: Decimal) -> None:
        """Let a place have what it had before the venue started anew."""
        self._balances[place][asset] = amount

    @property
    def has_moved(self) -> bool:
        """Whether something was moved that nobody has asked for yet."""
        return bool(self._moved)

    def take_moved(self) -> list[Movement]:
        """What was moved since this was last asked."""
        moved, self._moved = self._moved, []
        return moved

    def balance(self, place: Place, asset: str) -> Decimal:
        """What is at a place."""
        held = self._balances.get(place)
        return held.get(asset, ZERO) if held else ZERO

    def holdings(self, owner: str, bucket: str) -> Iterator[tuple[str, Decimal]]:
        """Assets and amounts in one bucket of an owner, without zeros, by name."""
        if held := self._balances.get((owner, bucket)):
            yield from ((asset, amount) for asset, amount in sorted(held.items()) if amount)

    def totals(self) -> dict[str, Decimal]:
        """The sum over all places by asset: zero for each."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for held in self._balances.values():
            for asset, amount in held.items():
                sums[asset] += amount
        return dict(sums)


def may_owe(place: Place) -> bool:
    """Whether less than nothing may be at a place."""
    owner, bucket = place
    return owner in BORROWERS or bucket in FUTURES or bucket.startswith(OWED)
