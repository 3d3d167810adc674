"""Performance: every measure of account, benchmark and difference over a period, and what they mean."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dashboard.charts.canvas import Theme
from dashboard.charts.measured import (
    draw_distribution,
    draw_drawdown,
    draw_rolling,
    draw_volatility,
    thin_depths,
)
from dashboard.display import Display
from dashboard.frame import Frame
from dashboard.measured import load_measures
from dashboard.page import Chart, Model, Page, Reader
from dashboard.pages.days import make_days
from dashboard.pages.measure_lines import GROUPS, make_group, make_line
from dashboard.pages.readout import HOUR, Readout, lay_readout
from dashboard.pages.trade_measures import find_counted, make_trade_lines
from dashboard.reading import Reading, read_pair
from finance.measures import (
    CONVENTIONS,
    DEFINITIONS,
    FEW_OBSERVATIONS,
    CalendarReturn,
    Comparison,
    Depths,
    Measure,
    Measured,
    Measures,
    Rolling,
    roll,
)
from look import figures
from sql.rows import Db

ROLLING_DAYS = (90, 30, 7)  # the longest that fits twice into the period


def make_performance(db: Db, frame: Frame) -> Model:
    """The measures of the period, the calendar of its months, and what the charts are drawn from."""
    measures, counted = load_measures(db, frame), find_counted(db, frame)
    measured = measures.measured
    length = _rolling_length(measured)
    rolling = roll(measured.days, length) if measured and length else None
    return make_days(db, frame) | {
        "counted": len(counted),
        "trade_lines": make_trade_lines(counted),
        "groups": [make_group(name, measures.figures) for name in GROUPS],
        "returns": make_line("time_weighted_return", measures.figures["time_weighted_return"]).cells,
        "average_day": make_line("average_day", measures.figures["average_day"]).cells[0],
        "whole_days": measured.days.start.size if measured else 0,
        "enough_days": FEW_OBSERVATIONS,
        "definitions": DEFINITIONS,
        "conventions": CONVENTIONS,
        "measured": measured and _describe(measured),
        "drawdowns": _describe_drawdowns(measured),
        "months": _name_months(measured) if measured else [],
        "calendars": _calendars(measured, frame.shown.end.hour) if measured else {},
        "rolling_days": length,
        "depths": thin_depths(measured.depths) if measured and _has_drawdown(measures) else None,
        "all_depths": measured.depths if measured else None,
        "rolling": rolling if rolling and rolling.end.size > 1 else None,
        "days": measured.days if measured and measured.days.start.size > 1 else None,
        "alts": _describe_charts(measures, measured, rolling, length),
        "display": frame.display,
        "marked": frame.marked,
        "readouts": _lay_readouts(measured, rolling),
    }


def _lay_readouts(measured: Measured | None, rolling: Rolling | None) -> dict[str, Readout]:
    """Of the charts through time."""
    found = {}
    if measured and measured.depths.at.size > 1:
        found["drawdown"] = lay_readout(*_ends(measured.depths.at))
    if rolling and rolling.end.size > 1:
        found["rolling"] = lay_readout(*_ends(rolling.end), step=timedelta(days=1))
    return found


def _ends(at: NDArray[np.int64]) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(at[0].item(), UTC), datetime.fromtimestamp(at[-1].item(), UTC)


def _rolling_length(measured: Measured | None) -> int:
    days = measured.days.start.size if measured else 0
    return next((length for length in ROLLING_DAYS if days >= 2 * length), 0)


def _describe(measured: Measured) -> str:
    missing = measured.hours - measured.hours_valued
    text = (
        f"{figures.utc(measured.started_at)} to {figures.utc(measured.ended_at)}: {measured.hours_valued:,} of "
        f"{measured.hours:,} hours valued, {measured.days.start.size:,} whole days"
    )
    if missing and measured.days.excluded:
        text += f", {measured.days.excluded:,} left out for missing hours"
    if measured.benchmark_ran_out_at:
        text += f". The benchmark could not pay a withdrawal from {figures.utc(measured.benchmark_ran_out_at)} on"
    return f"{text}."


def _describe_drawdowns(measured: Measured | None) -> list[tuple[str, str]]:
    sides = (("Account", measured.account_drawdown), ("Benchmark", measured.benchmark_drawdown)) if measured else ()
    texts = []
    for name, drawdown in sides:
        if drawdown is None or drawdown.peak_at is None or drawdown.trough_at is None:
            continue
        fell = f"{figures.percent(drawdown.depth)} from {figures.day(drawdown.peak_at)} to {figures.day(drawdown.trough_at)}"
        back = (
            f"recovered by {figures.day(drawdown.recovered_at)}, {_days(drawdown.duration)} after the peak"
            if drawdown.recovered_at
            else "not recovered yet"
        )
        texts.append((name, f"{fell} ({_days(drawdown.time_to_trough)}), {back}."))
    return texts


def _days(length: timedelta | None) -> str:
    assert length is not None
    hours = round(length / timedelta(hours=1))
    return f"{hours} hours" if hours < 72 else f"{round(hours / 24)} days"


def _name_months(measured: Measured) -> list[str]:
    """The months of a year that any year has a figure for: a short history has no empty columns."""
    found = {month.start.month for month in measured.months if month.account is not None}
    return [f"{date(2000, month, 1):%b}" for month in sorted(found)]


def _calendars(measured: Measured, last: datetime) -> dict[str, list[dict[str, Any]]]:
    """Months by year, of the account and of the difference."""
    years = {year.start.year: year for year in measured.years}
    months = {month.start: month for month in measured.months}
    return {
        side: [_year(year, row, months, side, last) for year, row in years.items()]
        for side in ("account", "difference")
    }


def _year(
    year: int, row: CalendarReturn, months: Mapping[date, CalendarReturn], side: str, last: datetime
) -> dict[str, Any]:
    shown = sorted({start.month for start, found in months.items() if found.account is not None})
    cells = [_month(months.get(date(year, month, 1)), side) | _span(year, month, 1, last) for month in shown]
    return {"year": year, "cells": [*cells, _month(row, side) | _span(year, 1, 12, last)]}


def _span(year: int, month: int, months: int, last: datetime) -> dict[str, datetime]:
    """Between which hours a cell's figure lies; `last` is the period's."""
    end = datetime(year + (month + months > 12), (month + months - 1) % 12 + 1, 1, tzinfo=UTC)
    return {"begun": datetime(year, month, 1, tzinfo=UTC), "ended": min(end, last)}


def _month(found: CalendarReturn | None, side: str) -> dict[str, Any]:
    value = getattr(found, side) if found else None
    if value is None or found is None:
        return {"text": "", "depth": "", "is_partial": False}
    size = 1 + (abs(value) >= 0.05) + (abs(value) >= 0.15)
    depth = "" if value == 0 else f"up{size}" if value > 0 else f"down{size}"
    text = figures.signed_number(value * 100)
    return {"text": text, "depth": depth, "is_partial": found.is_partial}


def _describe_charts(
    measures: Measures, measured: Measured | None, rolling: Rolling | None, length: int
) -> dict[str, str]:
    if measured is None:
        return {}
    lows = [side.value for side in _sides(measures.figures["max_drawdown"])]
    alts = {
        "drawdown": f"Drawdown: the account's deepest is {figures.percent(lows[0])}, "
        f"the benchmark's {figures.percent(lows[1])}."
    }
    days = measured.days
    if days.start.size > 1:
        alts["distribution"] = (
            f"Histogram of {days.start.size:,} daily returns: the account's middle half lies between "
            f"{' and '.join(figures.percent(q.item()) for q in np.quantile(days.account, (0.25, 0.75)))}."
        )
    if rolling and rolling.end.size > 1:
        ends = figures.percent(rolling.account_return[-1].item()), figures.percent(rolling.benchmark_return[-1].item())
        spreads = (
            figures.share(rolling.account_volatility[-1].item()),
            figures.share(rolling.benchmark_volatility[-1].item()),
        )
        alts["rolling"] = (
            f"Return over {length} days, at the end {ends[0]} for the account, {ends[1]} for the benchmark."
        )
        alts["volatility"] = (
            f"Volatility over {length} days, at the end {spreads[0]} for the account, {spreads[1]} for the benchmark."
        )
    return alts


def _sides(comparison: Comparison) -> tuple[Measure, Measure]:
    return comparison.account, comparison.benchmark or comparison.account


def _has_drawdown(measures: Measures) -> bool:
    return measures.figures["max_drawdown"].account.is_available


def _read_drawdown(_: Db, __: Frame, facts: Callable[[], Model], moment: datetime) -> Reading:
    depths: Depths | None = facts()["all_depths"]
    return read_pair(moment, (depths.at, depths.account, depths.benchmark) if depths else None)


def _read_rolling(_: Db, __: Frame, facts: Callable[[], Model], moment: datetime) -> Reading:
    found: Rolling | None = facts()["rolling"]
    return read_pair(moment, (found.end, found.account_return, found.benchmark_return) if found else None)


def _read_volatility(_: Db, __: Frame, facts: Callable[[], Model], moment: datetime) -> Reading:
    found: Rolling | None = facts()["rolling"]
    lines = (found.end, found.account_volatility, found.benchmark_volatility) if found else None
    return read_pair(moment, lines, figures.unsigned_percent)


def _make_chart(
    name: str, part: str, draw: Callable[[Any, Theme, Display, Sequence[datetime]], Figure], read: Reader | None = None
) -> Chart:
    """The drawing of a part of the page's model."""

    def show(model: Model, theme: Theme) -> Figure:
        return draw(model[part], theme, model["display"], model["marked"])

    step = timedelta(days=1) if part == "rolling" else HOUR
    return Chart(name=name, load=make_performance, part=part, draw=show, read=read, step=step)


PERFORMANCE = Page(
    name="performance",
    title="Performance",
    path="/performance",
    make=make_performance,
    charts=(
        _make_chart("drawdown", "depths", draw_drawdown, _read_drawdown),
        _make_chart("rolling", "rolling", draw_rolling, _read_rolling),
        _make_chart("volatility", "rolling", draw_volatility, _read_volatility),
        _make_chart("distribution", "days", lambda days, theme, _, __: draw_distribution(days, theme)),
    ),
)
