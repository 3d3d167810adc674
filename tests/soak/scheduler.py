"""The real run_forever.py with everything it starts, under a clock that stands where the soak says."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).parents[2]
CLOCK = HERE / "tests/soak/clock"  # has the start-up hook
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 90.0  # a dashboard that dies again and again is started after up to a minute
STOP_SECONDS = 60.0
NOT_OURS = ("DATABASE_URL", "DASHBOARD_DATABASE_URL", "OWNER_DATABASE_URL", "NOTIFY_URLS", "DASHBOARD")
OTHERS = ("postgres", "tests.endtoend.killed")  # the database's server, and the worker of the hours without a scheduler


class Orphans(AssertionError):
    """Something of a killed scheduler lives on, or holds what the next one needs."""


class Clock:
    """The clock of programs that are started with its `environment`: it stands where it is set."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.environment = {"CLOCK_FILE": str(self.file), "PYTHONPATH": str(CLOCK)}

    def stand_at(self, moment: datetime) -> None:
        """Set it; never half-written."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(moment.isoformat(), encoding="ascii")
        fresh.replace(self.file)


class Scheduler:
    """run_forever.py as a process of its own: started, killed, stopped, and asked for its pages."""

    def __init__(self, data_dir: Path, clock: Clock, base_url: str) -> None:
        self._data_dir, self._clock = data_dir, clock
        self._log = data_dir.parent / "scheduler.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        ours = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        self._environment = ours | {
            **clock.environment,
            "BINANCE_BASE_URL": base_url,
            "CALL_TIMEOUT_SECONDS": "2",
            "DASHBOARD_PORT": str(self._port),
            "DATA_DIR": str(data_dir),
            "BACKFILL": "off",  # its hours are compared with what was really run
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "run_forever.py")],
                cwd=self._data_dir.parent,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """SIGKILL. Raises Orphans unless worker and dashboard end by themselves, and lock and port are free."""
        assert self._process
        self._process.kill()
        self._process.wait(STOP_SECONDS)
        self._process = None
        if not wait_until(lambda: not list(self._ours()), PATIENCE_SECONDS):
            raise Orphans(f"they live on: {[_words(pid) for pid in self._ours()]}")
        self._require_free()

    def stop(self) -> None:
        """End it as a user does; the database ends with it."""
        if not self._process:
            return
        self._process.terminate()
        code = self._process.wait(STOP_SECONDS)
        self._process = None
        if code != 0:
            raise Orphans(f"run_forever.py ended with {code}: {self.tell_log()}")
        self._require_free()

    def _require_free(self) -> None:
        with (self._data_dir / "run_forever.lock").open("r", encoding="ascii") as lock, socket.socket() as port:
            port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                port.bind(("127.0.0.1", self._port))
            except OSError as error:
                raise Orphans(f"lock or port are held: {error}") from None

    def find(self, *words: str) -> list[int]:
        """The processes whose command has these words one after another: `-m monitor`, `-m dashboard`."""
        return [pid for pid in self._ours() if " ".join(words) in _words(pid)]

    def kill_one(self, *words: str) -> bool:
        """SIGKILL a process that it started, if there is one; returns whether."""
        for pid in self.find(*words):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            return True
        return False

    def _ours(self) -> Iterator[int]:
        """Everything that runs by this clock but the scheduler itself and the database's server."""
        own = self._process.pid if self._process else 0
        named = os.fsencode(f"CLOCK_FILE={self._clock.file}")
        for place in Path("/proc").glob("[0-9]*"):
            try:
                is_ours = named in (place / "environ").read_bytes().split(b"\0")
            except OSError:  # it ended meanwhile, or is nobody's of ours
                continue
            words = _words(int(place.name))
            if is_ours and int(place.name) != own and not any(word in words for word in OTHERS):
                yield int(place.name)

    def read(self, path: str) -> bytes:
        """What the dashboard answers, once it does. Raises Orphans when it never does."""
        answers: list[bytes] = []

        def ask() -> bool:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=10) as answer:
                    answers.append(answer.read())
            except (urllib.error.URLError, OSError):
                return False
            return True

        if not wait_until(ask, PATIENCE_SECONDS):
            raise Orphans(f"the dashboard does not answer: {self.tell_log()}")
        return answers[0]

    def tell_log(self) -> str:
        """The end of what it said."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Look again and again until it is so, or the time is over; returns whether it is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(LOOK_SECONDS)
    return is_so()


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
