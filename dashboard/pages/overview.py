"""Overview: did the account beat the benchmark, by how much, and what it is made of."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dashboard.answer import make_answer
from dashboard.charts.values import Values, draw_difference, draw_values
from dashboard.frame import Frame
from dashboard.history.flows import load_flow_marks, load_flows
from dashboard.history.rates import USDT, Invested, load_invested
from dashboard.history.runs import load_changes, load_gaps
from dashboard.history.slices import load_track
from dashboard.history.track import RecordedHour, load_ends, load_recorded
from dashboard.listing import sort_rows
from dashboard.page import Chart, Model, Page
from dashboard.pages.explain import load_moves, make_row, name_step
from dashboard.pages.holdings import load_held
from dashboard.pages.readout import make_readout, make_zooms
from dashboard.performance import PeriodFigures, compare
from dashboard.periods import NAMES, Period, Window, find_window
from dashboard.portfolio import KEYS, group_by_asset
from dashboard.reading import Reading, read_amounts, read_changes, round_hour
from dashboard.standings import load_side_by_side
from dashboard.view import PERCENT
from look import figures
from sql.rows import Db

LATEST_FLOWS = 8
LATEST_GAPS = 6
MOST_STEPS = 5


def make_overview(db: Db, frame: Frame) -> Model:
    """The answer, its figures for every period, what made the difference, holdings, latest flows and what is incomplete."""
    span = frame.shown
    chosen = compare(span.start, span.end, frame.display.cent)
    moves = load_moves(db, frame, MOST_STEPS)
    since, through = span.window.since, span.window.through
    return {
        "span": span,
        "figures": chosen,
        "answer": make_answer(frame, moves.steps),
        "steps": [make_row(frame.view, step) for step in moves.largest],
        "step_name": name_step(frame),
        "table": _compare_periods(db, frame),
        "assets": sort_rows(group_by_asset(load_held(db, frame)), frame.view, "assets", KEYS),
        "members": load_side_by_side(db, frame, span.last, currency=frame.currency),
        "flows": load_flows(
            db, frame.account_id, since, through, limit=LATEST_FLOWS, with_void=False, currency=frame.currency
        ),
        "gaps": load_gaps(db, frame.account_id, since, through, limit=LATEST_GAPS),
        "changes": load_changes(db, frame.account_id, since),
        "readout": make_readout(frame),
        "zooms": make_zooms(frame),
        "alt_values": _describe_values(frame, chosen),
        "alt_difference": _describe_difference(frame, chosen),
    }


def _compare_periods(db: Db, frame: Frame) -> list[tuple[str, PeriodFigures, bool]]:
    """The figures of each named period, and whether a gap at its start made them begin earlier.

    A period that is longer than the history would say the same as all time.
    """
    span = frame.shown
    account, benchmark, currency = frame.account_id, frame.benchmark_name, frame.currency
    invested = None if currency == USDT else load_invested(db, account, benchmark, currency)
    windows = {key: find_window(Period(key=key), span.first, span.last, frame.display.tz) for key in NAMES}
    return [
        (key, *_compare_window(db, frame, window, invested))
        for key, window in windows.items()
        if window and not window.is_shorter
    ]


def _compare_window(db: Db, frame: Frame, window: Window, invested: Invested | None) -> tuple[PeriodFigures, bool]:
    ends = load_ends(db, frame.account_id, frame.benchmark_name, window.since, window.until, frame.currency, invested)
    assert ends
    return compare(*ends, frame.display.cent), not window.begins_at(ends[0].hour)


def load_values(db: Db, frame: Frame) -> Values:
    """What the two charts are drawn from."""
    span = frame.shown
    since, until = span.start.hour, span.end.hour
    grows = bool(span.start.from_price and span.start.benchmark_from_price)
    is_percent = frame.view.scale == PERCENT and grows
    account, benchmark, currency = frame.account_id, frame.benchmark_name, frame.currency
    return Values(
        slices=load_track(db, account, benchmark, since, until, currency, of_units=is_percent),
        span=span,
        display=frame.display,
        flows=load_flow_marks(db, account, since, until),
        is_percent=is_percent,
        marked=frame.marked,
    )


def _describe_values(frame: Frame, chosen: PeriodFigures) -> str:
    span, display = frame.shown, frame.display
    return (
        f"Line chart from {display.day(span.start.hour)} to {display.day(span.end.hour)}: the account goes from "
        f"{display.money(span.start.nav)} to {display.money(span.end.nav)} {frame.currency} "
        f"({figures.percent(chosen.account)} time-weighted), the benchmark from "
        f"{display.money(span.start.benchmark_nav)} to {display.money(span.end.benchmark_nav)} {frame.currency} "
        f"({figures.percent(chosen.benchmark)}).{_describe_marks(frame)}"
    )


def _describe_difference(frame: Frame, chosen: PeriodFigures) -> str:
    span, display = frame.shown, frame.display
    return (
        f"Area chart from {display.day(span.start.hour)} to {display.day(span.end.hour)}: account minus benchmark, "
        f"both from the same start, comes to {display.signed_money(chosen.value)} {frame.currency}.{_describe_marks(frame)}"
    )


def _describe_marks(frame: Frame) -> str:
    count = len(frame.marked)
    return f" A stroke marks {figures.hours(count)} with a change that no record explains." if count else ""


def read_values(db: Db, frame: Frame, _: Callable[[], Any], moment: datetime) -> Reading:
    """What the chart of values says of the hour that is nearest to a moment: amounts, or changes in percent."""
    hour = round_hour(moment)
    read = read_changes if frame.view.scale == PERCENT else read_amounts
    return read(_load_recorded(db, frame, hour), hour, frame.shown, frame.display)


def read_difference(db: Db, frame: Frame, _: Callable[[], Any], moment: datetime) -> Reading:
    """What the chart of the difference says of it: amounts."""
    hour = round_hour(moment)
    return read_amounts(_load_recorded(db, frame, hour), hour, frame.shown, frame.display)


def _load_recorded(db: Db, frame: Frame, hour: datetime) -> RecordedHour | None:
    return load_recorded(db, frame.account_id, frame.benchmark_name, hour, frame.currency)


OVERVIEW = Page(
    name="overview",
    title="Overview",
    path="/",
    make=make_overview,
    charts=(
        Chart(name="values", load=load_values, draw=draw_values, is_line=True, read=read_values),
        Chart(name="difference", load=load_values, draw=draw_difference, is_line=True, read=read_difference),
    ),
)
