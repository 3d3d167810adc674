"""Returns by calendar month and year, linked from one 00:00 UTC of a first to the next. Never a sum of returns."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from finance.measures.days import OLDEST
from finance.measures.returns import time_weighted_return
from finance.measures.series import Floats, Seconds, moment
from finance.measures.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarReturn:
    """One month or year."""

    start: date  # its first day
    account: float | None  # time-weighted, a fraction; None: not measured, or nothing invested
    benchmark: float | None
    difference: float | None
    is_partial: bool  # it begins or ends inside the window, or a price at its edge is missing


def monthly_returns(window: Window) -> tuple[CalendarReturn, ...]:
    """Every month of the window, oldest first. Their growth links to the window's."""
    return _calendar(window, "M")


def yearly_returns(window: Window) -> tuple[CalendarReturn, ...]:
    """Every year of the window, oldest first."""
    return _calendar(window, "Y")


def _calendar(window: Window, unit: str) -> tuple[CalendarReturn, ...]:
    """The returns between the edges of months ("M") or years ("Y")."""
    first, last = (np.datetime64(t, "s").astype(f"datetime64[{unit}]") for t in _span(window))
    edges = np.arange(first, last + 2).astype("datetime64[s]").astype(np.int64)
    rows = np.maximum(np.searchsorted(window.hour, edges, side="right") - 1, 0)
    age = edges - window.hour[rows]  # negative: the window begins after the edge
    is_sharp = (age >= 0) & (age <= OLDEST) & (edges <= window.hour[-1])
    # The path also has the flows between the hours, and may begin with one.
    points = np.searchsorted(window.path_at, window.taken_at[rows], side="right") - 1
    points[0] = 0
    begins, ends = points[:-1], points[1:]
    worked = np.concatenate(([0], np.cumsum(window.path_invested)))
    has_worked = (worked[ends] > worked[begins]).tolist()
    account, benchmark = (_grow(side.path, begins, ends) for side in (window.account, window.benchmark))
    is_whole = (is_sharp[:-1] & is_sharp[1:]).tolist()
    return tuple(
        _describe(moment(edges[i].item()).date(), account[i], benchmark[i], is_whole[i])
        if has_worked[i]
        else _describe(moment(edges[i].item()).date(), None, None, False)
        for i in range(edges.size - 1)
        if i or points[1] > 0  # a first hour that only stands in for the midnight after it
    )


def _span(window: Window) -> tuple[int, int]:
    """Where the first month begins and the last one ends: one that ends at 00:00 doesn't reach into the next."""
    return window.hour[0].item(), window.hour[-1].item() - 1


def _grow(path: Floats, begins: Seconds, ends: Seconds) -> list[float | None]:
    """The time-weighted return between each two points of a path."""
    if path.min() > 0:  # every price is known, and nothing was lost
        growth: list[float | None] = (path[ends] / path[begins] - 1).tolist()
        return growth
    return [time_weighted_return(path[i : j + 1]).value for i, j in zip(begins.tolist(), ends.tolist(), strict=True)]


def _describe(start: date, account: float | None, benchmark: float | None, is_whole: bool) -> CalendarReturn:
    difference = None if account is None or benchmark is None else account - benchmark
    return CalendarReturn(
        start=start, account=account, benchmark=benchmark, difference=difference, is_partial=not is_whole
    )
