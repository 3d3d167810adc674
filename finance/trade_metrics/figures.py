"""The formulas of trade metrics: results of trades in, a figure or the `Reason` why there is none out.

They compute in the context of their caller (`finance.decimals.exact`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext

from finance.decimals import ONE, UNROUNDED

SAMPLED = 100  # one length of time of so many says roughly where the middle is


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
    """What results come to together, and the reason for figures of which it takes one result at least."""

    count: int
    total: Decimal
    why_none: Reason

    @property
    def mean(self) -> Decimal | Reason:
        """What one comes to on average."""
        return self.total / self.count if self.count else self.why_none


def compute_win_rate(won: int, trades: int) -> Decimal | Reason:
    """won / trades: a breakeven trade is one, and is not won."""
    return Decimal(won) / trades if trades else NO_TRADE


def compute_profit_factor(wins: Sample, losses: Sample) -> Decimal | Reason:
    """Gross profit / -gross loss. T. Stridsman, "Trading Systems That Work" (2000), ch. 1."""
    return wins.total / -losses.total if losses.total else NO_LOSS


def compute_payoff(wins: Sample, losses: Sample) -> Decimal | Reason:
    """Average win / -average loss."""
    if isinstance(wins.mean, Reason) or isinstance(losses.mean, Reason):
        return NO_LOSS if wins.count else NO_WIN
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


def compute_quality(sample: Sample, squares: Decimal) -> Decimal | Reason:
    """SQN: square root of n x mean / deviation (n - 1) of R, or of net; `squares` are theirs, added up.

    Van K. Tharp, "Definitive Guide to Position Sizing" (2008).
    """
    if sample.count < 2 or isinstance(sample.mean, Reason):
        return ONE_TRADE if sample.count else NO_TRADE
    with localcontext(UNROUNDED):
        spread = sample.count * squares - sample.total * sample.total  # n (n - 1) x variance, never below zero
    if not spread:
        return ALL_ALIKE
    return sample.count * sample.mean * Decimal(sample.count - 1).sqrt() / spread.sqrt()


def cut_quality(quality: Decimal | Reason, count: int, most: int) -> Decimal | Reason:
    """SQN with n at `most` so many: whatever is traded often enough would look good (Van K. Tharp cuts at 100)."""
    return quality if isinstance(quality, Reason) or count <= most else quality * (Decimal(most) / count).sqrt()


def find_median(lengths: Sequence[timedelta]) -> timedelta | Reason:
    """The middle one, or the mean of the two in the middle."""
    if not lengths:
        return NO_TRADE
    ordered, shorter = _sort_middle(lengths)
    middle = len(lengths) // 2 - shorter
    return ordered[middle] if len(lengths) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _sort_middle(lengths: Sequence[timedelta]) -> tuple[list[timedelta], int]:
    """Those about the middle in order, and how many are shorter than these: sorting all of them takes three times as long."""
    sample = sorted(lengths[::SAMPLED])
    low, high = sample[len(sample) * 9 // 20], sample[len(sample) * 11 // 20]
    longer = [length for length in lengths if length >= low]
    near = [length for length in longer if length <= high]
    shorter = len(lengths) - len(longer)
    if shorter < len(lengths) // 2 < shorter + len(near):
        return sorted(near), shorter
    return sorted(lengths), 0  # the sample misled
