"""The metrics of closed trades.

Everything is of net results, after fees, interest and funding. A breakeven trade is counted and is neither a win nor a loss.
What can't be known is None, and `reasons` says why, in a sentence; a sum over no trade is zero, a mean over none is None.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Context, Decimal, localcontext
from operator import attrgetter, lt, mul
from typing import Any, NamedTuple

from finance.decimals import UNROUNDED, ZERO, exact
from finance.trade_metrics import figures
from finance.trade_metrics.closed import ClosedTrade
from finance.trade_metrics.course import Course, Streaks, follow
from finance.trade_metrics.figures import Reason, Sample

FEW_TRADES = 30  # below it chance alone makes ratios as good, or as bad
SQN_CUT = 100
R_DIGITS = Context(prec=28)  # of a multiple of R, which is only counted with others
NO_STOP = Reason("No stop is known that stood at entry: python -m monitor trades note TRADE --stop PRICE says it.")
NO_TIME = "What was invested over time is not known of {} of the {} trades."


class Sums(NamedTuple):
    """What trades come to beside their net."""

    fees: Decimal
    interest: Decimal
    funding: Decimal
    volume: Decimal
    invested: Decimal
    not_invested: int  # trades of which that is not known
    lengths: list[timedelta]  # of the time that each was held
    known_risks: list[tuple[Decimal, Decimal]]  # net and R of each whose R is known


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeMetrics:
    """Amounts are in the valuation asset, rates and returns are fractions; `reasons` has one for each figure that is None."""

    total: int
    winning: int
    losing: int
    breakeven: int
    gross_profit: Decimal  # of all winning trades together, after costs
    gross_loss: Decimal  # of all losing trades together; never above zero
    net: Decimal
    gross: Decimal  # before costs
    fees: Decimal
    interest: Decimal
    funding: Decimal  # got; paid is negative
    volume: Decimal  # what came in and what went out again
    win_rate: Decimal | None
    average: Decimal | None  # net of a trade on average: the expectancy
    average_win: Decimal | None
    average_loss: Decimal | None
    largest_win: Decimal | None
    largest_loss: Decimal | None
    profit_factor: Decimal | None
    payoff: Decimal | None
    expectancy_ratio: Decimal | None
    kelly: Decimal | None
    sqn: Decimal | None
    sqn_100: Decimal | None  # with n at most 100
    sqn_of_r: bool  # of R, where every trade has one; else of net
    with_risk: int  # trades whose R is known; the figures of R are theirs
    average_risk: Decimal | None
    average_r: Decimal | None
    best_r: Decimal | None
    worst_r: Decimal | None
    mean_hold: timedelta | None
    median_hold: timedelta | None
    drawdown: Decimal | None  # greatest fall of cumulative net, as a positive amount
    roi: Decimal | None
    streaks: Streaks
    reasons: Mapping[str, str]

    @property
    def is_tentative(self) -> bool:
        """Whether ratios rest on few trades (fewer than 30)."""
        return self.total < FEW_TRADES


@exact
def compute_metrics(trades: Iterable[ClosedTrade]) -> TradeMetrics:
    """The metrics of closed trades, in whatever order they come."""
    closed = _order(trades)
    with localcontext(UNROUNDED):
        sums, course = _add_up(closed), follow(closed)
    computed: dict[str, Any] = (
        _judge(course)
        | _compare_with_risk(course, sums.known_risks)
        | _spread_over_time(sums.lengths)
        | {"drawdown": course.drawdown, "roi": _compute_roi(course.nets, sums)}
    )
    return TradeMetrics(
        **_count(course, sums),
        **dict[str, Any]((name, None if isinstance(figure, Reason) else figure) for name, figure in computed.items()),
        streaks=course.streaks,
        reasons={name: str(figure) for name, figure in computed.items() if isinstance(figure, Reason)},
    )


def _order(trades: Iterable[ClosedTrade]) -> list[ClosedTrade]:
    """By closing; those that closed in the same moment by their ids. They mostly come so."""
    closed = list(trades)
    moments = [one.closed_at for one in closed]
    if not all(map(lt, moments, moments[1:])):
        closed.sort(key=attrgetter("closed_at", "account", "id"))
    return closed


def _add_up(closed: Iterable[ClosedTrade]) -> Sums:
    """In one pass: what is of one trade lies near each other in memory, what is of all trades does not."""
    fees = interest = funding = volume = invested = ZERO
    not_invested = 0
    lengths, known_risks = list[timedelta](), list[tuple[Decimal, Decimal]]()
    for one in closed:
        lengths.append(one.closed_at - one.opened_at)
        fees += one.fees
        volume += one.volume
        if one.interest:
            interest += one.interest
        if one.funding:
            funding += one.funding
        if one.invested:
            invested += one.invested
        else:
            not_invested += 1
        if one.risk:
            known_risks.append((one.net, one.risk))
    return Sums(fees, interest, funding, volume, invested, not_invested, lengths, known_risks)


def _count(course: Course, sums: Sums) -> dict[str, Any]:
    """Counts and sums, which are known of no trade, too."""
    nets, wins, losses = course.nets, course.wins, course.losses
    return {
        "total": nets.count,
        "winning": wins.count,
        "losing": losses.count,
        "breakeven": nets.count - wins.count - losses.count,
        "gross_profit": wins.total,
        "gross_loss": losses.total,
        "net": nets.total,
        "gross": nets.total + sums.fees + sums.interest - sums.funding,
        "fees": sums.fees,
        "interest": sums.interest,
        "funding": sums.funding,
        "volume": sums.volume,
    }


def _judge(course: Course) -> dict[str, Any]:
    """What wins and losses say of each other."""
    nets, wins, losses = course.nets, course.wins, course.losses
    rate = figures.compute_win_rate(wins.count, nets.count)
    payoff = figures.compute_payoff(wins, losses)
    return {
        "win_rate": rate,
        "average": nets.mean,
        "average_win": wins.mean,
        "average_loss": losses.mean,
        "largest_win": course.largest_win,
        "largest_loss": course.largest_loss,
        "profit_factor": figures.compute_profit_factor(wins, losses),
        "payoff": payoff,
        "expectancy_ratio": figures.compute_expectancy_ratio(rate, payoff),
        "kelly": figures.compute_kelly(wins.count, losses.count, payoff),
    }


def _compare_with_risk(course: Course, known: Sequence[tuple[Decimal, Decimal]]) -> dict[str, Any]:
    """R multiples (Van K. Tharp: net / the risk known at entry), and SQN of them where every trade has one."""
    why = NO_STOP if course.nets.count else figures.NO_TRADE
    ratios = [R_DIGITS.divide(net, risk) for net, risk in known]
    with localcontext(UNROUNDED):
        risks = Sample(len(known), sum([risk for _, risk in known], ZERO), why)
        multiples = Sample(len(known), sum(ratios, ZERO), why)
        squares = sum(map(mul, ratios, ratios), ZERO)
    of_r = 0 < len(known) == course.nets.count
    quality = figures.compute_quality(*(multiples, squares) if of_r else (course.nets, course.squares))
    return {
        "sqn": quality,
        "sqn_100": figures.cut_quality(quality, course.nets.count, SQN_CUT),
        "sqn_of_r": of_r,
        "with_risk": multiples.count,
        "average_risk": risks.mean,
        "average_r": multiples.mean,
        "best_r": max(ratios, default=why),
        "worst_r": min(ratios, default=why),
    }


def _spread_over_time(lengths: Sequence[timedelta]) -> dict[str, Any]:
    """How long trades were held."""
    return {
        "mean_hold": sum(lengths, timedelta()) / len(lengths) if lengths else figures.NO_TRADE,
        "median_hold": figures.find_median(lengths),
    }


def _compute_roi(nets: Sample, sums: Sums) -> Decimal | Reason:
    """Net of all trades / what was invested in each on average over its time: not the return of an account."""
    if sums.not_invested:
        return Reason(NO_TIME.format(sums.not_invested, nets.count))
    return nets.total / sums.invested if nets.count else figures.NO_TRADE
