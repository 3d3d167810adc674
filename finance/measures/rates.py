"""All constant rates y with sum a_i e^(-y t_i) = 0: none is missed, none is found twice.

The rates lie between two bounds outside of which the first or the last flow outweighs all others together. That stretch
is cut into intervals, and each is cut again until Taylor's theorem proves that the value has no zero in it, or that it
only rises or falls there: then its ends show whether there is one. (Branch and prune; Moore, Kearfott & Cloud 2009,
"Introduction to Interval Analysis", chapter 8.)
"""

from dataclasses import dataclass
from math import ulp

import numpy as np

from finance.measures.series import Flags, Floats

FIRST_CUTS = 97
AT_ONCE = 2**17  # numbers of a matrix: one megabyte
ROUNDING = 1e-13  # of the sum of all amounts at a rate: the value may as well be zero
APART = 1e-6  # of a rate: closer ones are a double rate that rounding set apart


def find_rates(times: Floats, amounts: Floats) -> tuple[float, ...]:
    """All rates of `amounts` (none is 0, both signs among them) at `times` (rising, 0 to 1), lowest first."""
    edges = _first_edges(times, amounts)
    signs = _sign(edges, times, amounts)
    found = edges[signs == 0].tolist()
    touched: list[tuple[float, float]] = []
    low, high, at_low, at_high = edges[:-1], edges[1:], signs[:-1], signs[1:]
    while low.size:
        proven = _expand(low, high, times, amounts)
        ends = proven.is_monotone & (at_low * at_high < 0)
        found += [
            _find_between(a, b, times, amounts) for a, b in zip(low[ends].tolist(), high[ends].tolist(), strict=True)
        ]
        touched += zip(low[proven.is_zero].tolist(), high[proven.is_zero].tolist(), strict=True)
        left = ~(proven.is_empty | proven.is_monotone | proven.is_zero)
        low, high, at_low, at_high = low[left], high[left], at_low[left], at_high[left]
        middle = (low + high) / 2
        between = _sign(middle, times, amounts)
        found += middle[between == 0].tolist()
        low, high = np.concatenate((low, middle)), np.concatenate((middle, high))
        at_low, at_high = np.concatenate((at_low, between)), np.concatenate((between, at_high))
    return _separate(found, touched)


def _separate(found: list[float], touched: list[tuple[float, float]]) -> tuple[float, ...]:
    """Rates one by one. Where the value touches zero, what rounding leaves is one rate, however often it seems zero."""
    spots = [(rate, rate) for rate in found] + touched
    joined: list[tuple[float, float]] = []
    for low, high in sorted(spots):
        if joined and low - joined[-1][1] <= APART * (1 + abs(low)):
            joined[-1] = joined[-1][0], max(joined[-1][1], high)
        else:
            joined.append((low, high))
    return tuple((low + high) / 2 for low, high in joined)


def _first_edges(times: Floats, amounts: Floats) -> Floats:
    """Rates that cut the stretch between the bounds, closer to each other near zero."""
    low, high = np.arcsinh(_bound(times, amounts)).tolist()
    edges: Floats = np.sinh(np.linspace(low, high, FIRST_CUTS))
    return edges


def _bound(times: Floats, amounts: Floats) -> tuple[float, float]:
    """Where the last flow outweighs all others, and where the first does."""
    sizes = np.abs(amounts)
    lowest = np.log(max(sizes[:-1].sum() / sizes[-1], 1)) / (times[-1] - times[-2])
    highest = np.log(max(sizes[1:].sum() / sizes[0], 1)) / (times[1] - times[0])
    return -1 - lowest.item(), 1 + highest.item()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taylor:
    """What the value's expansion at the middle of intervals proves of them."""

    is_empty: Flags  # it is zero nowhere in it
    is_monotone: Flags  # it rises or falls all along
    is_zero: Flags  # it is zero all along, as far as can be computed


def _expand(low: Floats, high: Floats, times: Floats, amounts: Floats) -> _Taylor:
    """The expansion of sum a_i e^(-y (t_i - c)), whose zeros are the same whatever c; c is where the weight lies."""
    rows = max(AT_ONCE // times.size, 1)
    parts = [_expand_rows(low[i : i + rows], high[i : i + rows], times, amounts) for i in range(0, low.size, rows)]
    empty, monotone, zero = (
        np.concatenate(found) if parts else np.empty(0, bool) for found in zip(*parts, strict=True)
    )
    return _Taylor(is_empty=empty, is_monotone=monotone, is_zero=zero)


def _expand_rows(low: Floats, high: Floats, times: Floats, amounts: Floats) -> tuple[Flags, Flags, Flags]:
    half = (high - low)[:, None] / 2
    logs = _logs((low + high) / 2, times, amounts)
    weights = np.exp(logs)
    signed = weights * np.sign(amounts)
    whole = weights.sum(axis=1, keepdims=True)
    away = times - (weights * times).sum(axis=1, keepdims=True) / whole
    value, slope = np.abs(signed.sum(axis=1)), np.abs((signed * away).sum(axis=1))
    with np.errstate(over="ignore"):
        bend = (away**2 * np.exp(logs + np.abs(away) * half)).sum(axis=1)
    half, whole = half[:, 0], whole[:, 0]
    unsure = ROUNDING * whole
    change = half * (slope + half / 2 * bend)
    is_monotone = slope - ROUNDING * (weights * np.abs(away)).sum(axis=1) > half * bend
    return value - unsure > change, is_monotone, ~is_monotone & (change <= unsure) & (value <= unsure + change)


def _logs(rates: Floats, times: Floats, amounts: Floats) -> Floats:
    """Logarithms of the sizes of all terms at each rate, less the largest of them: nothing overflows."""
    sizes = np.log(np.abs(amounts))
    largest = np.argmax(sizes - rates[:, None] * times, axis=1)
    logs: Floats = sizes - sizes[largest, None] - rates[:, None] * (times - times[largest, None])
    return logs


def _sign(rates: Floats, times: Floats, amounts: Floats) -> Floats:
    """The sign of the value at each rate."""
    rows = max(AT_ONCE // times.size, 1)
    signs = np.sign(amounts)
    values = [np.exp(_logs(rates[i : i + rows], times, amounts)) @ signs for i in range(0, rates.size, rows)]
    return np.sign(np.concatenate(values)) if values else np.empty(0)


def _find_between(low: float, high: float, times: Floats, amounts: Floats) -> float:
    """The rate between two at which the value has different signs, to the last bits that can be computed.

    Newton's method, and halving wherever it leaves what is known to hold the rate.
    """
    sizes, signs = np.log(np.abs(amounts)), np.sign(amounts)

    def expand_at(rate: float) -> tuple[float, float]:
        """Value and slope, both divided by the largest term."""
        largest = (sizes - rate * times).argmax()
        terms = np.exp(sizes - sizes[largest] - rate * (times - times[largest])) * signs
        return terms.sum().item(), -(terms @ times).item()

    is_low_positive = expand_at(low)[0] > 0
    rate = (low + high) / 2
    while low < rate < high:
        value, slope = expand_at(rate)
        low, high = (rate, high) if (value > 0) == is_low_positive else (low, rate)
        better = rate - value / slope if slope else low
        if value == 0 or abs(better - rate) <= 2 * ulp(rate):
            return rate
        rate = better if low < better < high else (low + high) / 2
    return rate
