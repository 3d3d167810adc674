"""A series cut to a period: the valued hours with capital at work, the flows between them, and the path of both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from finance.measures.money_weighted import CashFlows
from finance.measures.series import HOUR, Flags, Floats, Flows, Period, Seconds, Series, Track

T = TypeVar("T", bound=Any)
_ADDS_UP = 1e-9  # of all that was contributed: floats of the same stored numbers


class NothingMeasured(Exception):
    """The period has no two valued hours with capital at work. The text reads on after "because"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side within the window."""

    prices: Floats  # unit prices at the valued hours
    invested: Flags
    path: Floats  # unit prices at the path's points
    opening_nav: float
    closing_nav: float
    index: Floats  # unit prices at the flows


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of a series that a period's measures rest on."""

    hour: Seconds  # valued hours
    taken_at: Seconds
    path_at: Seconds  # valued hours, priced flows and losses of everything in the order they took effect
    path_invested: Flags  # capital was at work from this point to the next
    flow_at: Seconds
    flow_amount: Floats
    account: Side
    benchmark: Side
    has_same_flows: bool  # the benchmark got and paid what the account did
    ran_out_at: int | None  # first hour at which the benchmark owed, or had nothing while the account had something

    @property
    def length(self) -> int:
        """Hours from the first valued one to the last, whatever the seconds of their readings."""
        return int(self.hour[-1] - self.hour[0]) // HOUR

    @property
    def hours(self) -> int:
        """The same hours as slots, first and last included."""
        return self.length + 1

    @property
    def coverage(self) -> float:
        """Share of the hours that were valued."""
        return self.hour.size / self.hours

    @property
    def invested_seconds(self) -> int:
        """Time with capital at work: what counts as elapsed for an annual return."""
        return int(np.diff(self.path_at)[self.path_invested[:-1]].sum())

    @property
    def invested_hours(self) -> int:
        """The same in whole hours: those from a valued one with capital at work to the next."""
        return int(np.diff(self.hour)[self.account.invested[:-1]].sum()) // HOUR

    def cash_flows(self, side: Side) -> CashFlows:
        """The investor's flows of one side: opening NAV and deposits negative, withdrawals and closing NAV positive."""
        return CashFlows(
            at=np.concatenate((self.path_at[:1], self.flow_at, self.path_at[-1:])),
            amount=np.concatenate(([-side.opening_nav], -self.flow_amount, [side.closing_nav])),
            hours=self.length,
        )

    def index(self) -> Floats:
        """The benchmark's unit price at every cash flow."""
        path = self.benchmark.path
        return np.concatenate((path[:1], self.benchmark.index, path[-1:]))


def cut(series: Series, flows: Flows, period: Period) -> Window:
    """The window of `period`. Raises NothingMeasured."""
    valued = np.flatnonzero(np.isfinite(series.account.unit_price))
    hours = series.hour[valued]
    first, last = (int(np.searchsorted(hours, t.timestamp(), side="right")) - 1 for t in (period.start, period.end))
    rows = valued[max(first, 0) : last + 1]
    funded = np.flatnonzero(series.account.invested[_index(rows)] | _has_lost(series, rows))
    if funded.size == 0:
        raise NothingMeasured("nothing was invested in this period")
    # An account that starts empty is measured from its first flow on: its price before that is nobody's return.
    before = rows[funded[0] - 1] if funded[0] else None
    rows = rows[funded[0] :]
    listed = _listed(series, flows, rows if before is None else np.concatenate(([before], rows)))
    window = _assemble(series, listed, rows, before)
    if window.path_at.size < 2:
        raise NothingMeasured("the period has fewer than two valued hours with capital at work")
    return window


def _has_lost(series: Series, rows: Seconds) -> Flags:
    """Whether everything was lost between each of `rows` and the one before it in the period."""
    losses = series.losses[_index(rows)]
    if losses.size == 0 or (losses == losses[0]).all():
        return np.zeros(losses.size, dtype=np.bool_)
    return np.diff(losses, prepend=losses[:1]) > 0


def _index(rows: Seconds) -> Seconds | slice:
    """What picks `rows`: a slice where none is left out, which copies nothing."""
    if rows.size and rows[-1] - rows[0] + 1 == rows.size:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def _largest(amounts: Floats) -> float:
    """The largest size of an amount; NaN where one is unknown."""
    largest: float = max(amounts.max(), -amounts.min())
    return largest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flows:
    """Flows of a window in the order they took effect."""

    at: Seconds
    amount: Floats
    account: Floats  # unit prices
    benchmark: Floats
    before_row: Seconds  # the row of the series they precede


