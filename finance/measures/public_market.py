"""Public market equivalents: the same flows, grown with the benchmark instead of the account.

The index is the benchmark's unit price, so an account that holds the benchmark scores exactly 1 and 0, whatever it
deposits and withdraws on the way.
"""

from dataclasses import replace

import numpy as np

from finance.measures.money_weighted import CashFlows, annual_money_weighted_return, solve
from finance.measures.outcome import Measure, unavailable
from finance.measures.series import Floats

NO_INDEX = "the benchmark's price at one of the flows is unknown"


def kaplan_schoar(flows: CashFlows, index: Floats) -> Measure:
    """KS-PME: (future value of what came out, final NAV included) / (future value of what went in); above 1 beats it.

    Each flow grows with the benchmark from its own moment to the end: F_i x I_T / I_i. `index` is I_i, one for each
    flow, the last one I_T. Source: Kaplan & Schoar 2005, "Private Equity Performance", Journal of Finance 60(4).
    """
    if not _is_usable(flows, index):
        return unavailable(NO_INDEX)
    values = _future_values(flows, index)
    put_in = -values[values < 0].sum().item()
    if put_in <= 0:
        return unavailable("nothing was put in before the end of the period")
    return Measure(value=values[values > 0].sum().item() / put_in)


def direct_alpha(flows: CashFlows, index: Floats) -> Measure:
    """Direct Alpha, a fraction a year: the XIRR of the flows grown with the benchmark to the end, F_i x I_T / I_i.

    None under 365 days. Source: Gredil, Griffiths & Stucke 2014/2023, "Benchmarking Private Equity: The Direct Alpha
    Method", Journal of Corporate Finance 81; compounded yearly (ln(1 + it) is the paper's continuous rate).
    """
    if not _is_usable(flows, index):
        return unavailable(NO_INDEX)
    return annual_money_weighted_return(solve(replace(flows, amount=_future_values(flows, index))))


def _is_usable(flows: CashFlows, index: Floats) -> bool:
    return flows.at.size > 0 and bool((np.isfinite(index) & (index > 0)).all())


def _future_values(flows: CashFlows, index: Floats) -> Floats:
    values: Floats = flows.amount * (index[-1] / index)
    return values
