"""Returns from unit prices."""

import numpy as np

from finance.measures.outcome import Measure, unavailable
from finance.measures.series import HOUR, HOURS_A_YEAR, YEAR, Floats

UNDER_A_YEAR = "the period is shorter than a year, and a part of a year says nothing about a whole one"


def time_weighted_return(unit_prices: Floats) -> Measure:
    """Growth of the unit price over a path, a fraction: P_end / P_start - 1. Flows don't move the unit price.

    A total loss stays one: once the price was 0 the return is -100 %, whatever was paid in later. Prices before the
    first funding (0) don't count. Source: GIPS 2020, valuation at every external flow, linked.
    """
    if unit_prices.size and unit_prices.min() > 0:
        return Measure(value=(unit_prices[-1] / unit_prices[0] - 1).item())
    funded = np.flatnonzero(unit_prices != 0)
    if funded.size == 0:
        return unavailable("nothing was invested")
    path = unit_prices[funded[0] :]
    if (path == 0).any():
        return Measure(value=-1.0)
    if np.isnan(path[[0, -1]]).any():
        return unavailable("its unit price is unknown at the start or the end of the period")
    return Measure(value=(path[-1] / path[0] - 1).item())


def annual_return(total: Measure, seconds: int, hours: int | None = None) -> Measure:
    """Compound annual growth rate, a fraction a year: (1 + R)^(31,536,000 / seconds) - 1; none under 365 days.

    `seconds` is the time with capital at work; whether it is a year its whole `hours` say, because no two hours are
    read in the same second. Source: CFA Institute, GIPS 2020 (no annualising of partial years).
    """
    if total.value is None:
        return total
    if (seconds // HOUR if hours is None else hours) < HOURS_A_YEAR:
        return unavailable(UNDER_A_YEAR)
    return Measure(value=(1 + total.value) ** (YEAR / seconds) - 1)
