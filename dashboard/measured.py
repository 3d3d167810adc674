"""The measures of the period that a page shows, in the reader's currency."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from dashboard.frame import Frame
from dashboard.history.series import Floats, load_flow_points, load_series_and_rates
from finance.measures import Flows, Measures, Period, Series, Track, measure
from sql.rows import Db


def load_measures(db: Db, frame: Frame) -> Measures:
    """All measures of the period of a frame that has one."""
    since = frame.shown.start.hour
    until = max(frame.shown.end.hour, since + timedelta(hours=1))
    series, rates = load_series_and_rates(db, frame.account_id, frame.benchmark_name, since, until, frame.currency)
    flows = load_flow_points(db, frame.account_id, frame.benchmark_name)
    if rates is not None:
        series, flows = convert(series, flows, rates)
    return measure(series, flows, Period(start=since, end=until))


def convert(series: Series, flows: Flows, rates: Floats) -> tuple[Series, Flows]:
    """The same as if it had been kept in another currency; `rates` are what it cost at each hour, NaN: unknown.

    An hour without a rate has no figure. A flow is converted at the first hour with a figure that contains it, as the
    totals of what was contributed are.
    """
    valued = np.flatnonzero(np.isfinite(series.account.unit_price) & np.isfinite(rates))
    moments = 2 * series.taken_at[valued]
    place = np.searchsorted(moments, 2 * flows.at + np.where(flows.is_opening, -1, 1))
    known = np.append(rates[valued], np.nan)
    at_flow = known[place]
    converted = replace(
        series,
        contributed=_convert_totals(series.contributed, rates),
        benchmark_contributed=_convert_totals(series.benchmark_contributed, rates),
        account=_convert_track(series.account, rates),
        benchmark=_convert_track(series.benchmark, rates),
    )
    inside = np.isfinite(at_flow)
    return converted, Flows(
        at=flows.at[inside],
        amount=flows.amount[inside] / at_flow[inside],
        unit_price=flows.unit_price[inside] / at_flow[inside],
        benchmark_unit_price=flows.benchmark_unit_price[inside] / at_flow[inside],
        is_opening=flows.is_opening[inside],
    )


def _convert_totals(totals: Floats, rates: Floats) -> Floats:
    """Running totals whose changes are converted each at its own hour."""
    known = np.flatnonzero(np.isfinite(totals) & np.isfinite(rates))
    found = np.full(totals.size, np.nan)
    found[known] = np.cumsum(np.diff(totals[known], prepend=0.0) / rates[known])
    return found


def _convert_track(track: Track, rates: Floats) -> Track:
    return replace(track, nav=track.nav / rates, unit_price=track.unit_price / rates)
