"""Changes in parts: whatever the figures are, what is shown adds up, and the main cause is the one that moved it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explanation import (
    PARTS,
    STORED,
    Step,
    add_up,
    join_months,
    make_statement,
    make_step,
    rank,
    round_assets,
)
from dashboard.history.steps import StepSums, load_steps
from dashboard.pages.explain import is_long, load_moves
from dashboard.rounding import CENT, apportion, to_cent
from tests.dashboard.site import Site
from tests.dashboard.test_money import frame, reading
from tests.postgres import Database

START = datetime(2026, 3, 31, 22, tzinfo=UTC)
AMOUNTS = st.decimals(-(10**7), 10**7, places=9)
SUMS = st.fixed_dictionaries(dict.fromkeys(STORED, AMOUNTS))


def step(*, at_hour: int = 0, nav_change: Decimal | None = None, **sums: Any) -> Step:
    """One hour of the given parts; its benchmark stands still unless told."""
    told = dict.fromkeys(STORED, Decimal(0)) | sums
    at = START + timedelta(hours=at_hour)
    row: dict[str, Any] = {"benchmark_change": Decimal(0), "benchmark_flows": told["flows"], "unexplained": 0} | told
    change = sum((told[part] for part in STORED), Decimal(0)) if nav_change is None else nav_change
    return make_step(StepSums(**row, first=at, last=at, nav_change=change))


@given(st.lists(AMOUNTS, min_size=1, max_size=12), st.integers(-3, 3))
def test_cents_add_up_to_the_whole_and_are_near_their_parts(parts: list[Decimal], off: int) -> None:
    whole = to_cent(sum(parts, Decimal(0))) + off * CENT
    cents = apportion(parts, whole)

    assert sum(cents) == whole
    assert all(abs(cent - part) < CENT * (1 + abs(off)) for cent, part in zip(cents, parts, strict=True))
    assert sum(apportion(parts)) == whole - off * CENT


@given(SUMS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_statement_adds_up_in_every_direction(
    sums: dict[str, Any], nav: Decimal, benchmark: Decimal, rest: Decimal
) -> None:
    change = sum(sums.values(), rest)
    told = make_statement(step(nav_change=change, benchmark_change=benchmark, **sums), nav)

    assert told.before + sum(told.parts.values()) == told.after == to_cent(nav + change)
    assert sum(told.causes.values()) == told.difference == to_cent(change - benchmark)
    assert sum(told.benchmark.values()) == told.change - told.difference
    for part, amount in told.parts.items():
        assert amount - told.benchmark.get(part, 0) == told.causes[part]


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.tuples(AMOUNTS, SUMS), max_size=6), AMOUNTS)
def test_rows_and_columns_of_assets_add_up(
    values: dict[str, tuple[Decimal, dict[str, Decimal]]], untold: Decimal
) -> None:
    sums: dict[str, Any] = {part: sum((told[part] for _, told in values.values()), Decimal(0)) for part in STORED}
    before = sum((begun for begun, _ in values.values()), Decimal(0))
    statement = make_statement(step(**(sums | {"residual": sums["residual"] + untold})), before)
    parts, lines = round_assets(values, statement)

    for part in parts:
        assert sum(line.parts[part] for line in lines) == statement.parts.get(part, 0)
    assert sum(line.before for line in lines) == (statement.before if values else 0)
    assert sum(line.after for line in lines) == (statement.after if values else statement.change)
    for line in lines:
        exact = values[line.name][1] if line.name else {}
        assert all(abs(line.parts[part] - exact[part]) <= 2 * CENT for part in parts if part in exact)


def test_the_main_cause_has_the_sign_of_the_difference() -> None:
    moved = step(price_effect=Decimal(-90), trading=Decimal(40), residual=Decimal(-10), benchmark_change=Decimal(-100))
    assert moved.difference == 40
    assert moved.main_cause == ("Trading", Decimal(40))
    behind = step(price_effect=Decimal(50), benchmark_change=Decimal(80), fees=Decimal(-1))
    assert behind.main_cause == ("Coin mix", Decimal(-30))


def test_the_same_money_in_both_is_no_cause() -> None:
    paid = step(flows=Decimal(1000), benchmark_change=Decimal(1000))
    assert paid.difference == 0
    assert paid.causes["flows"] == 0


def test_what_no_explanation_tells_is_a_part_of_its_own() -> None:
    told = make_statement(step(nav_change=Decimal(7), price_effect=Decimal(5)), Decimal(100))
    assert told.parts == {"price_effect": Decimal(5), "rest": Decimal(2)}


def test_small_moves_are_not_ranked_and_the_largest_come_first() -> None:
    steps = [step(at_hour=n, price_effect=Decimal(move)) for n, move in enumerate(("0.004", "-3", "2", "5"))]
    assert [found.difference for found in rank(steps, 2)] == [5, -3]
    assert len(rank(steps, 9)) == 3


def test_an_hour_belongs_to_the_month_in_which_it_began() -> None:
    months = join_months(
        [step(at_hour=hour, trading=Decimal(1)) for hour in range(5)]
    )  # 22:00 on the last of March, to 02:00
    assert [(month.begun.month, int(month.parts["trading"])) for month in months] == [(3, 3), (4, 2)]
    assert add_up(months).nav_change == 5
    assert set(add_up(months).parts) == set(PARTS)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Prague"])
def test_a_long_period_is_told_as_the_sum_of_its_days(own_site: Site, database: Database, zone: str) -> None:
    with reading(database) as db:
        shown = frame(db, period="all", zone=zone)
        told = load_moves(db, shown, 7)
        ends = shown.shown.start.hour, shown.shown.end.hour
        days = [make_step(sums) for sums in load_steps(db, shown.account_id, "hold", *ends, "day", zone=zone)]

    assert is_long(shown) and len(days) > 93
    assert told.steps == join_months(days, shown.display.tz)
    assert told.largest == rank(days, 7)
