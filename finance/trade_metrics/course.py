"""The nets of closed trades, looked at one after another. With many trades the looks are what takes time, so there is one at each."""

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from finance.decimals import ZERO
from finance.trade_metrics.closed import ClosedTrade
from finance.trade_metrics.figures import NO_LOSS, NO_TRADE, NO_WIN, Reason, Sample

WON, LOST, BREAKEVEN = "WL-"  # a letter for each trade


class Streaks(NamedTuple):
    """How many trades in a row were won and lost: at most, and last."""

    longest_winning: int
    longest_losing: int
    current_winning: int
    current_losing: int


class Course(NamedTuple):
    """What they show."""

    nets: Sample
    squares: Decimal  # of the nets, added up
    wins: Sample
    losses: Sample
    largest_win: Decimal | Reason
    largest_loss: Decimal | Reason
    streaks: Streaks
    drawdown: Decimal | Reason  # the greatest fall of their sum so far from its highest so far, as a positive amount


def follow(closed: Iterable[ClosedTrade]) -> Course:
    """What the nets of trades show in their order; their sum begins at zero."""
    gained = lost = squares = largest_win = largest_loss = drawdown = ZERO
    below = ZERO  # the highest sum so far
    seen = list[str]()
    for one in closed:
        net = one.net
        squares += net * net
        below -= net
        if below < ZERO:
            below = ZERO
        elif below > drawdown:
            drawdown = below
        if net > largest_win:
            largest_win = net
        elif net < largest_loss:
            largest_loss = net
        if net > ZERO:
            gained += net
            seen.append(WON)
        elif net < ZERO:
            lost += net
            seen.append(LOST)
        else:
            seen.append(BREAKEVEN)
    letters = "".join(seen)
    return Course(
        nets=Sample(len(letters), gained + lost, NO_TRADE),
        squares=squares,
        wins=Sample(letters.count(WON), gained, NO_WIN),
        losses=Sample(letters.count(LOST), lost, NO_LOSS),
        largest_win=largest_win or NO_WIN,
        largest_loss=largest_loss or NO_LOSS,
        streaks=_count_streaks(letters),
        drawdown=drawdown if letters else NO_TRADE,
    )


def _count_streaks(letters: str) -> Streaks:
    """A breakeven trade ends either streak."""
    longest = (_find_longest(letter, letters) for letter in (WON, LOST))
    current = (len(letters) - len(letters.rstrip(letter)) for letter in (WON, LOST))
    return Streaks(*longest, *current)


def _find_longest(letter: str, letters: str) -> int:
    """How many of a letter are in a row at most: one less than the shortest row of it that is not found."""
    lengths = range(1, len(letters) + 1)
    return bisect_left(lengths, True, key=lambda length: letter * length not in letters)
