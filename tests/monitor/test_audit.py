"""`audit`: what the owner did through commands, what each changed, and nothing of what the program does by itself."""

import json
from typing import Any

import psycopg
import pytest

from sql.connect import connect
from tests.commands import OTHER_SECRET, TWO_LINES, Commands
from tests.postgres import Database
from tests.venue import KEY, SECRET


def acts(command: Commands, *words: str) -> list[dict[str, Any]]:
    """The oldest first."""
    found: list[dict[str, Any]] = json.loads(command("audit", "--json", *words).out)
    return found[::-1]


def test_every_act_is_noted_with_what_it_changed(command: Commands, database: Database) -> None:
    assert command("account", "add", "test", stdin=TWO_LINES).code == 0
    assert command("account", "check", "test").code == 0
    assert command("run").code == 0
    added = acts(command)
    assert {(one["action"], one["table"]) for one in added} == {
        ("account add", name) for name in ("accounts", "api_credentials", "benchmark_configs")
    }
    assert not [secret for secret in (KEY, SECRET, OTHER_SECRET, "sealed") if secret in json.dumps(added)]

    words = (
        "flow add --in 0.123456789012345678 BTC --at 2026-01-31T08:00Z --account test --note found",
        "account count-total test spot",
        "account disable test",
        "account enable test",
        "benchmark add twin --basket BTC=60,ETH=40 --account test",
        "benchmark default twin --account test",
        "portfolio add long --label Long --accounts test",
        "portfolio remove long",
        "trades plan --symbol ETHUSDT --side buy --entry 2000 --stop 1900",
        "trades plan p1 --stop 1950.5",
        "trades plan p1",
    )
    codes = [command(*one.split()).code for one in words]
    assert codes == [0] * len(words)
    noted = acts(command)[len(added) :]
    changes = [(one["action"], one["table"], one["record"]) for one in noted]
    assert ("flow add", "processed_transactions") in [one[:2] for one in changes]
    expected = [
        ("account disable", "accounts", "test"),
        ("account enable", "accounts", "test"),
        ("benchmark add", "benchmark_configs", "twin"),
        ("portfolio add", "portfolios", "long"),
        ("portfolio remove", "portfolios", "long"),
        ("trades plan", "order_plans", "1 p1"),
        ("trades plan", "order_plans", "1 p1"),
    ]
    assert [one for one in changes if one in expected] == expected
    disabled, enabled = (one for one in noted if one["table"] == "accounts" and one["record"] == "test")
    assert (disabled["old"]["enabled"], disabled["new"]["enabled"], enabled["new"]["enabled"]) == (True, False, True)
    flow = next(one for one in noted if one["action"] == "flow add")
    assert (flow["old"], flow["new"]["amount"], flow["account"]) == ({}, "0.123456789012345678", "test")
    moved = noted[-1]
    assert (moved["old"]["stop"], moved["new"]["stop"], "entry" in moved["new"]) == ("1900", "1950.5", False)
    assert acts(command, "--account", "test")[-1] == moved
    assert "stop: 1900 -> 1950.5" in command("audit").out

    with connect(database.worker_url, name="test") as db:
        for statement in ("delete from audit_log", "update audit_log set action = ''"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(statement)
