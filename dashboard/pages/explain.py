"""Explain: why NAV changed in a period, why it changed otherwise than the benchmark's, when, and by which asset."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from dashboard.answer import make_answer
from dashboard.charts.waterfall import Waterfall, describe, draw_waterfall
from dashboard.explanation import (
    CAUSES,
    GAINS,
    PARTS,
    AssetLine,
    Statement,
    Step,
    join_months,
    make_step,
    rank,
)
from dashboard.frame import Frame
from dashboard.history.explanations import BothEnds, KindSum, load_both_ends, load_kinds, load_unexplained
from dashboard.history.gains import load_gains
from dashboard.history.hours import load_hour
from dashboard.history.rates import USDT
from dashboard.history.steps import load_steps
from dashboard.page import Chart, Model, Page
from dashboard.pages.asset_lines import make_assets
from dashboard.pages.coin_lines import CoinLine, find_main_coin, make_coins
from dashboard.rounding import apportion
from dashboard.view import View
from finance.attribution.causes import name_account
from sql.rows import Db

HOURLY, DAILY = timedelta(hours=73), timedelta(days=93)  # up to which hours, and days, are listed one by one
MOST_RANKED = 10
MOST_UNEXPLAINED = 12
EXPLAIN_PATH, HOUR_PATH = "/explain", "/explain/hour"
COMBINED_REST = "Between accounts"


def make_explain(db: Db, frame: Frame) -> Model:
    """The period's change in parts, beside the benchmark's, by step and by asset; None for all without a change."""
    span = frame.shown
    since, until = span.start.hour, span.end.hour
    steps, largest = load_moves(db, frame, MOST_RANKED)
    if not steps:
        return {"span": span, "statement": None}
    answer = make_answer(frame, steps)
    assert answer
    statement = answer.statement
    ends = load_both_ends(db, frame.account_id, since, until, frame.currency)
    names, assets = make_assets(ends, statement)
    coins = _make_coins(db, frame, ends, assets, statement)
    kinds = load_kinds(db, frame.account_id, since, until, frame.currency)
    return {
        "span": span,
        "answer": answer,
        "statement": statement,
        "coins": coins,
        "main_coin": find_main_coin(coins, statement),
        "names": name_parts(frame, PARTS),
        "causes": name_parts(frame, CAUSES),
        "kinds": _round_kinds(kinds, statement),
        "bookings": {booking for one in kinds for booking in one.bookings},
        "gains": make_gains(db, frame, statement),
        "falls": make_falls(frame, statement),
        "steps": [make_row(frame.view, step, is_month=is_long(frame)) for step in reversed(steps)],
        "step_name": "month" if is_long(frame) else name_step(frame),
        "ranked": [make_row(frame.view, step) for step in largest],
        "asset_parts": names,
        "assets": assets,
        "hours_unexplained": sum(step.unexplained for step in steps),
        "ranked_name": name_step(frame),
        "unexplained": [
            row._replace(cause=name_account(row.cause, row.label))
            for row in load_unexplained(db, frame.account_id, since, until, MOST_UNEXPLAINED, frame.currency)
        ],
        "describe": describe,
    }


def _make_coins(
    db: Db, frame: Frame, ends: BothEnds, assets: Sequence[AssetLine], statement: Statement
) -> list[CoinLine]:
    """The period coin by coin, as far as the benchmark held the same all the time."""
    hours = frame.shown.start.hour, frame.shown.end.hour
    before, after = (load_hour(db, frame.account_id, frame.benchmark_name, hour) for hour in hours)
    assert before and after
    return make_coins(db, (before, after), ends.prices, assets, statement, frame.currency)


class Moves(NamedTuple):
    """A period in steps."""

    steps: list[Step]  # all of them: hours, days or months
    largest: list[Step]  # the hours or days that moved the difference most, the largest first


def make_gains(db: Db, frame: Frame, statement: Statement) -> list[tuple[str, Decimal]]:
    """Of prices and trading, what was gained on coins that went, and how much more is unrealised, in cents that add up.

    Empty where nothing moved, and where hours of an earlier version have no gains yet.
    """
    moved = sum((statement.parts[part] for part in ("price_effect", "trading") if part in statement.parts), Decimal(0))
    found = load_gains(db, frame.account_id, frame.shown.start.hour, frame.shown.end.hour, frame.currency)
    if found is None or not any(found):
        return []
    cents = apportion(list(found), moved, frame.display.cent)
    return [(GAINS[name], cent) for name, cent in zip(found._fields, cents, strict=True) if cent]


def name_step(frame: Frame) -> str:
    """The step that a period is looked at in: hours if it is short enough, else days."""
    return "hour" if frame.shown.end.hour - frame.shown.start.hour <= HOURLY else "day"


def is_long(frame: Frame) -> bool:
    """Whether a period is listed by its months."""
    return frame.shown.end.hour - frame.shown.start.hour > DAILY


def load_moves(db: Db, frame: Frame, most: int) -> Moves:
    """The period in hours, days or months, and at most `most` of its hours or days, those with the largest effect."""
    step, cent = name_step(frame), frame.display.cent
    if not is_long(frame):
        steps = _load_steps(db, frame, step)
        return Moves(steps, rank(steps, most, cent))
    if frame.currency == USDT:
        return Moves(_load_steps(db, frame, "month"), rank(_load_steps(db, frame, step, most), most, cent))
    days = _load_steps(db, frame, step)  # what no explanation covers is converted day by day
    return Moves(join_months(days, frame.display.tz), rank(days, most, cent))


def _load_steps(db: Db, frame: Frame, step: str, most: int | None = None) -> list[Step]:
    span, view = frame.shown, frame.view
    ends = span.start.hour, span.end.hour
    account, benchmark = frame.account_id, frame.benchmark_name
    found = load_steps(db, account, benchmark, *ends, step, currency=frame.currency, zone=view.zone, most=most)
    return [make_step(sums) for sums in found]


def name_parts(frame: Frame, names: Mapping[str, str]) -> dict[str, str]:
    """What the parts are called on this page; between accounts there are ways of their own."""
    return {**names, "rest": COMBINED_REST if frame.is_portfolio else names["rest"], "exchanged": "Swapped"}


def make_falls(frame: Frame, statement: Statement) -> dict[str, Waterfall]:
    """The change of NAV, and of its difference to the benchmark, as waterfalls."""
    names, causes = name_parts(frame, PARTS), name_parts(frame, CAUSES)
    span = frame.shown
    write = frame.display.minute if name_step(frame) == "hour" else frame.display.day
    return {
        "waterfall": Waterfall(
            start=(f"NAV, {write(span.start.hour)}", statement.before),
            parts=[(names[part], amount) for part, amount in statement.parts.items()],
            end=f"NAV, {write(span.end.hour)}",
            display=frame.display,
            neutral=(names["flows"],),
        ),
        "causes": Waterfall(
            start=("No difference", Decimal(0)),
            parts=[(causes[part], amount) for part, amount in statement.causes.items() if amount],
            end="Difference",
            display=frame.display,
            is_difference=True,
            neutral=(causes["flows"],),
        ),
    }


def make_row(view: View, step: Step, *, is_month: bool = False) -> dict[str, Any]:
    """A step for a table: its name, where it is shown in full, and its figures in cents that add up."""
    parts = dict(zip(step.parts, apportion(list(step.parts.values()), cent=view.display.cent), strict=True))
    return {
        "step": step,
        "parts": parts,
        "change": sum(parts.values(), Decimal(0)),
        "href": _link(view, step, is_month=is_month),
    }


def _link(view: View, step: Step, *, is_month: bool) -> str:
    if step.first == step.last and not is_month:
        return HOUR_PATH + view.query(hour=step.last)
    begun = view.display.date_of(step.begun)
    first = begun.replace(day=1) if is_month else begun
    return EXPLAIN_PATH + view.query(
        **{"period": "", "from": first, "to": view.display.date_of(step.last - timedelta(hours=1))}
    )


def _round_kinds(rows: Sequence[KindSum], statement: Statement) -> dict[str, list[tuple[str, Decimal]]]:
    """Income and fees by kind, in cents that add up to their part."""
    kinds: dict[str, list[tuple[str, Decimal]]] = {}
    for part in ("income", "fees"):
        found = [row for row in rows if row.part == part]
        if part in statement.parts and found:
            cents = apportion([row.value for row in found], statement.parts[part], statement.cent)
            kinds[part] = [(row.kind, amount) for row, amount in zip(found, cents, strict=True) if amount]
    return kinds


def _make_chart(name: str) -> Chart:
    return Chart(
        name=name,
        load=make_explain,
        part="falls",
        draw=lambda model, theme: draw_waterfall(model["falls"][name], theme),
    )


EXPLAIN = Page(
    name="explain",
    title="Explain",
    path=EXPLAIN_PATH,
    make=make_explain,
    charts=(_make_chart("waterfall"), _make_chart("causes")),
)
