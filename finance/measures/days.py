"""Daily returns between 00:00 UTC and 00:00 UTC: what every statistic rests on.

A day belongs to the period it ends in, so that thirty days have thirty at every hour of the day. The price of a midnight
is that of the last valued hour up to it, not more than three hours old. Days around a missing midnight merge into one
return; merged returns, part days at the ends of a history and days without capital are no observations.
"""

from dataclasses import dataclass, replace
from datetime import UTC

import numpy as np

from finance.measures.series import DAY, HOUR, Flags, Floats, Period, Seconds
from finance.measures.window import Side, Window

OLDEST = 3 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Observed days, oldest first."""

    start: Seconds  # 00:00 UTC
    account: Floats  # daily returns, fractions
    benchmark: Floats  # NaN: the benchmark has none that day
    expected: int  # whole days of the window, without those that had no capital at work
    account_lost: bool  # everything, on one of them or in the part days at the ends
    benchmark_lost: bool

    @property
    def excluded(self) -> int:
        """Whole days of the window that could not be observed."""
        return self.expected - self.start.size

    @property
    def paired(self) -> Flags:
        """Days on which both sides have a return."""
        return np.isfinite(self.benchmark)


def find_days(period: Period) -> Period:
    """The days that end in `period`: from the midnight at or before its start."""
    return replace(period, start=period.start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


def sample_days(window: Window) -> Days:
    """The daily returns of `window`, which begins at a midnight or with the history."""
    midnights = np.arange(-(-window.hour[0] // DAY), window.hour[-1] // DAY + 1) * DAY
    rows = np.searchsorted(window.hour, midnights, side="right") - 1
    observed = midnights - window.hour[rows] <= OLDEST
    whole = observed[:-1] & observed[1:]
    account = np.where(_lost(window, rows), -1.0, _returns(window.account, rows))
    # Around a missing midnight the last known hours show whether capital was at work.
    expected = np.isfinite(account)
    usable = whole & expected
    return Days(
        start=midnights[:-1][usable],
        account=account[usable],
        benchmark=_returns(window.benchmark, rows)[usable],
        expected=int(expected.sum()),
        account_lost=bool((window.account.path == 0).any()),
        benchmark_lost=bool((window.benchmark.path == 0).any()),
    )


def _lost(window: Window, rows: Seconds) -> Flags:
    """Whether everything was lost between each row and the next, whatever was paid in later."""
    lost_at = window.path_at[window.account.path == 0]
    losses: Flags = np.diff(np.searchsorted(lost_at, window.taken_at[rows], side="right")) > 0
    return losses & window.account.invested[rows[:-1]]


def _returns(side: Side, rows: Seconds) -> Floats:
    """Returns from each row to the next; NaN where there was no capital at either end or no price."""
    prices = np.where(side.invested[rows], side.prices[rows], np.nan)
    returns: Floats = prices[1:] / prices[:-1] - 1
    return returns
