"""The formulas of trade metrics: results of trades in, a figure or the `Reason` why there is none out.

They compute in the context of their caller (`finance.decimals.exact`).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext
from operator import mul
from typing import NamedTuple

from finance.decimals import ONE, UNROUNDED, ZERO

WON, LOST, BREAKEVEN = "WL-"  # a letter for each trade


class Reason(str):
    """Why there is no figure, as a sentence."""

    __slots__ = ()


NO_TRADE = Reason("No trade was closed.")
NO_WIN = Reason("No trade won.")
NO_LOSS = Reason("No trade lost.")
ONE_TRADE = Reason("It takes two trades to say how far results differ.")
ALL_ALIKE = Reason("All trades ended alike: their results don't differ.")


@dataclass(frozen=True, slots=True)
class Sample:
    """Results of trades and what they come to, and the reason for figures of which it takes one result at least."""

    results: Sequence[Decimal]
    why_none: Reason
    total: Decimal
    mean: Decimal | Reason

    @classmethod
    def of(cls, results: Sequence[Decimal], why_none: Reason) -> "Sample":
        """A sample of `results`."""
        if not results:
            return cls(results, why_none, ZERO, why_none)
        with localcontext(UNROUNDED):
            total = sum(results, ZERO)
        return cls(results, why_none, total, total / len(results))

    @property
    def count(self) -> int:
        """How many."""
        return len(self.results)

    @property
    def lowest(self) -> Decimal | Reason:
        """The smallest of them."""
        return min(self.results) if self.results else self.why_none

    @property
    def highest(self) -> Decimal | Reason:
        """The greatest of them."""
        return max(self.results) if self.results else self.why_none


class Streaks(NamedTuple):
    """How many trades in a row were won and lost: at most, and last."""

    longest_winning: int
    longest_losing: int
    current_winning: int
    current_losing: int


def compute_win_rate(won: int, trades: int) -> Decimal | Reason:
    """won / trades: a breakeven trade is one, and is not won."""
    return Decimal(won) / trades if trades else NO_TRADE


def compute_profit_factor(wins: Sample, losses: Sample) -> Decimal | Reason:
    """Gross profit / -gross loss. T. Stridsman, "Trading Systems That Work" (2000), ch. 1."""
    return wins.total / -losses.total if losses.total else NO_LOSS


def compute_payoff(wins: Sample, losses: Sample) -> Decimal | Reason:
    """Average win / -average loss."""
    if isinstance(wins.mean, Reason) or isinstance(losses.mean, Reason):
        return NO_LOSS if wins.results else NO_WIN
    return wins.mean / -losses.mean


def compute_expectancy_ratio(win_rate: Decimal | Reason, payoff: Decimal | Reason) -> Decimal | Reason:
    """(1 + payoff) x win rate - 1: what a trade makes for each unit that a losing trade loses on average.

    Van K. Tharp, "Trade Your Way to Financial Freedom" (1998). A breakeven trade counts as if it had lost.
    """
    if isinstance(payoff, Reason) or isinstance(win_rate, Reason):
        return payoff if isinstance(payoff, Reason) else NO_TRADE
    return (ONE + payoff) * win_rate - ONE


def compute_kelly(won: int, lost: int, payoff: Decimal | Reason) -> Decimal | Reason:
    """W - (1 - W) / payoff, W = won / (won + lost): the share of capital at risk with which it would have grown fastest.

    J. L. Kelly, "A New Interpretation of Information Rate" (1956); as (b p - q) / b in E. O. Thorp, "The Kelly Criterion in
    Blackjack, Sports Betting, and the Stock Market" (1997). A breakeven trade changes no capital: it is left out.
    """
    if isinstance(payoff, Reason):
        return payoff
    share = Decimal(won) / (won + lost)
    return share - (ONE - share) / payoff


def compute_quality(sample: Sample) -> Decimal | Reason:
    """SQN: square root of n x mean / deviation (n - 1) of R, or of net.

    Van K. Tharp, "Definitive Guide to Position Sizing" (2008).
    """
    if sample.count < 2 or isinstance(sample.mean, Reason):
        return ONE_TRADE if sample.results else NO_TRADE
    with localcontext(UNROUNDED):
        squares = sum(map(mul, sample.results, sample.results), ZERO)
        spread = sample.count * squares - sample.total * sample.total  # n (n - 1) x variance, never below zero
    if not spread:
        return ALL_ALIKE
    return sample.count * sample.mean * Decimal(sample.count - 1).sqrt() / spread.sqrt()


def cut_quality(quality: Decimal | Reason, count: int, most: int) -> Decimal | Reason:
    """SQN with n at `most` so many: whatever is traded often enough would look good (Van K. Tharp cuts at 100)."""
    return quality if isinstance(quality, Reason) or count <= most else quality * (Decimal(most) / count).sqrt()


def count_streaks(letters: str) -> Streaks:
    """Out of a letter for each trade, in order: a breakeven trade ends either streak."""
    longest = (_find_longest(letter, letters) for letter in (WON, LOST))
    current = (len(letters) - len(letters.rstrip(letter)) for letter in (WON, LOST))
    return Streaks(*longest, *current)


def _find_longest(letter: str, letters: str) -> int:
    """How many of a letter are in a row at most: one less than the shortest row of it that is not found."""
    lengths = range(1, len(letters) + 1)
    return bisect_left(lengths, True, key=lambda length: letter * length not in letters)


def find_drawdown(results: Sequence[Decimal]) -> Decimal | Reason:
    """The greatest fall of the sum of `results` so far from its highest so far, which begins at zero; a positive amount."""
    if not results:
        return NO_TRADE
    below = drawdown = ZERO  # the highest so far
    for result in results:
        below -= result
        if below < ZERO:
            below = ZERO
        elif below > drawdown:
            drawdown = below
    return drawdown


def find_median(lengths: Sequence[timedelta]) -> timedelta | Reason:
    """The middle one, or the mean of the two in the middle."""
    if not lengths:
        return NO_TRADE
    ordered, middle = sorted(lengths), len(lengths) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
