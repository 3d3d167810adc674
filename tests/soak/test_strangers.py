"""A dashboard under strangers: whatever they do, its owner is answered within two seconds and its memory is bounded.

Each attack for itself, then all at once, and a frozen database under each of both. About two minutes.
"""

import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from sql import embedded
from sql.connect import connect
from sql.embedded.place import find_place
from sql.migrate import migrate
from tests.dashboard.history_rows import fill
from tests.dashboard.site import LONG, NOW
from tests.soak.strangers import ATTACKS, attack

HERE = Path(__file__).parents[2]
ALONE, TOGETHER, FROZEN = 8, 25, 8  # seconds
LONGEST_ANSWER = 2.0  # seconds
MOST_MEMORY = 250  # MiB
PAGES = ("/", "/performance", "/holdings", "/charts/light/values.svg")
PROCESSES = multiprocessing.get_context("spawn")


@dataclass
class Owner:
    """Asks for pages and for health, on a connection that stays open and on new ones, and times every answer."""

    port: int
    open: HTTPConnection | None = None
    times: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def ask(self, path: str, is_new: bool) -> None:
        """One question; a connection that was closed while it was idle is opened again, as browsers do."""
        began = time.monotonic()
        link = self._connect() if is_new or not self.open else self.open
        try:
            status = get(link, path)
        except (HTTPException, OSError):
            link = self._connect()
            status = get(link, path)
        if is_new:
            link.close()
        else:
            self.open = link
        name = "health" if path == "/health" else "pages"
        self.times.setdefault(name, []).append(time.monotonic() - began)
        self.statuses.setdefault(name, set()).add(status)

    def live(self, seconds: float) -> None:
        """Ask for so long."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for path in (*PAGES, "/health"):
                self.ask(path, is_new=True)
                self.ask(path, is_new=False)
            time.sleep(0.05)

    def _connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=20)


def get(link: HTTPConnection, path: str) -> int:
    """The status that a path is answered with."""
    link.request("GET", path)
    answer = link.getresponse()
    answer.read()
    return answer.status


@dataclass(frozen=True)
class Line:
    """What one phase gave."""

    what: str
    pages: float
    health: float
    answers: int
    memory: float

    def __str__(self) -> str:
        return f"{self.what:40} {self.answers:7} {self.pages:11.2f} {self.health:11.2f} {self.memory:11.0f}"


@dataclass
class Stage:
    """A running dashboard over a hundred days, and the server of its database."""

    port: int
    child: "subprocess.Popen[bytes]"
    data_dir: Path

    def watch(self, what: str, seconds: float, allowed: set[int]) -> Line:
        """What the owner sees for a while."""
        Path(f"/proc/{self.child.pid}/clear_refs").write_text("5")  # the largest so far is forgotten
        owner = Owner(self.port)
        owner.live(seconds)
        assert owner.statuses["pages"] <= allowed, (what, owner.statuses)
        line = Line(
            what=what,
            pages=max(owner.times["pages"]),
            health=max(owner.times["health"]),
            answers=sum(map(len, owner.times.values())),
            memory=self.measure(),
        )
        print(line, flush=True)
        return line

    def measure(self) -> float:
        """The dashboard's largest resident memory since it was last forgotten, in MiB."""
        lines = Path(f"/proc/{self.child.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1_024

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All processes of the database's server stopped."""
        first = int((find_place(self.data_dir).cluster / "postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGSTOP)
        others = find_children(first)
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in (*others, first):
                os.kill(pid, signal.SIGCONT)

    def await_pages(self) -> float:
        """Seconds until pages are shown again."""
        began = time.monotonic()
        while get(HTTPConnection("127.0.0.1", self.port, timeout=20), "/") != 200:
            assert time.monotonic() - began < 20
            time.sleep(0.1)
        return time.monotonic() - began


def find_children(parent: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(parts[1]) == parent:
            found.append(int(path.parent.name))
    return found


@contextmanager
def attacked(port: int, *names: str) -> Iterator[None]:
    """The attacks under way."""
    stop = PROCESSES.Event()
    strangers = [PROCESSES.Process(target=attack, args=(name, port, stop)) for name in names]
    for stranger in strangers:
        stranger.start()
    time.sleep(2)  # until all are at it
    try:
        yield
    finally:
        stop.set()
        for stranger in strangers:
            stranger.join(15)
            stranger.kill()
        assert [stranger.exitcode for stranger in strangers] == [0] * len(names)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A dashboard in a process of its own."""
    folder = Path(tempfile.mkdtemp(prefix="pm-"))
    folder.chmod(0o755)
    embedded.start(folder)
    with connect(embedded.url(folder, "owner"), name="soak") as owner:
        migrate(owner)
        fill(owner, hours=LONG, until=NOW.replace(minute=0))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {"DASHBOARD_PORT": str(port), "DATA_DIR": str(folder)}
    child = subprocess.Popen([sys.executable, "-m", "dashboard"], cwd=HERE, env=os.environ | told)
    try:
        yield Stage(port=port, child=child, data_dir=folder)
    finally:
        child.terminate()
        child.wait(20)
        embedded.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.soak
def test_whatever_strangers_do_the_owner_is_answered(stage: Stage) -> None:
    await_start(stage)
    print(f"\n{'':40} {'answers':>7} {'worst page':>11} {'worst health':>11} {'peak MiB':>11}")
    lines = [stage.watch("nobody else", 3, {200})]
    for name in ATTACKS:
        with attacked(stage.port, name):
            lines.append(stage.watch(name, ALONE, {200}))
    with stage.frozen():
        lines.append(stage.watch("a frozen database", FROZEN, {503}))
    stage.await_pages()
    with attacked(stage.port, *ATTACKS):
        lines.append(stage.watch("all at once", TOGETHER, {200}))
        with stage.frozen():
            lines.append(stage.watch("all at once, with a frozen database", FROZEN, {503}))
        back = stage.await_pages()
        lines.append(stage.watch("all at once, and it is back", ALONE, {200}))
    print(f"pages came back {back:.1f} s after the database")

    assert [str(line) for line in lines if max(line.pages, line.health) > LONGEST_ANSWER] == []
    assert [str(line) for line in lines if line.memory > MOST_MEMORY] == []
    assert stage.child.poll() is None


def await_start(stage: Stage) -> None:
    """Wait for the first pages, which are made once."""
    owner, deadline = Owner(stage.port), time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            for path in PAGES:
                owner.ask(path, is_new=True)
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the dashboard does not start")
