"""Plans of orders: their targets in the order in which they are reached, and what can't be so."""

from dataclasses import replace
from datetime import UTC, datetime

from finance.order_plans import OrderPlan, find_fault, number_targets
from tests.monitor.notation import D

PLAN = OrderPlan(id="p1", planned_at=datetime(2026, 1, 1, tzinfo=UTC), symbol="BTCUSDT", side="buy", stop=D(90))


def test_targets_are_numbered_as_they_are_reached() -> None:
    asked = [(D(120), D(50)), (D(110), None)]
    assert [(one.level, one.price) for one in number_targets("buy", asked)] == [(1, D(110)), (2, D(120))]
    assert [(one.level, one.price) for one in number_targets("sell", asked)] == [(1, D(120)), (2, D(110))]


def test_a_stop_is_where_it_loses_and_a_target_where_it_gains() -> None:
    targets = number_targets("buy", [(D(110), D(60)), (D(120), D(40))])
    assert not find_fault(PLAN)
    assert not find_fault(replace(PLAN, entry=D(100), targets=targets))
    assert not find_fault(
        replace(PLAN, side="sell", stop=D(130), entry=D(125), targets=number_targets("sell", [(D(120), None)]))
    )
    for wrong in (
        replace(PLAN, entry=D(80)),
        replace(PLAN, stop=D(115), targets=targets),
        replace(PLAN, entry=D(111), targets=targets),
        replace(PLAN, side="sell", entry=D(100)),
    ):
        assert "where it loses" in find_fault(wrong)
    too_much = number_targets("buy", [(D(110), D(60)), (D(120), D(41))])
    assert "take 101 per cent" in find_fault(replace(PLAN, targets=too_much))
