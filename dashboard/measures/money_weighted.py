"""Money-weighted return: the constant rate at which the money put in grows to the money taken out and left over.

All rates are searched, not the one nearest to a guess: a stream of flows can have several or none.
"""

from dataclasses import dataclass
from math import expm1, inf

import numpy as np

from dashboard.measures.outcome import Measure, unavailable
from dashboard.measures.returns import UNDER_A_YEAR
from dashboard.measures.series import HOUR, HOURS_A_YEAR, YEAR, Floats, Seconds

# Continuous rates over the whole period: 0.025 apart near zero, wider outwards, to e^(+-1,000,000).
_GRID = np.concatenate(([-1e6], np.sinh(np.linspace(-9, 9, 721)), [1e6]))
LARGEST_EXPONENT = 700  # e^709 is the largest float
_APART = 1e-6
_SOLVED = 1e-13  # of the sum of all amounts: the curve touches zero


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
    only = _single_rate(times, amounts) if amounts[0] < 0 < amounts[-1] else None
    rates = _search(times, amounts) if only is None else (only,)
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
    if solution.rates[-1] * share > LARGEST_EXPONENT:
        return unavailable("the rate that explains these flows is too large to be told")
    values = tuple(expm1(rate * share) for rate in solution.rates)
    if len(values) > 1:
        return unavailable(f"{len(values)} different rates explain these flows", candidates=values)
    return Measure(value=values[0])


def _net(flows: CashFlows) -> tuple[Floats, Floats]:
    """Times from 0 to 1 and amounts as shares of the largest; flows of one second are netted, nothings left out."""
    at, where = np.unique(flows.at, return_inverse=True)
    amounts = np.bincount(where, weights=flows.amount, minlength=at.size)
    times = (at - at[:1]) / max(flows.seconds, 1)
    largest = np.abs(amounts).max(initial=0.0)
    kept = np.abs(amounts) > 1e-15 * largest
    return times[kept], amounts[kept] / max(largest, 1e-300)


def _present_value(rate: Floats, times: Floats, amounts: Floats) -> Floats:
    """Value of the flows at each rate, scaled by a positive factor so that nothing overflows: its sign is exact."""
    exponents = -rate[:, None] * times
    exponents -= exponents.max(axis=1, keepdims=True)
    scaled: Floats = np.exp(exponents) @ amounts
    return scaled


def _single_rate(times: Floats, amounts: Floats) -> float | None:
    """The rate of an investment (first in, last out) if it is proven to be the only one.

    When what is invested, grown at the rate found, never goes below zero, no other rate solves the equation: the value
    at a rate r is the sum of those balances times (growth at the rate found - growth at r), all of one sign.
    Source: Soper 1959, "The marginal efficiency of capital: a further note"; Bernhard 1979.
    """
    lowest, highest = -1.0, 1.0
    while _present_value(np.array([lowest]), times, amounts)[0] <= 0:
        lowest *= 4
    while _present_value(np.array([highest]), times, amounts)[0] >= 0:
        highest *= 4
    rate = _bisect(lowest, highest, times, amounts)
    exponents = -rate * times
    balances = np.cumsum(-amounts * np.exp(exponents - exponents.max()))
    return rate if (balances[:-1] >= -_SOLVED).all() else None


def _search(times: Floats, amounts: Floats) -> tuple[float, ...]:
    """Every rate at which the value changes its sign or touches zero on the grid."""
    values = _present_value(_GRID, times, amounts)
    found = _crossings(_GRID, values, times, amounts)
    inner = values[1:-1]
    # A turning point on the near side of zero can hide a pair of rates, or one double rate, between grid points.
    turns = (np.abs(inner) <= np.abs(values[:-2])) & (np.abs(inner) <= np.abs(values[2:]))
    alike = (np.sign(values[:-2]) == np.sign(inner)) & (np.sign(inner) == np.sign(values[2:]))
    for index in np.flatnonzero(turns & alike):
        found += _look_closer(_GRID[index], _GRID[index + 2], times, amounts)
    found.sort()
    # A double rate comes out as a pair that rounding set apart.
    return tuple(rate for i, rate in enumerate(found) if i == 0 or rate - found[i - 1] > _APART)


def _look_closer(low: float, high: float, times: Floats, amounts: Floats) -> list[float]:
    """Rates around a turning point between `low` and `high`: none, a double one, or two."""
    for _ in range(5):
        grid = np.linspace(low, high, 41)
        values = _present_value(grid, times, amounts)
        if crossings := _crossings(grid, values, times, amounts):
            return crossings
        nearest = int(np.abs(values).argmin())
        low, high = grid[max(nearest - 1, 0)], grid[min(nearest + 1, 40)]
    is_solved = abs(values[nearest]) <= _SOLVED * np.abs(amounts).sum()
    return [grid[nearest].item()] if is_solved else []


def _crossings(grid: Floats, values: Floats, times: Floats, amounts: Floats) -> list[float]:
    signs = np.sign(values)
    found = [rate.item() for rate in grid[signs == 0]]
    between = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    return found + [_bisect(grid[i].item(), grid[i + 1].item(), times, amounts) for i in between]


def _bisect(low: float, high: float, times: Floats, amounts: Floats) -> float:
    """The rate between two with values of different sign, to the last bit."""
    sign_low = np.sign(_present_value(np.array([low]), times, amounts)[0])
    while low < (middle := (low + high) / 2) < high:
        sign = np.sign(_present_value(np.array([middle]), times, amounts)[0])
        if sign == 0:
            return middle
        low, high = (middle, high) if sign == sign_low else (low, middle)
    return middle
