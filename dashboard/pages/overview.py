"""Overview: did the account beat the benchmark, by how much, and what it is made of."""

from dashboard.answer import make_answer
from dashboard.charts.values import Values, draw_difference, draw_values
from dashboard.explanation import rank
from dashboard.frame import Frame, Span
from dashboard.history.flows import load_flow_marks, load_flows
from dashboard.history.runs import load_changes, load_gaps
from dashboard.history.track import load_ends, load_track
from dashboard.listing import sort_rows
from dashboard.page import Chart, Model, Page
from dashboard.pages.explain import load_moves, make_row, name_step
from dashboard.pages.holdings import load_held
from dashboard.pages.readout import make_readout, make_zooms
from dashboard.performance import PeriodFigures, compare
from dashboard.periods import NAMES, Period, Window, find_window
from dashboard.portfolio import KEYS, group_by_asset
from dashboard.view import PERCENT
from look import figures
from sql.rows import Db

LATEST_FLOWS = 8
LATEST_GAPS = 6
MOST_STEPS = 5


def make_overview(db: Db, frame: Frame) -> Model:
    """The answer, its figures for every period, what made the difference, holdings, latest flows and what is incomplete."""
    span = frame.shown
    chosen = compare(span.start, span.end)
    moves = load_moves(db, frame)
    since, through = span.window.since, span.window.through
    return {
        "span": span,
        "figures": chosen,
        "answer": make_answer(frame, moves),
        "steps": [make_row(frame.view, step) for step in rank(moves, MOST_STEPS)],
        "step_name": name_step(frame),
        "table": _compare_periods(db, frame),
        "assets": sort_rows(group_by_asset(load_held(db, frame)), frame.view, "assets", KEYS),
        "flows": load_flows(db, frame.account_id, since, through, limit=LATEST_FLOWS, with_void=False),
        "gaps": load_gaps(db, frame.account_id, since, through, limit=LATEST_GAPS),
        "changes": load_changes(db, frame.account_id, since),
        "readout": make_readout(frame),
        "zooms": make_zooms(frame),
        "alt_values": _describe_values(span, chosen),
        "alt_difference": _describe_difference(span, chosen),
    }


def _compare_periods(db: Db, frame: Frame) -> list[tuple[str, PeriodFigures, bool]]:
    """The figures of each named period, and whether a gap at its start made them begin earlier.

    A period that is longer than the history would say the same as all time.
    """
    span = frame.shown
    windows = {key: find_window(Period(key=key), span.first, span.last) for key in NAMES}
    return [
        (key, *_compare_window(db, frame, window))
        for key, window in windows.items()
        if window and not window.is_shorter
    ]


def _compare_window(db: Db, frame: Frame, window: Window) -> tuple[PeriodFigures, bool]:
    ends = load_ends(db, frame.account_id, frame.benchmark_name, window.since, window.until)
    assert ends
    return compare(*ends), not window.begins_at(ends[0].hour)


def load_values(db: Db, frame: Frame) -> Values:
    """What the two charts are drawn from."""
    span = frame.shown
    since, until = span.start.hour, span.end.hour
    return Values(
        slices=load_track(db, frame.account_id, frame.benchmark_name, since, until),
        span=span,
        flows=load_flow_marks(db, frame.account_id, since, until),
        is_percent=frame.view.scale == PERCENT,
    )


def _describe_values(span: Span, chosen: PeriodFigures) -> str:
    return (
        f"Line chart from {figures.day(span.start.hour)} to {figures.day(span.end.hour)}: the account goes from "
        f"{figures.money(span.start.nav)} to {figures.money(span.end.nav)} USDT "
        f"({figures.percent(chosen.account)} time-weighted), the benchmark from "
        f"{figures.money(span.start.benchmark_nav)} to {figures.money(span.end.benchmark_nav)} USDT "
        f"({figures.percent(chosen.benchmark)})."
    )


def _describe_difference(span: Span, chosen: PeriodFigures) -> str:
    return (
        f"Area chart from {figures.day(span.start.hour)} to {figures.day(span.end.hour)}: account minus benchmark, "
        f"both from the same start, comes to {figures.signed_money(chosen.value)} USDT."
    )


OVERVIEW = Page(
    name="overview",
    title="Overview",
    path="/",
    make=make_overview,
    charts=(
        Chart(name="values", load=load_values, draw=draw_values, is_line=True),
        Chart(name="difference", load=load_values, draw=draw_difference, is_line=True),
    ),
)
