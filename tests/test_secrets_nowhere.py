"""Canaries: keys, secrets, the master key and database passwords turn up nowhere, whatever goes wrong.

The programs run as processes, on a real Postgres and a paper exchange over HTTP, in good and in bad hours. Then
everything they left is searched: output, log table, dump, server log, pages, process list, files.
"""

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

import dashboard.settings
import monitor.settings
from sql.connect import connect
from sql.embedded.place import wheel_binaries
from tests.postgres import Database, Server
from tests.venue import KEY, SECRET, RunningVenue

HERE = Path(__file__).parents[1]
WRONG_SECRET = "canary-of-a-secret-that-is-wrong-0987654321"
MASTER = base64.b64encode(b"canary-of-the-32-byte-master-key").decode()
URL_PASSWORD = "canary-of-a-database-password"
SPOT, FUNDING, EARN = "/sapi/v3/asset/getUserAsset", "/sapi/v1/asset/get-funding-asset", "/sapi/v1/simple-earn/*"
ECHO = f"Illegal characters found in a parameter: {KEY} {SECRET} signature=0123"
MOST_PAGES = 60


class Search:
    """Everything that was left, and what was found in it."""

    def __init__(self, canaries: dict[str, str]) -> None:
        self._forms = {
            name: {form for form in _forms(value.encode()) if form} for name, value in canaries.items() if value
        }
        self.found: list[str] = []
        self.searched = 0

    def look(self, place: str, left: bytes | str) -> None:
        """Search what was left at `place`."""
        left = left.encode() if isinstance(left, str) else left
        self.searched += len(left)
        self.found += [f"{name} in {place}" for name, forms in self._forms.items() if any(f in left for f in forms)]

    def look_at_processes(self) -> None:
        """Search the command lines of everything that runs here."""
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.look("the process list", file.read_bytes())
            except OSError:
                continue  # it has ended


def _forms(value: bytes) -> set[bytes]:
    return {value, value.hex().encode(), base64.b64encode(value), quote(value, safe="").encode()}


@pytest.fixture
def search(database: Database, tmp_path: Path) -> Search:
    """A search for everything that must be seen nowhere; the master key is in its file."""
    (tmp_path / "master.key").write_text(MASTER)
    (tmp_path / "master.key").chmod(0o600)
    passwords = {
        f"the password of {role}": str(conninfo_to_dict(url)["password"])
        for role, url in (("worker", database.worker_url), ("dashboard", database.dashboard_url))
    }
    return Search(
        {"the key": KEY, "the secret": SECRET, "the wrong secret": WRONG_SECRET, "the master key": MASTER}
        | {"the password of a URL": URL_PASSWORD, "a signature": "signature="}
        | passwords
    )


