"""Plans of orders: each word is kept, the newest counts, and what was taken back is no plan."""

from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from finance.order_plans import OrderPlan, number_targets
from monitor.trading.store.plans import load_plan_revisions, load_plans, record_plan
from tests.monitor.notation import D
from tests.worker import Worker

NOW = datetime(2026, 2, 1, tzinfo=UTC)
PLAN = OrderPlan(
    id="old.17",
    source="legacy",
    planned_at=datetime(2025, 12, 1, tzinfo=UTC),
    symbol="BTCUSDT",
    side="buy",
    entry=D("43000.5"),
    stop=D(42000),
    targets=number_targets("buy", [(D(45000), D(50)), (D("46000.000000000000000001"), None)]),
    leverage=D(10),
    confidence="HIGH",
    margin_mode="isolated",
)


def test_a_plan_is_kept_with_all_that_it_was(worker: Worker) -> None:
    worker.add("other", "another key")
    record_plan(worker.db, 1, PLAN, NOW)
    moved = replace(PLAN, stop=D(43000), order_id="123")
    record_plan(worker.db, 1, moved, NOW)
    assert load_plans(worker.db, 1) == (moved,)
    assert load_plans(worker.db, 2) == ()
    record_plan(worker.db, 1, moved, NOW, is_taken_back=True)
    assert load_plans(worker.db, 1) == ()
    kept = load_plan_revisions(worker.db, 1, "old.17")
    assert [(one.revision, one.plan, one.is_taken_back) for one in kept] == [
        (1, PLAN, False),
        (2, moved, False),
        (3, moved, True),
    ]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        worker.db.execute("delete from order_plans")
