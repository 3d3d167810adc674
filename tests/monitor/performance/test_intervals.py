"""The time between two valued hours: what was held at both ends, and what came or went in between."""

from datetime import timedelta
from decimal import Decimal as D

from finance.moments import EPOCH
from finance.records import FlowRecord
from monitor.performance.intervals import Interval, load_intervals
from monitor.performance.store.valued_hours import load_valued_after
from tests.monitor.notation import at
from tests.monitor.performance.hours import SECOND, Hours, deposit

FIRST, LATER, LAST = at("2026-05-01 10:02"), at("2026-05-01 11:02"), at("2026-05-01 12:02")


def record(hours: Hours, flow: FlowRecord) -> tuple[Interval, ...]:
    """The intervals of three hours; the `flow` is in the account from the second one on."""
    hours.record(FIRST, "1000 USDT")
    hours.record(LATER, "1000 USDT 0.02 BTC", flow, is_final=True)
    hours.record(LAST, "1000 USDT 0.02 BTC", flow, is_final=True)
    return load_intervals(hours.db, 1, None, load_valued_after(hours.db, 1, EPOCH))


def test_an_interval_knows_what_was_held_at_both_ends_and_what_came_in_between(hours: Hours) -> None:
    opening, first, second = record(hours, deposit(1, "0.02", "BTC", FIRST + timedelta(minutes=28)))

    assert (opening.before, opening.entries, opening.hour.taken_at) == (None, (), FIRST)
    assert [entry.asset for entry in first.entries] == ["BTC"]
    assert first.held and first.held.quantities == {"USDT": 1000}
    assert first.found and first.found.quantities == {"USDT": 1000, "BTC": D("0.02")}
    assert (second.entries, second.held) == ((), None)  # nothing is to be valued


def test_a_flow_of_a_readings_own_second_belongs_to_the_next_interval(hours: Hours) -> None:
    _, first, _ = record(hours, deposit(1, "0.02", "BTC", FIRST))
    assert [entry.second for entry in first.entries] == [FIRST]


def test_a_flow_of_the_second_before_a_reading_is_in_its_balances(hours: Hours) -> None:
    _, first, second = record(hours, deposit(1, "0.02", "BTC", LATER - SECOND))
    assert ([len(one.entries) for one in (first, second)]) == [1, 0]
