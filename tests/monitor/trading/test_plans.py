"""Plans of orders: each word is kept, the newest counts, and what was taken back is no plan."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from finance.order_plans import OrderPlan, number_targets
from monitor.__main__ import parse_arguments
from monitor.errors import LedgerError
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


def plan(worker: Worker, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    asked = parse_arguments(["trades", "plan", *words])
    assert asked.run(worker.db, worker.settings, asked, NOW) == 0
    return capsys.readouterr().out


def test_a_plan_is_made_changed_and_taken_back(worker: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing is planned yet" in plan(worker, capsys)
    words = "--symbol btcusdt --side buy --entry 43000 --stop 42000 --tp 46000:50 --tp 45000:50 --confidence HIGH"
    told = plan(worker, capsys, *words.split(), "--at", "2026-01-31T08:00Z", "--json")
    made = json.loads(told)
    assert (made["id"], made["symbol"], made["planned_at"]) == ("p1", "BTCUSDT", "2026-01-31T08:00:00Z")
    assert made["targets"][0] == {"level": 1, "price": "45000", "percentage": "50"}
    assert made["leverage"] is None

    told = plan(worker, capsys, "p1", "--stop", "42500", "--order", "77")
    assert (
        "2026-02-01 00:00: since              2026-02-01 00:00; stop               42500; order              77" in told
    )
    plan(worker, capsys, "p1", "--stop", "42500")  # nothing new
    assert "45000 (50 %), 46000 (50 %)" in plan(worker, capsys)
    assert len(worker.rows("select from order_plans")) == 2

    assert "taken back" in plan(worker, capsys, "p1", "--forget")
    assert "Nothing is planned yet" in plan(worker, capsys)
    assert "p2 of test" in plan(worker, capsys, "--symbol", "ETHUSDT", "--side", "sell", "--account", "test")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--stop", "9"], "what is to be entered"),
        (["p9", "--stop", "9"], "no plan p9"),
        (["--symbol", "BTCUSDT", "--side", "buy", "--entry", "9", "--stop", "10"], "where it loses"),
        (["--symbol", "BTCUSDT", "--side", "buy", "--at", "2026-02-02"], "a moment that has been"),
    ],
)
def test_what_can_be_no_plan_is_refused(worker: Worker, words: list[str], says: str) -> None:
    asked = parse_arguments(["trades", "plan", *words])
    with pytest.raises(LedgerError, match=says):
        asked.run(worker.db, worker.settings, asked, NOW)
    assert worker.rows("select from order_plans") == []
