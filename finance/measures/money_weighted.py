"""Money-weighted return: the constant rate at which the money put in grows to the money taken out and left over.

All rates are searched, not the one nearest to a guess: a stream of flows can have several or none.
"""

from dataclasses import dataclass
from math import expm1, inf

import numpy as np

from finance.measures.outcome import Measure, unavailable
from finance.measures.rates import find_rates
from finance.measures.returns import UNDER_A_YEAR
from finance.measures.series import HOUR, HOURS_A_YEAR, YEAR, Floats, Seconds

LARGEST_EXPONENT = 20.7  # e^20.7 = 10^9: money that becomes a billion times as much is no rate of return
ROUNDING = 1e-15  # of all that moved in a second


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlows:
    """The investor's side: what was put in is negative, what was taken out or is left at the end positive."""

    at: Seconds
    amount: Floats
    hours: int | None = None  # of the period, whatever the seconds of its readings; None: those between the flows

    @property
    def seconds(self) -> int:
        """From the first flow to the last."""
        return (self.at.max() - self.at.min()).item() if self.at.size else 0

    @property
    def is_year(self) -> bool:
        """Whether it is long enough for an annual rate."""
        return (self.seconds // HOUR if self.hours is None else self.hours) >= HOURS_A_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """All constant rates that explain a stream of flows."""

    rates: tuple[float, ...]  # continuous, over the whole period, lowest first; -inf: nothing came back
    seconds: int  # length of the period
    is_year: bool = False  # it is long enough for an annual rate
    none_because: str = ""  # why there is no rate


def solve(flows: CashFlows) -> Solution:
    """All rates y with sum CF_i e^(-y t_i) = 0, t_i from 0 at the first flow to 1 at the last."""
    if not np.isfinite(flows.amount).all():
        return Solution(rates=(), seconds=0, none_because="a value at the start or the end of the period is unknown")
    times, amounts = _net(flows)
    if flows.seconds <= 0 or not (amounts < 0).any():
        return Solution(rates=(), seconds=0, none_because="nothing was put in before the end of the period")
    if not (amounts > 0).any():
        return Solution(rates=(-inf,), seconds=flows.seconds, is_year=flows.is_year)
    rates = find_rates(times, amounts)
    none_because = "" if rates else "no rate explains these flows"
    return Solution(rates=rates, seconds=flows.seconds, is_year=flows.is_year, none_because=none_because)


def money_weighted_return(solution: Solution) -> Measure:
    """Money-weighted return of the period, a fraction: e^y - 1 with sum CF_i e^(-y t_i) = 0, t_i from 0 to 1.

    -100 % when nothing came back. None, with the candidates, when several rates solve the equation; none when no
    rate does. Source: CFA Institute, "Rates and Returns" (money-weighted return); not annualised.
    """
    return _grown(solution, 1.0)


def annual_money_weighted_return(solution: Solution) -> Measure:
    """XIRR, a fraction a year: e^x - 1 with sum CF_i e^(-x t_i) = 0, t_i = seconds / 31,536,000 (ACT/365, by second).

    Without flows it equals the compound annual growth rate. None under 365 days. Source: Microsoft Excel, XIRR, on
    seconds instead of dates; GIPS 2020 (no annualising of partial years).
    """
    if solution.rates and not solution.is_year:
        return unavailable(UNDER_A_YEAR)
    return _grown(solution, YEAR / max(solution.seconds, 1))


def _grown(solution: Solution, share: float) -> Measure:
    """Growth at the solution's rate over a share of the period: e^(y x share) - 1."""
    if not solution.rates:
        return unavailable(solution.none_because)
    values = tuple(expm1(rate * share) for rate in solution.rates if rate * share <= LARGEST_EXPONENT)
    if len(solution.rates) > 1:
        return unavailable(f"{len(solution.rates)} different rates explain these flows", candidates=values)
    return (
        Measure(value=values[0]) if values else unavailable("the rate that explains these flows is too large to show")
    )


def _net(flows: CashFlows) -> tuple[Floats, Floats]:
    """Times from 0 to 1 and amounts; flows of one second are netted, and what rounding leaves of them is nothing."""
    at, where = np.unique(flows.at, return_inverse=True)
    amounts = np.bincount(where, weights=flows.amount, minlength=at.size).astype(np.float64)
    moved = np.bincount(where, weights=np.abs(flows.amount), minlength=at.size)
    is_left = np.abs(amounts) > ROUNDING * moved
    return ((at - at[:1]) / max(flows.seconds, 1))[is_left], amounts[is_left]
