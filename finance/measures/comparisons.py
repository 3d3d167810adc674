"""Every measure of a window for both sides, or the reason why it has no meaning there."""

from collections.abc import Callable

import numpy as np

from finance.measures.days import Days
from finance.measures.distribution import (
    average_day,
    best_day,
    conditional_value_at_risk,
    flat_days,
    value_at_risk,
    winning_days,
    worst_day,
)
from finance.measures.money_weighted import (
    CashFlows,
    Solution,
    annual_money_weighted_return,
    money_weighted_return,
    solve,
)
from finance.measures.outcome import Comparison, Measure, compare, unavailable
from finance.measures.public_market import direct_alpha, kaplan_schoar
from finance.measures.relative import (
    alpha,
    beta,
    down_capture,
    information_ratio,
    r_squared,
    regress,
    tracking_error,
    up_capture,
)
from finance.measures.returns import UNDER_A_YEAR, annual_return, time_weighted_return
from finance.measures.risk import calmar_ratio, sharpe_ratio, sortino_ratio, volatility
from finance.measures.series import HOURS_A_YEAR, Floats
from finance.measures.window import Side, Window

FEWEST_DAYS = 30
FEWEST_TAIL_DAYS = 60  # three days in the 5 % tail
LEAST_COVERAGE = 0.8  # of the hours for drawdowns, of the days for daily statistics
RAN_OUT = "the benchmark ran out of money in this period: it could not pay a withdrawal that the account could"
NOTHING = "the benchmark held nothing in this period: no money had come in, or more was taken out than it had"
OTHER_FLOWS = "the benchmark paid out another amount than the account: the same fraction of what it had"
LOST = "everything was lost on a day of this period"

Comparisons = dict[str, Comparison]


def compare_returns(window: Window) -> Comparisons:
    """Time-weighted and money-weighted returns and public market equivalents."""
    total = compare(time_weighted_return(window.account.path), _grow(window.benchmark))
    assert total.benchmark and total.difference
    lasted = window.invested_seconds, window.invested_hours
    annual = (annual_return(side, *lasted) for side in (total.account, total.benchmark))
    return {
        "time_weighted_return": total,
        "annual_return": compare(*annual),
        "active_return": Comparison(account=total.difference),
        **_money_weighted(window),
        "kaplan_schoar": _equivalent(window, kaplan_schoar),
        "direct_alpha": _equivalent(window, direct_alpha),
    }


def compare_drawdowns(window: Window, depths: tuple[Floats, Floats], annual: Comparison) -> Comparisons:
    """Max and current drawdown from the depths of both sides, and the Calmar ratio."""
    assert annual.benchmark
    deepest, current = zip(*(_drawdowns(window, depth) for depth in depths), strict=True)
    calmar = map(calmar_ratio, (annual.account, annual.benchmark), deepest)
    return {
        "calmar_ratio": compare(*calmar),
        "max_drawdown": compare(*deepest),
        "current_drawdown": compare(*current),
    }


def compare_days(days: Days) -> Comparisons:
    """The statistics of each side's daily returns."""
    measures: dict[str, tuple[int, Callable[[Floats], Measure]]] = {
        "volatility": (FEWEST_DAYS, volatility),
        "sharpe_ratio": (FEWEST_DAYS, sharpe_ratio),
        "sortino_ratio": (FEWEST_DAYS, sortino_ratio),
        "value_at_risk": (FEWEST_TAIL_DAYS, value_at_risk),
        "conditional_value_at_risk": (FEWEST_TAIL_DAYS, conditional_value_at_risk),
        "average_day": (1, average_day),
        "winning_days": (1, winning_days),
        "flat_days": (1, flat_days),
    }
    sides = [
        (days.account_lost, days.account, days.start),
        (days.benchmark_lost, days.benchmark[days.paired], days.start[days.paired]),
    ]
    compared = {
        name: compare(*(_of_days(lost, returns, days.expected, fewest) or of(returns) for lost, returns, _ in sides))
        for name, (fewest, of) in measures.items()
    }
    for name, extreme in (("best_day", best_day), ("worst_day", worst_day)):
        ends = [_of_days(lost, r, days.expected, 1) or extreme(r, start) for lost, r, start in sides]
        compared[name] = compare(*ends)
    return compared


