"""What a period's report shows: one list of charts and tables, printed as HTML or as PDF."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matplotlib.figure import Figure

from dashboard.charts.allocation import draw_allocation
from dashboard.charts.canvas import Theme
from dashboard.charts.measured import draw_distribution, draw_drawdown, draw_rolling
from dashboard.charts.values import draw_difference, draw_values
from dashboard.display import Display, describe_units
from dashboard.frame import Frame
from dashboard.history.flows import load_flows, load_sums
from dashboard.history.runs import Gap
from dashboard.history.track import Point
from dashboard.page import Model
from dashboard.pages.holdings import make_holdings
from dashboard.pages.measure_lines import Cell, Group
from dashboard.pages.overview import load_values, make_overview
from dashboard.pages.performance import make_performance
from dashboard.performance import PeriodFigures
from finance.measures import CONVENTIONS, DEFINITIONS
from look import figures
from sql.rows import Db

MOST_FLOWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart with its title and what it shows in words."""

    title: str
    draw: Callable[[Theme], Figure]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of texts; the columns `words` stand at the left, the others are figures."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: frozenset[int] = frozenset({0})
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is printed, in order."""

    title: str
    answer: str
    notes: Sequence[str]
    pictures: Sequence[Picture]
    grids: Sequence[Grid]


def make_report(db: Db, frame: Frame, now: datetime) -> Report:
    """The report of the period that a frame shows, as of `now`."""
    overview, performance, holdings = (make(db, frame) for make in (make_overview, make_performance, make_holdings))
    account = frame.account.label if frame.account else ""
    ends = f"{frame.display.day(frame.shown.start.hour)} to {frame.display.day(frame.shown.end.hour)}"
    answer = overview["answer"]
    alarms = [alarm for alarm in frame.alarms(now) if alarm.is_shown and frame.is_touched([alarm])]
    return Report(
        title=f"{account} against {frame.basket}, {ends}",
        answer=answer.text(now) if answer else f"{account} has no two hours with figures in this period.",
        notes=[*(alarm.sentence for alarm in alarms), *_notes(db, frame, performance)],
        pictures=_pictures(db, frame, overview, performance, holdings),
        grids=[
            _ends(frame, overview["figures"]),
            *(_measures(group) for group in performance["groups"]),
            _holdings(overview["assets"], frame.display),
            _flows(db, frame),
            _gaps(overview["gaps"], frame.display),
            _definitions(),
        ],
    )


def _notes(db: Db, frame: Frame, performance: Model) -> list[str]:
    window = frame.shown.window
    sums = load_sums(db, frame.account_id, window.since, window.through, frame.currency)
    write, currency = frame.display.signed_money, frame.currency
    flows = f"Paid in {write(sums.paid_in)} {currency}, taken out {write(sums.paid_out)} {currency}."
    pending = f" {sums.pend} flows are pending and not in these sums." if sums.pend else ""
    measured = performance["measured"] or "Nothing can be measured in this period."
    return [flows + pending, measured, describe_units(frame.display)]


def _pictures(db: Db, frame: Frame, overview: Model, performance: Model, holdings: Model) -> list[Picture]:
    values = None if frame.shown.is_one_hour else load_values(db, frame)
    alts = performance["alts"]
    found: list[tuple[str, Any, Callable[[Any, Theme], Figure], str]] = [
        ("Account and benchmark", values, draw_values, overview["alt_values"]),
        ("Account minus benchmark", values, draw_difference, overview["alt_difference"]),
        ("Drawdown", performance["depths"], draw_drawdown, alts.get("drawdown", "")),
        (
            f"Return over {performance['rolling_days']} days",
            performance["rolling"],
            draw_rolling,
            alts.get("rolling", ""),
        ),
        ("Daily returns", performance["days"], draw_distribution, alts.get("distribution", "")),
        ("Holdings over time", holdings["allocation"], _draw_allocation(frame), holdings["alt_allocation"]),
    ]
    return [
        Picture(title=title, draw=_bind(draw, facts), words=words)
        for title, facts, draw, words in found
        if facts is not None
    ]


def _draw_allocation(frame: Frame) -> Callable[[Any, Theme], Figure]:
    return lambda facts, theme: draw_allocation(facts, theme, frame.display)


def _bind(draw: Callable[[Any, Theme], Figure], facts: object) -> Callable[[Theme], Figure]:
    return lambda theme: draw(facts, theme)


def _ends(frame: Frame, found: PeriodFigures) -> Grid:
    def row(name: str, end: Point) -> tuple[str, ...]:
        nav, other = end.nav, end.benchmark_nav
        return (name, display.money(nav), display.money(other), display.signed_money(nav - other))

    display, start, end = frame.display, frame.shown.start, frame.shown.end
    returns = (figures.percent(found.account), figures.percent(found.benchmark), figures.points(found.active))
    return Grid(
        title="Value and return",
        head=("", "Account", "Benchmark", "Difference"),
        rows=(
            row(f"NAV at {display.utc(start.hour)}, {display.currency}", start),
            row(f"NAV at {display.utc(end.hour)}, {display.currency}", end),
            ("Time-weighted return", *returns),
        ),
    )


def _measures(group: Group) -> Grid:
    rows = []
    for line in group.lines:
        notes = [line.note] if line.note else []
        notes += [f"{line.few_days} days, tentative"] if line.few_days else []
        name = f"{line.name} ({', '.join(notes)})" if notes else line.name
        cells = [_cell(cell) for cell in line.cells]
        rows.append((name, *cells, *("" for _ in range(3 - len(cells)))))
    absent = [f"{', '.join(line.name for line in lines)}: {reason}" for reason, lines in group.absent.items()]
    notes = (
        ["A measure of the account in relation to the benchmark stands under the account."] if group.is_between else []
    )
    note = " ".join([*notes, *([f"Not available: {'; '.join(absent)}."] if absent else [])])
    return Grid(title=group.name, head=("Measure", "Account", "Benchmark", "Difference"), rows=rows, note=note)


def _cell(cell: Cell) -> str:
    if cell.absent:
        return f"not available, because {cell.absent}"
    return f"{cell.text} ({cell.note})" if cell.note else cell.text


def _holdings(assets: Sequence[Mapping[str, Any]], display: Display) -> Grid:
    rows = [
        (
            a["asset"],
            figures.quantity(a["quantity"]),
            figures.price(a["price"]),
            ("unknown" if a["is_missing"] else "nothing") if a["unpriced"] else display.money(a["value"]),
            figures.share(a["share"]),
        )
        for a in assets
    ]
    head = ("Asset", "Quantity", f"Price, {display.currency}", f"Value, {display.currency}", "Share")
    return Grid(title="Holdings at the end of the period", head=head, rows=rows)


def _flows(db: Db, frame: Frame) -> Grid:
    window = frame.shown.window
    display = frame.display
    flows = load_flows(
        db, frame.account_id, window.since, window.through, limit=MOST_FLOWS, with_void=False, currency=frame.currency
    )
    rows = [
        (
            display.utc(flow["at"]),
            figures.words(flow["kind"]),
            f"{figures.quantity(flow['quantity'])} {flow['asset']}",
            figures.price(flow["price"]) if flow["price"] is not None else "",
            display.signed_money(flow["value"]) if flow["value"] is not None else "",
            "part of the opening" if flow["in_opening"] else flow["state"],
        )
        for flow in flows
    ]
    note = f"The newest {MOST_FLOWS}; flows.csv has all." if len(flows) == MOST_FLOWS else ""
    head = ("When", "Flow", "Quantity", f"Price used, {display.currency}", f"Value, {display.currency}", "State")
    return Grid(title="Money in and out", head=head, rows=rows, words=frozenset({0, 1, 5}), note=note)


def _gaps(gaps: Sequence[Gap], display: Display) -> Grid:
    rows = [(display.utc(g.first), display.utc(g.last), str(g.hours), g.status.lower(), g.reason) for g in gaps]
    head = ("From", "To", "Hours", "State", "Why")
    return Grid(title="Latest hours without a figure", head=head, rows=rows, words=frozenset({0, 1, 3, 4}))


def _definitions() -> Grid:
    rows = [(d.name, f"{d.meaning} {d.formula}. From {d.inputs}. Source: {d.source}.") for d in DEFINITIONS.values()]
    rows += [(name, f"{text}.") for name, text in CONVENTIONS.items()]
    return Grid(title="What the measures mean", head=("Measure", "Meaning"), rows=rows, words=frozenset({0, 1}))