def _listed(series: Series, flows: Flows, rows: Seconds) -> _Flows:
    """Flows after the first of `rows` and up to the last, and what only the totals `contributed` show, at its hour."""
    # A flow in the second of a reading comes after it; what was there at the first reading belongs to it.
    index = _index(rows)
    moments = 2 * series.taken_at[index]
    place = np.searchsorted(moments, 2 * flows.at + np.where(flows.is_opening, -1, 1))
    inside = np.flatnonzero((place > 0) & (place < rows.size))
    place, amount = place[inside], flows.amount[inside]
    contributed = series.contributed[index]
    unlisted = np.diff(contributed)
    np.subtract.at(unlisted, place - 1, amount)
    scale = _largest(contributed) + np.abs(amount).sum()
    missing = np.flatnonzero(np.abs(unlisted) > _ADDS_UP * scale)
    ends = rows[missing + 1]
    at = np.concatenate((flows.at[inside], series.taken_at[ends]))
    order = np.lexsort((at, np.concatenate((place, missing + 1))))
    return _Flows(
        at=at[order],
        amount=np.concatenate((amount, unlisted[missing]))[order],
        account=np.concatenate((flows.unit_price[inside], series.account.unit_price[ends]))[order],
        benchmark=np.concatenate((flows.benchmark_unit_price[inside], series.benchmark.unit_price[ends]))[order],
        before_row=np.concatenate((rows[place], ends))[order],
    )


def _assemble(series: Series, flows: _Flows, rows: Seconds, before: int | None) -> Window:
    priced = np.isfinite(flows.account)
    lost = _lost_unseen(series, rows, before)
    ends = np.concatenate((flows.before_row[priced], lost))
    index, insert = _index(rows), _inserter(rows, ends)
    of_benchmark = np.concatenate((flows.benchmark[priced], series.benchmark.unit_price[lost]))
    benchmark_path = insert(series.benchmark.unit_price[index], of_benchmark)
    prices = np.concatenate((flows.account[priced], np.zeros(lost.size)))
    account_path = insert(series.account.unit_price[index], prices)
    at = np.concatenate((flows.at[priced], series.taken_at[lost]))
    invested = series.account.invested
    return Window(
        hour=series.hour[index],
        taken_at=series.taken_at[index],
        path_at=insert(series.taken_at[index], at),
        path_invested=insert(invested[index], invested[ends]),
        flow_at=flows.at,
        flow_amount=flows.amount,
        account=_side(series.account, rows, before, account_path, flows.account),
        benchmark=_side(series.benchmark, rows, before, benchmark_path, flows.benchmark),
        has_same_flows=_has_same_flows(series, rows),
        ran_out_at=_ran_out_at(series, rows),
    )


def _inserter(rows: Seconds, ends: Seconds) -> Callable[[NDArray[T], NDArray[T]], NDArray[T]]:
    """What puts one value before each of `ends`, which are some of `rows`, into an array of all `rows`."""
    place = np.searchsorted(rows, ends)
    order = np.argsort(place, kind="stable")
    added = place[order] + np.arange(place.size)
    is_old = np.ones(rows.size + place.size, dtype=np.bool_)
    is_old[added] = False

    def insert(array: NDArray[T], values: NDArray[T]) -> NDArray[T]:
        whole = np.empty(is_old.size, dtype=array.dtype)
        whole[is_old], whole[added] = array, values[order]
        return whole

    return insert


def _lost_unseen(series: Series, rows: Seconds, before: int | None) -> Seconds:
    """Those of `rows` since whose predecessor everything was lost, and paid in again before anybody looked."""
    known = series.losses[_index(rows)]
    known_before = known[0] if before is None else series.losses[before]
    if (known == known_before).all():
        return rows[:0]
    is_new = np.diff(known, prepend=known_before) > 0
    return rows[is_new & (series.account.unit_price[rows] > 0)]


def _side(track: Track, rows: Seconds, before: int | None, path: Floats, index: Floats) -> Side:
    opening = rows[0] if before is None else before
    return Side(
        prices=track.unit_price[_index(rows)],
        invested=track.invested[_index(rows)],
        path=path,
        opening_nav=track.nav[opening].item(),
        closing_nav=track.nav[rows[-1]].item(),
        index=index,
    )


def _has_same_flows(series: Series, rows: Seconds) -> bool:
    index = _index(rows)
    totals = series.contributed[index], series.benchmark_contributed[index]
    if np.array_equal(*totals):
        return True
    account, benchmark = map(np.diff, totals)
    known = np.isfinite(benchmark)
    scale = _largest(totals[0]) + np.abs(account).sum()
    return bool((np.abs(account - benchmark)[known] <= _ADDS_UP * scale).all())


def _ran_out_at(series: Series, rows: Seconds) -> int | None:
    benchmark = series.benchmark
    index = _index(rows)
    is_out = (benchmark.nav[index] < 0) | (series.account.invested[index] & ~benchmark.invested[index])
    if not is_out.any():
        return None
    out = rows[is_out & np.isfinite(benchmark.unit_price[index])]
    return series.taken_at[out[0]].item() if out.size else None
