"""A Postgres of one's own: on another machine, with a network between that may break, and turned read-only by others."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from monitor.commands import run as worker_program
from sql import embedded
from sql.backup import back_up, restore
from sql.connect import connect
from sql.embedded.cluster import ensure_passwords
from sql.embedded.place import find_place
from sql.embedded.server import _run_pg_ctl
from sql.errors import ClusterError, DatabaseAway
from sql.locks import try_run_lock
from sql.migrate import migrate
from sql.roles import ROLES
from tests.commands import TWO_LINES, Commands
from tests.postgres import Database, Server


@pytest.fixture
def tcp_urls(data_dir: Path) -> dict[str, str]:
    """The roles' addresses at a server that listens on the loopback interface."""
    embedded.start(data_dir)
    embedded.stop(data_dir)
    place = find_place(data_dir)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (place.cluster / "pg_hba.conf").open("a", encoding="ascii") as rules:
        rules.write("host all all 127.0.0.1/32 scram-sha-256\n")
    listen = f"-c listen_addresses=127.0.0.1 -p {port} -k {place.socket_dir}"
    _run_pg_ctl(place, "start", "-w", "-l", str(place.log), "-o", listen)
    passwords = ensure_passwords(place)
    return {role: f"postgresql://{ROLES[role]}:{quote(passwords[role])}@127.0.0.1:{port}/portfolio" for role in ROLES}


UNITS = {"ms": 1, "s": 1_000, "min": 60_000, None: 1}


def show(url: str, *names: str) -> dict[str, int]:
    """Settings of a session at `url`, times in milliseconds."""
    with connect(url, name="test", read_only=True) as db:
        rows = db.execute("select name, setting, unit from pg_settings where name = any(%s)", [list(names)]).fetchall()
    return {row["name"]: int(row["setting"]) * UNITS[row["unit"]] for row in rows}


def test_a_client_that_vanished_is_noticed_within_half_a_minute(tcp_urls: dict[str, str]) -> None:
    probes = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
    for role, url in tcp_urls.items():
        shown = show(url, *probes, "tcp_user_timeout", "idle_session_timeout")
        idle, interval, count = (shown[name] for name in probes)

        assert 0 < idle + interval * count <= 30_000
        assert 0 < shown["tcp_user_timeout"] <= 30_000
        # A backup of years may take its time, and the paper exchange may have nothing to do for days.
        assert (shown["idle_session_timeout"] > 0) == (role in ("worker", "dashboard"))


def test_no_run_works_while_a_backup_is_restored(database: Database, tmp_path: Path) -> None:
    back_up(database.owner_url, tmp_path / "backup")
    with connect(database.worker_url, name="test") as run:
        assert try_run_lock(run)
        with pytest.raises(ClusterError, match="A run works with the database"):
            restore(database.owner_url, tmp_path / "backup", replace=True)
    restore(database.owner_url, tmp_path / "backup", replace=True)


def test_a_run_waits_for_no_restore_and_says_why(
    database: Database, command: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    back_up(database.owner_url, tmp_path / "backup")
    told = []
    monkeypatch.setattr("sql.backup.migrate", lambda db: (migrate(db), told.append(command("run"))))
    restore(database.owner_url, tmp_path / "backup", replace=True)

    assert [(one.code, "Another run" in one.err) for one in told] == [(75, True)]


Turn = Callable[[str], None]


@pytest.fixture
def turn_read_only(server: Server) -> Iterator[Turn]:
    """Lets a provider lock the whole server, sessions that are open included; it is unlocked at the end."""

    def turn(state: str) -> None:
        with server.admin() as admin:
            admin.execute("set default_transaction_read_only = off")
            admin.execute(f"alter system set default_transaction_read_only = {state}")
            admin.execute("select pg_reload_conf()")

    yield turn
    turn("off")


def test_a_database_that_is_read_only_is_said_to_be_so(
    database: Database, command: Commands, turn_read_only: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    turn_read_only("on")
    with pytest.raises(DatabaseAway, match="The database is read-only: nothing can be recorded"):
        connect(database.worker_url, name="test", patience_seconds=0)
    turn_read_only("off")

    run_once = worker_program._run_once

    async def turned(*arguments: object) -> object:
        turn_read_only("on")
        return await run_once(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_program, "_run_once", turned)
    told = command("run")
    assert (told.code, told.err.startswith("The database is read-only: nothing can be recorded")) == (4, True)

    turn_read_only("off")
    monkeypatch.setattr(worker_program, "_run_once", run_once)
    assert command("run").code == 0
