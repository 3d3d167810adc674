"""Drawdown: how far the unit price is below its highest so far. On the unit price, never on NAV: a withdrawal is
no loss."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from finance.measures.series import Floats, Seconds, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """The deepest fall of a period. The grid is every valued hour and every flow."""

    depth: float  # a fraction, 0 or below
    peak_at: datetime | None = None  # the last time the high was touched before the fall; None: there was no fall
    trough_at: datetime | None = None  # the first time the low was touched
    recovered_at: datetime | None = None  # the first price as high as the peak; None: not yet

    @property
    def time_to_trough(self) -> timedelta | None:
        """From peak to trough."""
        return _between(self.peak_at, self.trough_at)

    @property
    def duration(self) -> timedelta | None:
        """From peak to recovery; None while it lasts."""
        return _between(self.peak_at, self.recovered_at)


def underwater(unit_prices: Floats) -> Floats:
    """Depth at every point: P / highest P so far - 1; 0 at a high. Unknown prices stay unknown.

    After a total loss it stays at -100 %.
    """
    highs = np.fmax.accumulate(unit_prices) if unit_prices.size else unit_prices
    with np.errstate(invalid="ignore", divide="ignore"):
        depths: Floats = unit_prices / highs
    depths -= 1
    if (unit_prices != 0).all():
        return depths
    funded = np.flatnonzero(unit_prices > 0)
    lost = np.flatnonzero(unit_prices == 0)
    if funded.size and (after := lost[lost > funded[0]]).size:
        depths[after[0] :] = -1.0
    return depths


def max_drawdown(at: Seconds, unit_prices: Floats, depths: Floats) -> Drawdown | None:
    """The deepest fall with its dates: min over t of P_t / max_(u<=t) P_u - 1, the first price included.

    `depths` is `underwater(unit_prices)`. An equal high counts as recovered. None without a known price. Source:
    Magdon-Ismail & Atiya 2004, "Maximum Drawdown"; CFA Institute.
    """
    if not np.isfinite(depths).any():
        return None
    trough = int(np.nanargmin(depths))
    depth = depths[trough].item()
    if depth >= 0:
        return Drawdown(depth=0.0)
    high = np.nanmax(unit_prices[: trough + 1])
    peak = int(np.flatnonzero(unit_prices[: trough + 1] == high)[-1])
    back = np.flatnonzero(depths[trough + 1 :] >= 0)
    recovered = trough + 1 + int(back[0]) if back.size else None
    return Drawdown(
        depth=depth,
        peak_at=moment(at[peak].item()),
        trough_at=moment(at[trough].item()),
        recovered_at=moment(at[recovered].item()) if recovered is not None else None,
    )


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return end - start if start and end else None
