"""Our programs, started together by one that a person started: their data, their logs, and their end with it."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent.parent
PATIENCE = "60"  # seconds for a call, on a machine that does everything at once
EXCHANGES = ("BINANCE", "BITGET", "GATE", "MEXC")
NOT_OURS = ("MASTER_KEY", "NOTIFY_URLS", "DATABASE_URL", "OWNER_DATABASE_URL", "DASHBOARD_DATABASE_URL",
            "PAPER_DATABASE_URL", "PAPER_READER_DATABASE_URL", "PAPER_MASTER_KEY")  # fmt: skip


class Programs:
    """Programs whose data and logs lie in data/NAME, started by `make NAME`."""

    def __init__(self, name: str) -> None:
        self.name, self.data = name, HERE / "data" / name
        self._children: list[subprocess.Popen[str]] = []

    def live(self, act: Callable[[], int]) -> int:
        """Do it, once at a time, and stop everything at its end or when we are stopped; returns the exit code."""
        self.data.mkdir(parents=True, exist_ok=True)
        lock = (self.data / f"{self.name}.lock").open("w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"`make {self.name}` runs already; Ctrl-C ends it where it was started.", file=sys.stderr)
            return 75
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        try:
            return act()
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)  # the end is on its way
            for child in reversed(self._children):
                end(child)
            self.run("-m", "sql", "stop", quiet=True)
            print(f"Everything is stopped. `make {self.name}` goes on from here.")

    def leave_real_accounts_alone(self) -> None:
        """Let our programs see no key, database or target of the owner's `.env` and environment, but this data."""
        keys = [f"{name}_API_{part}" for name in EXCHANGES for part in ("KEY", "SECRET", "PASSPHRASE")]
        for name in (*NOT_OURS, *keys):
            os.environ |= {name: "", f"{name}_FILE": ""}
        os.environ.setdefault("CALL_TIMEOUT_SECONDS", PATIENCE)
        os.environ |= {"DATA_DIR": str(self.data), "BACKFILL": "off", **{f"{name}_BASE_URL": "" for name in EXCHANGES}}

    def open_database(self) -> bool:
        """Whether the embedded database runs and is up to date now."""
        print("database: starting the embedded Postgres", flush=True)
        return not (self.run("-m", "sql", "start", quiet=True) or self.run("-m", "sql", "migrate", quiet=True))

    def start(self, *arguments: str, read: bool = False) -> subprocess.Popen[str]:
        """One of our programs in the background, until the end; its log goes to data/NAME/NAME.log."""
        log = (self.data / f"{self.name}.log").open("a", encoding="utf-8")
        output = subprocess.PIPE if read else log
        child = subprocess.Popen(
            [sys.executable, *arguments], cwd=HERE, text=True, stdout=output, stderr=log, start_new_session=True
        )
        self._children.append(child)
        return child

    def run(self, *arguments: str, quiet: bool = False, typed: str = "") -> int:
        """Run one of our programs to its end, or to ours; returns its exit code."""
        return _finish(arguments, subprocess.DEVNULL if quiet else None, typed)[0]

    def read(self, *arguments: str) -> str:
        """What one of our programs prints."""
        return _finish(arguments, subprocess.PIPE, "")[1]

    def add_account(self, label: str, exchange: str, key: str) -> bool:
        """Have the monitor watch an account, if it does not yet; whether it does now."""
        listed = self.read("-m", "monitor", "account", "list").splitlines()
        if label in {line.split()[0] for line in listed if line[:1].strip()}:
            return True
        adding = ("-m", "monitor", "account", "add", label, "--exchange", exchange)
        # twice: the first questions find a paper exchange that is still telling a year
        return not (self.run(*adding, quiet=True, typed=key) and self.run(*adding, quiet=True, typed=key))

    def start_scheduler(self) -> tuple[str, subprocess.Popen[str]]:
        """Monitor and dashboard, hour by hour; returns the dashboard's address and the scheduler."""
        port = free_port(int(os.environ.get("DASHBOARD_PORT") or 8000))
        os.environ["DASHBOARD_PORT"] = str(port)
        return f"http://127.0.0.1:{port}", self.start("run_forever.py")

    def await_page(self, address: str, scheduler: subprocess.Popen[str]) -> bool:
        """Whether the dashboard answers, which may take a moment."""
        while scheduler.poll() is None:
            try:
                with urllib.request.urlopen(f"{address}/health", timeout=5):
                    return True
            except urllib.error.HTTPError:
                return True  # it answers; that no hour is fresh is for the page to say
            except OSError:
                time.sleep(0.2)
        print(f"The monitor ended at once; {self.data / self.name}.log says why.", file=sys.stderr)
        return False


def _stop(*_: object) -> NoReturn:
    """End as asked, and say so at once: database and programs take a moment."""
    print("Stopping.", flush=True)
    sys.exit(0)


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nobody uses."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise SystemExit(f"No free port from {wanted} on.")


def _finish(arguments: Sequence[str], output: int | None, typed: str) -> tuple[int, str]:
    """Exit code and words of a program in a session of its own, which no Ctrl-C reaches but through us."""
    child = subprocess.Popen([sys.executable, *arguments], cwd=HERE, text=True, stdin=subprocess.PIPE, stdout=output,
                             start_new_session=True)  # fmt: skip
    try:
        words = child.communicate(typed)[0]
    finally:
        end(child)
    return child.returncode, words or ""


def end(child: subprocess.Popen[str]) -> None:
    """Stop a program and what it has started, gently first."""
    if child.poll() is not None:
        return
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(25)
    except subprocess.TimeoutExpired:
        child.kill()
