"""`python -m monitor run|due|last-hour`: exit codes, dry runs, and what is said when something is wrong."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import sql

from monitor.database.runs import hold_run_lock
from monitor.ledger.store.marks import mark_recomputation
from monitor.snapshots.snapshot import Snapshot, take_snapshot
from sql.connect import connect
from sql.rows import Db
from tests.commands import TWO_LINES, Commands
from tests.postgres import Database
from tests.venue import KEY, SECRET, RunningVenue


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    with connect(database.worker_url, name="test") as opened:
        yield opened


def contents(db: Db) -> dict[str, list[Any]]:
    """Every row of every table."""
    names = [row["tablename"] for row in db.execute("select tablename from pg_tables where schemaname = 'monitor'")]
    assert len(names) > 10
    query = sql.SQL("select t::text as row from monitor.{} t order by 1")
    return {name: db.execute(query.format(sql.Identifier(name))).fetchall() for name in names}


def environment_account(command: Commands) -> None:
    command.setting("BINANCE_API_KEY", KEY)
    command.setting("BINANCE_API_SECRET", SECRET)


def test_a_dry_run_of_a_first_hour_stores_nothing_and_prints_everything(
    command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    environment_account(command)
    present_venue.do("deposit 1 ETH")
    before = contents(db)
    table, printed = command("run", "--dry-run"), command("run", "--dry-run", "--json")

    assert contents(db) == before
    assert (table.code, printed.code) == (0, 0)
    assert "(dry run: nothing is stored)" in table.out and "main: COMPLETE" in table.out and "ETHUSDT" in table.out
    told = json.loads(printed.out)
    assert told["stored"] is False and told["accounts"][0]["unit_price"] and told["accounts"][0]["read"]["flows"]


def test_a_dry_run_after_flows_a_ban_and_a_revoked_key_stores_nothing(
    command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    command("run")
    present_venue.do("deposit 1 ETH")
    before = contents(db)
    for status, body in ((418, '{"code": -1003, "msg": "no"}'), (401, '{"code": -2015, "msg": "no"}'), (500, "oops")):
        present_venue.fault("/sapi/v3/asset/getUserAsset", {"status": status, "body": body})
        command("run", "--dry-run")
        present_venue.clear_faults()
    command("run", "--dry-run")

    assert contents(db) == before


def test_a_dry_run_with_a_twin_tells_it_and_goes_on(command: Commands) -> None:
    command("account", "add", "first", stdin=TWO_LINES)
    environment_account(command)
    command.setting("BINANCE_LABEL", "twin")
    told = command("run", "--dry-run")

    assert told.code == 1 and "first: COMPLETE" in told.out and "tracked already as 'first'" in told.out


def test_a_run_after_a_dry_run_stores_the_hour(command: Commands, db: Db) -> None:
    environment_account(command)
    command("run", "--dry-run")
    assert command("run").code == 0

    rows = db.execute("select status from nav_history where account_id > 0").fetchall()
    assert rows == [{"status": "COMPLETE"}]


def test_due_tells_by_its_exit_code_whether_an_hour_is_missing(command: Commands) -> None:
    assert command("due").code == 3
    environment_account(command)
    hour = datetime.now(UTC).hour
    assert command("due").code == 0
    command("run")
    assert command("due").code == 3 or datetime.now(UTC).hour != hour


def test_a_run_is_due_while_figures_wait_to_be_computed_again(command: Commands, db: Db) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    hour = datetime.now(UTC).hour
    command("run")
    mark_recomputation(db, 0, datetime.now(UTC))
    assert (command("due").code, command("run").code) == (0, 0)
    assert command("due").code == 3 or datetime.now(UTC).hour != hour


@pytest.mark.parametrize(
    "words",
    [
        ("account", "check", "nobody"),
        ("account", "enable", "nobody"),
        ("backfill", "--from", "2026-01-01", "--account", "nobody"),
        ("backfill", "--from", "yesterday"),
        ("benchmark", "list", "--account", "nobody"),
        ("benchmark", "add", "half", "--account", "main", "--basket", "BTC=50"),
        ("explain", "--account", "nobody"),
        ("flow", "list", "--account", "nobody"),
        ("flow", "void", "7", "--note", "twice"),
        ("flow", "add", "--account", "main", "--in", "1", "BTC", "--at", "yesterday", "--note", "a gift"),
        ("last-hour", "nobody"),
        ("notify", "test"),
    ],
    ids=" ".join,
)
def test_what_can_not_be_done_as_asked_is_usage(words: tuple[str, ...], command: Commands) -> None:
    environment_account(command)
    told = command(*words)

    assert told.code == 2 and told.err and not told.out


def test_last_hour_is_told_as_json(command: Commands) -> None:
    environment_account(command)
    assert json.loads(command("last-hour", "main").out) is None
    command("run")
    last = datetime.fromisoformat(json.loads(command("last-hour", "main").out))

    assert (last.minute, last.utcoffset() is not None) == (0, True)


def test_without_accounts_a_run_says_how_to_add_one(command: Commands) -> None:
    told = command("run")

    assert told.code == 3 and "python -m monitor account add LABEL" in told.err


def test_a_run_beside_another_one_ends_at_once(command: Commands, db: Db, present_venue: RunningVenue) -> None:
    hold_run_lock(db)
    told = command("run")

    assert told.code == 75 and "Another run" in told.err and present_venue.requests() == []


def test_an_incomplete_hour_is_exit_code_one(command: Commands, present_venue: RunningVenue) -> None:
    environment_account(command)
    present_venue.fault("/fapi/v3/account", {"status": 500, "body": "oops"})

    assert command("run").code == 1


def test_faults_of_the_settings_are_exit_code_two(command: Commands) -> None:
    command.setting("CALL_TIMEOUT_SECONDS", "soon")
    command.setting("BENCHMARK", "BTC=1")
    told = command("run")

    assert told.code == 2 and "CALL_TIMEOUT_SECONDS: " in told.err and "BENCHMARK: " in told.err


def test_a_database_that_goes_away_is_told_in_one_line(
    command: Commands, database: Database, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment_account(command)

    async def cut(*arguments: Any) -> Snapshot:
        taken = await take_snapshot(*arguments)
        with server.admin() as admin:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database.name])
        return taken

    monkeypatch.setattr("monitor.snapshots.planning.take_snapshot", cut)
    told = command("run")

    assert told.code == 4 and told.err.startswith("The database went away") and told.err.count("\n") == 1


def test_an_interrupted_run_says_so(command: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("monitor.commands.run.load_accounts", interrupt)
    told = command("run")

    assert told.code == 4 and told.err.startswith("\nInterrupted")


def test_a_run_logs_no_secret(command: Commands, caplog: pytest.LogCaptureFixture) -> None:
    environment_account(command)
    with caplog.at_level(logging.DEBUG):
        command("run")

    assert KEY not in caplog.text and SECRET not in caplog.text and "signature" not in caplog.text
