"""Units and benchmarks a second time, straight from their definitions, in exact fractions.

    unit price P = V / U;  a flow F at V buys F / P units and moves no P
    benchmark: a deposit buys the basket by its weights, a withdrawal sells pro rata, what it can't pay is a debt

The only rounding is the one that storage asks for: what a division made has 18 decimals, half to even (`stored`).
`unrounded` in its place gives the true values, to show that the rounding never adds up.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

Cut = Callable[[Fraction], Fraction]
Prices = Mapping[str, Fraction]
STEPS = 10**18
NOTHING = Fraction(0)


def stored(value: Fraction) -> Fraction:
    """`value` at 18 decimals."""
    return Fraction(round(value * STEPS), STEPS)


def unrounded(value: Fraction) -> Fraction:
    """`value` itself."""
    return value


class Pot:
    """Money that is divided in units."""

    def __init__(self, cut: Cut) -> None:
        self.units, self.price = NOTHING, Fraction(100)
        self.invested, self.peak, self.episode = NOTHING, NOTHING, 0
        self._cut = cut

    def observe(self, worth: Fraction) -> None:
        """A reading found so much: what an empty pot is worth again without a flow is its own gain."""
        self._mark(worth)
        if not self.units and not self.is_dust(worth):
            self._begin(worth)

    def _mark(self, worth: Fraction) -> None:
        if not self.units:
            return
        if worth <= 0:
            self.units = self.price = NOTHING
            return
        self.price = self._cut(worth / self.units)
        self.peak = max(self.peak, worth)

    def receive(self, flow: Fraction, worth: Fraction) -> Fraction:
        """`flow` comes in (+) or goes out (-) of a pot that is `worth` so much just before; the units that makes."""
        self._mark(worth)
        units = self.units
        self._receive(flow, worth)
        return self.units - units

    def _receive(self, flow: Fraction, worth: Fraction) -> None:
        left = worth + flow
        self.invested += flow
        self.peak = max(self.peak, left)
        if not self.units:
            if flow > 0 and left >= 1:
                self._begin(left)
        elif self.is_dust(left):
            self.units = NOTHING
        else:
            self.units += self._cut(flow * self.units / worth)

    def _begin(self, worth: Fraction) -> None:
        self.price = self.price or Fraction(100)
        self.units, self.peak = self._cut(worth / self.price), worth
        self.episode += 1

    def is_dust(self, worth: Fraction) -> bool:
        """Whether `worth` is too little to go on with: under 1, or under a ten-thousandth of the most there ever was."""
        return worth < 1 or worth < self.peak / 10_000


class Basket:
    """The benchmark: the same flows, held in coins."""

    def __init__(self, weights: Prices, cut: Cut, *, monthly: bool) -> None:
        self.weights, self.monthly = weights, monthly
        self.coins, self.owed, self.pot = dict.fromkeys(weights, NOTHING), NOTHING, Pot(cut)
        self._cut = cut

    def worth(self, prices: Prices) -> Fraction:
        """Coins minus debt."""
        return sum((count * prices[coin] for coin, count in self.coins.items()), NOTHING) - self.owed

    def receive(self, flow: Fraction, prices: Prices) -> Fraction:
        """The account's flow, at the flow's own prices; the units that makes."""
        worth = self.worth(prices)
        units = self.pot.receive(flow, worth)
        if flow >= 0:
            repaid = min(flow, self.owed)
            self.owed -= repaid
            self._buy(flow - repaid, prices)
        elif -flow < worth:
            self.coins = {coin: self._cut(count * (worth + flow) / worth) for coin, count in self.coins.items()}
        else:
            self.coins, self.owed = dict.fromkeys(self.coins, NOTHING), -flow - worth
        return units

    def _buy(self, money: Fraction, prices: Prices) -> None:
        for coin, share in self.weights.items():
            self.coins[coin] += self._cut(money * share / prices[coin])

    def turn_month(self, prices: Prices) -> None:
        """Back to the weights, if this is the monthly basket."""
        worth = self.worth(prices)
        if self.monthly and worth > 0:
            self.coins = dict.fromkeys(self.coins, NOTHING)
            self._buy(worth, prices)

    def observe(self, prices: Prices) -> None:
        """The hour's prices."""
        self.pot.observe(self.worth(prices))