def compare_pairs(window: Window, days: Days) -> Comparisons:
    """The account's daily returns against the benchmark's."""
    account, benchmark = days.account[days.paired], days.benchmark[days.paired]
    reason = _of_days(days.account_lost, account, days.expected, FEWEST_DAYS)
    if reason:
        names = ("beta", "alpha", "r_squared", "tracking_error", "information_ratio", "up_capture", "down_capture")
        return {name: Comparison(account=reason) for name in names}
    fit = regress(account, benchmark)
    is_year = window.length >= HOURS_A_YEAR
    return {
        "beta": Comparison(account=beta(fit)),
        "alpha": Comparison(account=alpha(fit) if is_year else unavailable(UNDER_A_YEAR)),
        "r_squared": Comparison(account=r_squared(fit)),
        "tracking_error": Comparison(account=tracking_error(account, benchmark)),
        "information_ratio": Comparison(account=information_ratio(account, benchmark)),
        "up_capture": Comparison(account=up_capture(account, benchmark)),
        "down_capture": Comparison(account=down_capture(account, benchmark)),
    }


def _grow(benchmark: Side) -> Measure:
    growth = time_weighted_return(benchmark.path)
    # Whoever holds nothing has a frozen price; one that moved between two flows shows what no reading saw.
    has_held = benchmark.invested.any() or (benchmark.path != benchmark.path[0]).any()
    return growth if has_held or not growth.is_available else unavailable(NOTHING)


def _money_weighted(window: Window) -> Comparisons:
    account = solve(window.cash_flows(window.account))
    benchmark = solve(window.cash_flows(window.benchmark))
    if window.ran_out_at is not None:
        benchmark = Solution(rates=(), seconds=0, none_because=RAN_OUT)
    elif not window.has_same_flows:
        benchmark = Solution(rates=(), seconds=0, none_because=OTHER_FLOWS)
    return {
        "money_weighted_return": compare(money_weighted_return(account), money_weighted_return(benchmark)),
        "annual_money_weighted_return": compare(
            annual_money_weighted_return(account), annual_money_weighted_return(benchmark)
        ),
    }


def _equivalent(window: Window, formula: Callable[[CashFlows, Floats], Measure]) -> Comparison:
    if window.ran_out_at is not None:
        return Comparison(account=unavailable(RAN_OUT))
    return Comparison(account=formula(window.cash_flows(window.account), window.index()))


def _drawdowns(window: Window, depths: Floats) -> tuple[Measure, Measure]:
    """Max and current drawdown of one side."""
    if window.coverage < LEAST_COVERAGE:
        measured = f"only {window.hour.size:,} of {window.hours:,} hours were valued"
        return unavailable(measured), unavailable(measured)
    if not np.isfinite(depths[-1]):
        unknown = unavailable("its unit price is unknown at the end of the period")
        return unknown, unknown
    return Measure(value=np.nanmin(depths).item()), Measure(value=depths[-1].item())


def _of_days(is_lost: bool, returns: Floats, expected: int, fewest: int) -> Measure | None:
    """Why statistics of these days would mean nothing; None if they mean something."""
    if is_lost:
        return unavailable(LOST)
    if returns.size < fewest:
        least = "a whole day" if fewest == 1 else f"{fewest} whole days"
        return unavailable(f"it needs {least} from 00:00 to 00:00 UTC, there are {returns.size}")
    if returns.size < LEAST_COVERAGE * expected:
        return unavailable(f"only {returns.size} of {expected} days could be observed")
    return None
