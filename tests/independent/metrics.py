"""What closed trades say together, a second time, in fractions: of trades that fills opened and closed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from itertools import accumulate, groupby

from tests.independent.portfolio import NOTHING
from tests.independent.trades import Cycle


def is_decision(cycle: Cycle) -> bool:
    """Whether fills opened and closed it: what left without being sold was worth less than 1 USDT."""
    unsold, sold_for = cycle.amounts["unsold"] * cycle.amounts["exit_value"], cycle.amounts["exited"]
    return cycle.closed is not None and cycle.is_by_fill and unsold < sold_for


def measure(cycles: Iterable[Cycle]) -> Mapping[str, Fraction]:
    """The figures by their names; what no trade, no win or no loss has is left out."""
    closed = sorted(filter(is_decision, cycles), key=_closing)
    nets = [one.net for one in closed]
    wins, losses = [net for net in nets if net > 0], [net for net in nets if net < 0]
    found = {
        "total": Fraction(len(nets)),
        "winning": Fraction(len(wins)),
        "losing": Fraction(len(losses)),
        "net": sum(nets, NOTHING),
        "gross_profit": sum(wins, NOTHING),
        "gross_loss": sum(losses, NOTHING),
        "fees": sum((Fraction(one.amounts["fees"]) for one in closed), NOTHING),
        "volume": sum((Fraction(one.amounts["entry_value"] + one.amounts["exit_value"]) for one in closed), NOTHING),
        "longest_winning": _longest(net > 0 for net in nets),
        "longest_losing": _longest(net < 0 for net in nets),
    }
    if nets:
        found |= {"win_rate": Fraction(len(wins), len(nets)), "average": found["net"] / len(nets)}
        found["drawdown"] = _fall(nets)
    if wins:
        found |= {"average_win": found["gross_profit"] / len(wins), "largest_win": max(wins)}
    if losses:
        found |= {"average_loss": found["gross_loss"] / len(losses), "largest_loss": min(losses)}
        found["profit_factor"] = found["gross_profit"] / -found["gross_loss"]
    if wins and losses:
        found["payoff"] = found["average_win"] / -found["average_loss"]
        found["expectancy_ratio"] = (1 + found["payoff"]) * found["win_rate"] - 1
    return found


def _closing(cycle: Cycle) -> datetime:
    assert cycle.closed
    return cycle.closed


def _longest(outcomes: Iterable[bool]) -> Fraction:
    return Fraction(max((len(list(run)) for outcome, run in groupby(outcomes) if outcome), default=0))


def _fall(nets: Iterable[Fraction]) -> Fraction:
    """The greatest distance of the sum so far from its highest before, which begins at nothing."""
    sums = list(accumulate(nets, initial=NOTHING))
    return max(high - here for high, here in zip(accumulate(sums, max), sums, strict=True))
