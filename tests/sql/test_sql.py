"""The database: roles, the embedded server's bad days, backups."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sql import embedded
from sql.backup import back_up, restore
from sql.connect import connect
from sql.embedded.place import find_place
from sql.errors import ClusterError, DatabaseAway
from tests.postgres import Database

HERE = Path(__file__).parents[2]
START = "import sys; from pathlib import Path; from sql import embedded; embedded.start(Path(sys.argv[1]))"


@pytest.mark.parametrize(
    "statement",
    [
        "select * from monitor.api_credentials",
        "select * from monitor.nav_history",
        "insert into monitor.accounts (label, exchange, created_at) values ('x', 'y', now())",
        "set default_transaction_read_only = off; create table reading.mine (a int)",
        "select pg_read_file('/etc/passwd')",
    ],
)
def test_the_dashboards_role_can_do_nothing_but_read_views(database: Database, statement: str) -> None:
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as db:
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            db.execute(statement)


def test_no_view_of_the_dashboard_has_a_column_of_secrets(database: Database) -> None:
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as db:
        columns = db.execute(
            "select table_schema, column_name from information_schema.columns where table_schema in ('monitor', 'reading')"
        ).fetchall()

    assert columns and {c["table_schema"] for c in columns} == {"reading"}
    assert not [c for c in columns if any(w in c["column_name"] for w in ("secret", "sealed", "token", "hash"))]


@pytest.mark.parametrize("table", ["snapshots", "holdings", "price_history", "processed_transactions", "system_logs"])
@pytest.mark.parametrize("statement", ["delete from {}", "update {} set {} = {}"])
def test_the_worker_cannot_change_what_was_observed(database: Database, table: str, statement: str) -> None:
    with connect(database.worker_url, name="test") as db:
        column = db.execute(f"select * from {table} limit 0").description[1].name  # type: ignore[index]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement.format(table, column, column))


def test_not_a_number_is_no_amount(database: Database) -> None:
    with connect(database.owner_url, name="test") as db, pytest.raises(psycopg.errors.CheckViolation):
        db.execute("select 'NaN'::monitor.amount")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A place that the server's user may enter; pytest closes its own directories to others."""
    folder = Path(tempfile.mkdtemp(prefix="pm-"))
    folder.chmod(0o755)
    yield folder / "data"
    embedded.stop(folder / "data")
    shutil.rmtree(folder)


def postmaster(data_dir: Path) -> int:
    return int((find_place(data_dir).cluster / "postmaster.pid").read_text().split()[0])


@pytest.mark.parametrize("seconds", [0.05, 0.25, 0.5, 0.8])
def test_a_kill_during_the_first_start_does_not_harm_the_next(data_dir: Path, seconds: float) -> None:
    child = subprocess.Popen([sys.executable, "-c", START, str(data_dir)], cwd=HERE, start_new_session=True)
    time.sleep(seconds)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()

    embedded.start(data_dir)
    assert embedded.is_running(data_dir)
    embedded.stop(data_dir)


@pytest.mark.parametrize("content", ["", "1\n", "1\n/elsewhere\n", "999999999\n", "nonsense"])
def test_a_stale_pid_file_is_no_obstacle(data_dir: Path, content: str) -> None:
    embedded.start(data_dir)
    embedded.stop(data_dir)
    pid_file = find_place(data_dir).cluster / "postmaster.pid"
    pid_file.write_text(content)
    pid_file.chmod(0o644)

    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        assert db.execute("select 1 as one").fetchone() == {"one": 1}
    embedded.stop(data_dir)


def test_a_killed_server_comes_back_with_what_was_committed(data_dir: Path) -> None:
    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        db.execute("create table public.kept as select 42 as number")
    os.kill(postmaster(data_dir), signal.SIGKILL)

    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        assert db.execute("select * from public.kept").fetchone() == {"number": 42}
    embedded.stop(data_dir)


def test_the_children_of_a_killed_server_are_waited_for(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.start(data_dir)
    pid = postmaster(data_dir)
    orphan = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    os.kill(orphan, signal.SIGSTOP)
    os.kill(pid, signal.SIGKILL)

    with monkeypatch.context() as hurry:
        hurry.setattr("sql.embedded.server.ORPHANS_PATIENCE_SECONDS", 0.2)
        with pytest.raises(ClusterError, match="pre-existing shared memory block"):
            embedded.start(data_dir)
    os.kill(orphan, signal.SIGCONT)
    assert embedded.start(data_dir)


def test_a_failed_start_quotes_what_the_server_said(data_dir: Path) -> None:
    embedded.start(data_dir)
    embedded.stop(data_dir)
    with (find_place(data_dir).cluster / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = plenty\n")
    with pytest.raises(ClusterError, match=r"It said: .*contains errors"):
        embedded.start(data_dir)


def test_two_starts_at_once_are_one_server(data_dir: Path) -> None:
    children = [subprocess.Popen([sys.executable, "-c", START, str(data_dir)], cwd=HERE) for _ in range(2)]
    assert [child.wait(60) for child in children] == [0, 0]
    embedded.stop(data_dir)
    assert not embedded.is_running(data_dir)


def test_a_project_in_a_closed_directory_works_as_well(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    embedded.start(closed / "data")
    assert embedded.is_running(closed / "data")
    assert closed.stat().st_mode & 0o777 == 0o700
    embedded.stop(closed / "data")


def test_another_major_version_is_refused_with_the_way_out(data_dir: Path) -> None:
    embedded.start(data_dir)
    embedded.stop(data_dir)
    (find_place(data_dir).cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(ClusterError, match="python -m sql backup"):
        embedded.start(data_dir)


@pytest.mark.parametrize(
    "url", ["postgresql://u:s3cretpw@127.0.0.1:1/x", "host=127.0.0.1 port=1 password=s3cretpw", "u:s3cretpw"]
)
def test_a_server_that_is_away_is_named_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseAway) as caught:
        connect(url, name="test", patience_seconds=0.3)
    assert "s3cretpw" not in str(caught.value)


def test_a_backup_restores_to_the_same_rows(database: Database, tmp_path: Path) -> None:
    with connect(database.owner_url, name="test") as db:
        db.execute("insert into monitor.accounts (label, exchange, created_at) values ('kept', 'binance', now())")
    back_up(database.owner_url, tmp_path / "backup")
    with connect(database.owner_url, name="test") as db:
        before = db.execute("select * from monitor.accounts order by id").fetchall()
        db.execute("delete from monitor.accounts where label = 'kept'")

    with pytest.raises(ClusterError, match="--replace"):
        restore(database.owner_url, tmp_path / "backup")
    restore(database.owner_url, tmp_path / "backup", replace=True)

    with connect(database.owner_url, name="test") as db:
        assert db.execute("select * from monitor.accounts order by id").fetchall() == before
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
