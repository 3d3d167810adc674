"""What is measured: stored unit prices, hour by hour, the flows between them, and the period a reader asks for.

Arrays are read-only `float64` and epoch seconds (UTC). Only returns are formed from them; money stays with the worker.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOUR = 3_600
DAY = 86_400
YEAR = 365 * DAY
HOURS_A_YEAR = YEAR // HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One side of the comparison at every hour of a series."""

    nav: Floats  # in the valuation asset; negative: it owes
    unit_price: Floats  # NaN: unknown, a gap
    invested: Flags  # it had units; without them the unit price is frozen

    def __post_init__(self) -> None:
        _freeze(self, self.nav.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Account and benchmark, oldest hour first."""

    hour: Seconds  # the hour's slot, strictly rising: days and months are cut by it
    taken_at: Seconds  # when the balances were read: elapsed time and the order of flows go by it (any value in a gap)
    contributed: Floats  # external flows since inception, opening included (`nav.invested`)
    benchmark_contributed: Floats  # the same, but for a benchmark that pays out another amount
    losses: Seconds  # how often everything was lost so far (any value in a gap)
    account: Track
    benchmark: Track

    def __post_init__(self) -> None:
        _freeze(self, self.hour.size)
        if self.account.nav.size != self.hour.size or self.benchmark.nav.size != self.hour.size:
            raise ValueError("account and benchmark need one value for every hour of the series")
        if (np.diff(self.hour) <= 0).any():
            raise ValueError("the hours of a series must rise strictly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """External flows with a known value, in any order.

    A flow that `contributed` includes and that is missing here (an account joining a portfolio) is taken at its
    hour; one that is listed here keeps its own second.
    """

    at: Seconds
    amount: Floats  # + into the account, - out of it
    unit_price: Floats  # the account's, that the flow was booked at; NaN: unknown
    benchmark_unit_price: Floats  # the benchmark's at that moment; NaN: unknown
    is_opening: Flags  # what the account held at its first hour: already part of that hour's NAV

    def __post_init__(self) -> None:
        _freeze(self, self.at.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """[start, end): the returns between the last valued hours up to `start` and up to `end`, so that periods link."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a period must end after it starts")


def moment(seconds: int) -> datetime:
    """Epoch seconds as an aware UTC time."""
    return datetime.fromtimestamp(seconds, UTC)


def _freeze(value: object, size: int) -> None:
    """Make the arrays of `value` read-only copies-by-view; all must have `size` entries."""
    for field in fields(value):  # type: ignore[arg-type]  # only dataclasses come here
        array = getattr(value, field.name)
        if not isinstance(array, np.ndarray):
            continue
        if array.shape != (size,):
            raise ValueError(f"{type(value).__name__}.{field.name} needs {size} entries, has shape {array.shape}")
        view = array.view()
        view.flags.writeable = False
        object.__setattr__(value, field.name, view)
