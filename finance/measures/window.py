"""A series cut to a period: the valued hours with capital at work, the flows between them, and the path of both."""

from dataclasses import dataclass

import numpy as np

from finance.measures.money_weighted import CashFlows
from finance.measures.series import HOUR, Flags, Floats, Flows, Period, Seconds, Series, Track

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
    funded = np.flatnonzero(series.account.invested[rows] | _has_lost(series, rows))
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
    losses = series.losses[rows]
    return np.diff(losses, prepend=losses[:1]) > 0


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
    moments = 2 * series.taken_at[rows]
    place = np.searchsorted(moments, 2 * flows.at + np.where(flows.is_opening, -1, 1))
    inside = np.flatnonzero((place > 0) & (place < rows.size))
    place, amount = place[inside], flows.amount[inside]
    contributed = np.diff(series.contributed[rows])
    unlisted = contributed - np.bincount(place - 1, weights=amount, minlength=contributed.size)
    scale = np.abs(series.contributed[rows]).max() + np.abs(amount).sum()
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
    place = np.searchsorted(rows, ends)
    index = np.concatenate((flows.benchmark[priced], series.benchmark.unit_price[lost]))
    benchmark_path = np.insert(series.benchmark.unit_price[rows], place, index)
    prices = np.concatenate((flows.account[priced], np.zeros(lost.size)))
    account_path = np.insert(series.account.unit_price[rows], place, prices)
    at = np.concatenate((flows.at[priced], series.taken_at[lost]))
    invested = series.account.invested
    return Window(
        hour=series.hour[rows],
        taken_at=series.taken_at[rows],
        path_at=np.insert(series.taken_at[rows], place, at),
        path_invested=np.insert(invested[rows], place, invested[ends]),
        flow_at=flows.at,
        flow_amount=flows.amount,
        account=_side(series.account, rows, before, account_path, flows.account),
        benchmark=_side(series.benchmark, rows, before, benchmark_path, flows.benchmark),
        has_same_flows=_has_same_flows(series, rows),
        ran_out_at=_ran_out_at(series, rows),
    )


def _lost_unseen(series: Series, rows: Seconds, before: int | None) -> Seconds:
    """Those of `rows` since whose predecessor everything was lost, and paid in again before anybody looked."""
    known = series.losses[rows]
    is_new = np.diff(known, prepend=known[0] if before is None else series.losses[before]) > 0
    return rows[is_new & (series.account.unit_price[rows] > 0)]


def _side(track: Track, rows: Seconds, before: int | None, path: Floats, index: Floats) -> Side:
    opening = rows[0] if before is None else before
    return Side(
        prices=track.unit_price[rows],
        invested=track.invested[rows],
        path=path,
        opening_nav=track.nav[opening].item(),
        closing_nav=track.nav[rows[-1]].item(),
        index=index,
    )


def _has_same_flows(series: Series, rows: Seconds) -> bool:
    account, benchmark = (np.diff(totals[rows]) for totals in (series.contributed, series.benchmark_contributed))
    known = np.isfinite(benchmark)
    scale = np.abs(series.contributed[rows]).max() + np.abs(account).sum()
    return bool((np.abs(account - benchmark)[known] <= _ADDS_UP * scale).all())


def _ran_out_at(series: Series, rows: Seconds) -> int | None:
    benchmark = series.benchmark
    is_out = (benchmark.nav < 0) | (series.account.invested & ~benchmark.invested)
    out = rows[is_out[rows] & np.isfinite(benchmark.unit_price[rows])]
    return series.taken_at[out[0]].item() if out.size else None
