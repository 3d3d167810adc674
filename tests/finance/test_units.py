"""Unitisation: published examples and laws."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.decimals import total
from finance.track import HourEvent, TrackState, fold_track
from finance.units import UnitState, apply_flow, mark, share_units
from tests.monitor.notation import D, at

MONEY = st.decimals("10", "1e9", places=8)


def opened(nav: str) -> UnitState:
    return apply_flow(UnitState(), D(nav), D(0))


def near(a: Decimal, b: Decimal) -> bool:
    return abs(a - b) <= D("1e-14") * max(abs(a), abs(b), D(1))


def test_the_worked_example_of_the_module() -> None:
    state = apply_flow(mark(opened("10000"), D(11000)), D(5500), D(11000))

    assert mark(state, D(13200)).unit_price == 88
    assert state.units == 150


def test_the_cfa_example_of_a_time_weighted_return() -> None:
    """CFA Institute, Quantitative Methods: a share bought at 200, a second at 225, both worth 235 with 5 dividend each.

    Year 1: (225 + 5) / 200 - 1 = 15 %; year 2: (470 + 10) / 450 - 1 = 6.67 %; over both 1.15 x 1.0667 - 1 = 22.67 %.
    The dividend of year 1 is taken out; then 225 comes in.
    """
    state = apply_flow(opened("200"), D(225) - D(5), D(230))

    assert round(mark(state, D(480)).unit_price / 100 - 1, 4) == D("0.2267")


@given(before=MONEY, value=st.decimals("-1e8", "1e9", places=8), nav=MONEY)
def test_a_flow_never_changes_the_unit_price(before: Decimal, value: Decimal, nav: Decimal) -> None:
    state = mark(opened(str(before)), nav)

    after = apply_flow(state, value, nav)

    assert after.unit_price == state.unit_price
    if after.is_invested and nav + value > 1:
        assert abs(mark(after, nav + value).unit_price / state.unit_price - 1) < D("1e-9")


@given(nav=MONEY, later=MONEY, scale=st.sampled_from([D(10), D("0.5"), D(1000)]))
def test_scaling_all_money_changes_no_percentage(nav: Decimal, later: Decimal, scale: Decimal) -> None:
    plain = mark(opened(str(nav)), later)
    scaled = mark(opened(str(nav * scale)), later * scale)

    assert near(plain.unit_price / 100, scaled.unit_price / 100) or abs(plain.unit_price / scaled.unit_price - 1) < D(
        "1e-15"
    )


@given(nav=MONEY, first=MONEY, second=MONEY)
def test_splitting_a_flow_in_one_moment_changes_nothing(nav: Decimal, first: Decimal, second: Decimal) -> None:
    state = opened(str(nav))

    whole = apply_flow(state, first + second, nav)
    halves = apply_flow(apply_flow(state, first, nav), second, nav + first)

    assert abs(whole.units - halves.units) <= D("1e-9") * whole.units
    assert whole.invested == halves.invested


@given(nav=MONEY, later=MONEY, flows=st.lists(st.decimals("-3", "1e9", places=8), min_size=1, max_size=4))
def test_the_units_of_flows_add_up_to_the_accounts_to_the_last_digit(
    nav: Decimal, later: Decimal, flows: list[Decimal]
) -> None:
    before = mark(opened(str(nav)), later)
    after = apply_flow(before, total(flows), later)

    assert total((before.units, *share_units(before, after, flows))) == after.units


def test_an_emptied_account_keeps_its_price_until_it_is_funded_again() -> None:
    state = apply_flow(mark(opened("1000"), D(1200)), D(-1200), D(1200))
    assert not state.is_invested
    assert mark(state, D(0)).unit_price == 120

    again = apply_flow(state, D(600), D(0))

    assert (again.units, again.unit_price, again.episode) == (5, 120, 2)


def test_a_total_loss_stays_a_total_loss() -> None:
    lost = mark(opened("1000"), D(-50))
    assert (lost.unit_price, lost.is_invested) == (0, False)

    assert apply_flow(lost, D(500), D(-50)).unit_price == 100


@pytest.mark.parametrize("nav", ["0", "0.5"])
def test_an_account_without_money_has_no_track_record_yet(nav: str) -> None:
    assert not opened(nav).is_invested


def test_exactly_one_unit_of_money_still_carries_a_track_record() -> None:
    assert apply_flow(opened("2"), D(-1), D(2)).is_invested
    assert not apply_flow(opened("2"), D("-1.01"), D(2)).is_invested


def test_taking_money_out_of_an_account_without_units_opens_nothing() -> None:
    """What it holds all the same is the opening of its next hour, as a whole."""
    emptied = apply_flow(opened("100"), D("-99.5"), D(100))

    assert apply_flow(emptied, D(-20), D(80)) == UnitState(
        units=D(0), unit_price=emptied.unit_price, invested=D("-19.5"), peak_nav=D(100), episode=1
    )


def test_little_money_is_a_new_beginning_but_as_what_is_left_of_much_it_is_dust() -> None:
    emptied = apply_flow(opened("1000000"), D("-999950"), D(1000000))
    now = at("2026-05-01 10:02")
    hour = HourEvent(at=now, hour=now.replace(minute=0), nav=D(50), prices={})
    _, (left,) = fold_track((), TrackState(account=emptied, benchmarks=()), [hour])
    assert not emptied.is_invested and not left.state.account.is_invested

    again = apply_flow(emptied, D(20), D(50))
    assert (again.is_invested, again.episode, again.peak_nav) == (True, 2, 70)