@pytest.fixture
def environment(database: Database, present_venue: RunningVenue, tmp_path: Path) -> dict[str, str]:
    """The environment of our programs."""
    return os.environ | {
        "DATABASE_URL": database.worker_url,
        "DASHBOARD_DATABASE_URL": database.dashboard_url,
        "DATA_DIR": str(tmp_path),
        "BINANCE_BASE_URL": present_venue.url,
        "CALL_TIMEOUT_SECONDS": "1",
        "PYTHONFAULTHANDLER": "1",
    }


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Our programs can be interrupted even if the tests are a shell's background job, whose children ignore that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def run(search: Search, environment: dict[str, str], *words: str, stdin: str = "") -> str:
    """What a program of ours says; it is searched."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=HERE, env=environment, input=stdin, text=True, capture_output=True
    )
    search.look(f"the output of {' '.join(words)}", done.stdout + done.stderr)
    return done.stdout + done.stderr


@pytest.mark.usefixtures("interruptible")
def test_secrets_are_nowhere(
    search: Search,
    environment: dict[str, str],
    present_venue: RunningVenue,
    database: Database,
    server: Server,
    tmp_path: Path,
) -> None:
    _do_everything_wrong(search, environment, present_venue)
    said = run(search, environment, "monitor", "run", "--json")
    _show_pages(search, environment)
    search.look("the dump", _dump(database))
    search.look("repr of the settings", repr(monitor.settings.read_settings(environment | {"MASTER_KEY": MASTER})))
    search.look("repr of the dashboard's settings", repr(dashboard.settings.read_settings(environment)))
    for file in (server.data_dir / "postgres").glob("*.log*"):
        search.look("the server's log", file.read_bytes())

    assert '"status": "COMPLETE"' in said
    assert search.found == []
    assert search.searched > 100_000
    assert os.listdir(tmp_path) == ["master.key"]


def _do_everything_wrong(search: Search, environment: dict[str, str], venue: RunningVenue) -> None:
    add = ("monitor", "account", "add", "main")
    url = f"postgresql://portfolio_worker:{URL_PASSWORD}@[::1/portfolio"
    assert "can't be read" in run(search, environment | {"DATABASE_URL": url}, "monitor", "run")
    assert "-1022" in run(search, environment, *add, stdin=f"{KEY}\n{WRONG_SECRET}\n")
    assert "is tracked" in run(search, environment, *add, stdin=f"{KEY}\n{SECRET}\n")
    for path, fault in (
        (SPOT, {"status": 400, "body": f'{{"code": -1100, "msg": "{ECHO}"}}', "headers": {"X-Echo": KEY}}),
        (FUNDING, {"status": 200, "body": f"<html>{ECHO}</html>"}),
        (EARN, {"kind": "garbage"}),
        ("/fapi/*", {"kind": "hang"}),
    ):
        venue.fault(path, fault)
    assert "PARTIAL" in run(search, environment, "monitor", "run")
    venue.clear_faults()
    venue.do("revoke")
    assert "-2015" in run(search, environment, "monitor", "run")
    venue.do("restore")
    _interrupt(search, environment, venue)


BEGUN = "select id from runs where finished_at is null"


def _interrupt(search: Search, environment: dict[str, str], venue: RunningVenue) -> None:
    """End a run with Ctrl-C while the exchange lets it wait; meanwhile look at the process list."""
    venue.fault("*", {"kind": "hang"})
    waiting = environment | {"CALL_TIMEOUT_SECONDS": "60"}
    with _running(waiting, "monitor", "run") as child, connect(environment["DATABASE_URL"], name="test") as db:
        while child.poll() is None and not db.execute(BEGUN).fetchall():  # a request that hangs is in no log yet
            time.sleep(0.05)
        search.look_at_processes()
        child.send_signal(signal.SIGINT)
        said = child.communicate()[0]
    venue.clear_faults()
    search.look("the output of an interrupted run", said)
    assert b"Interrupted" in said


@contextmanager
def _running(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def _show_pages(search: Search, environment: dict[str, str]) -> None:
    """Serve the dashboard and follow its links."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    site = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    with _running(environment | {"DASHBOARD_PORT": str(port)}, "dashboard") as child, site:
        _await(site, child)
        search.look_at_processes()
        todo, seen = ["/", "/health", "/nothing"], set[str]()
        while todo and len(seen) < MOST_PAGES:
            path = todo.pop(0)
            answer = site.get(path)
            seen.add(path)
            search.look(f"the page {path}", repr(answer.headers) + answer.text)
            links = re.findall(r'(?:href|src|srcset)="(/[^"#]*)"', answer.text)
            todo += sorted({link.replace("&amp;", "&") for link in links} - seen - set(todo))
        child.terminate()
        search.look("the dashboard's output", child.communicate()[0])
    assert len(seen) > 5


def _await(site: httpx.Client, child: subprocess.Popen[bytes]) -> None:
    while child.poll() is None:
        try:
            site.get("/health")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(child.communicate()[0].decode())


def _dump(database: Database) -> bytes:
    target = conninfo_to_dict(database.owner_url)
    names = {"PGHOST": "host", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    dumping = subprocess.run(
        [str(wheel_binaries() / "pg_dump"), "--format=plain"],
        env={name: str(target[key]) for name, key in names.items()},
        capture_output=True,
        check=True,
    )
    assert b"COPY monitor.api_credentials" in dumping.stdout
    return dumping.stdout
