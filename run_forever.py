"""The scheduler: says when, supervises, and knows nothing of finance.

At RUN_AT_MINUTE of every UTC hour it starts `python -m monitor run` as a process of its own, with RUN_LIMIT_SECONDS to
live. Beside that it keeps `python -m dashboard` and the embedded database alive. It never waits for one of them, looks
at the wall clock every second (a suspended machine runs late instead of skipping), and survives whatever they do.
"""

import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import schedule
from dotenv import dotenv_values

HERE = Path(__file__).resolve().parent
COMPLETE, INCOMPLETE, USAGE, NOTHING, FAILED, BUSY = 0, 1, 2, 3, 4, 75
OUTCOMES = {0: "complete", 1: "incomplete", 2: "settings at fault", 3: "no account yet", 4: "failed", 75: "busy"}
TRY_AGAIN_SECONDS = 300.0  # after a run that left the hour without a row
LOOK_SECONDS = 1.0
DATABASE_LOOK_SECONDS = 15.0
STOP_PATIENCE_SECONDS = 20.0
LONGEST_BACKOFF_SECONDS = 60.0
LIVED_SECONDS = 60.0  # a dashboard that lived so long starts again as if for the first time
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
NEVER = float("inf")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
log = logging.getLogger("run_forever")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the scheduler can be told."""

    data_dir: Path
    database_is_ours: bool
    run_at_minute: int
    run_limit_seconds: int


def read_plan(environment: Mapping[str, str | None]) -> Plan:
    """The plan in `environment`. Raises ValueError that lists every fault with its variable."""
    told = {name: (value or "").strip() for name, value in environment.items()}
    faults: list[str] = []

    def read(name: str, default: int, allowed: range) -> int:
        text = told.get(name) or str(default)
        if text.isascii() and text.isdigit() and int(text) in allowed:
            return int(text)
        faults.append(f"  {name}: '{text}' is not a whole number from {allowed[0]} to {allowed[-1]}")
        return default

    plan = Plan(
        data_dir=(HERE / (told.get("DATA_DIR") or "data")).resolve(),
        database_is_ours=not (told.get("DATABASE_URL") or told.get("DATABASE_URL_FILE")),
        run_at_minute=read("RUN_AT_MINUTE", 2, range(60)),
        run_limit_seconds=read("RUN_LIMIT_SECONDS", 300, range(10, 3001)),
    )
    if faults:
        raise ValueError("\n".join(["The settings have faults:", *faults]))
    return plan


@dataclass(slots=True)
class Worker:
    """The hourly run: at most one process at a time, which ends in time or is ended. Times are monotonic seconds."""

    limit_seconds: float
    child: subprocess.Popen[bytes] | None = None
    ends_at: float = NEVER
    again_at: float = NEVER

    def begin(self, now: float) -> None:
        """Start a run; if one is under way, right after it."""
        if self.child:
            self.again_at = now
            return
        self.child, self.ends_at, self.again_at = start_python("-m", "monitor", "run"), now + self.limit_seconds, NEVER

    def look(self, now: float) -> None:
        """End a run whose time is over, tell how it ended, and try again if the hour is still without a row."""
        if self.child and self.child.poll() is None and now >= self.ends_at:
            log.error("The run is ended after %.0f s.", self.limit_seconds)
            end(self.child)
        if self.child and self.child.poll() is not None:
            code, self.child = self.child.returncode, None
            log.info("Run: %s.", OUTCOMES.get(code, f"ended with code {code}"))
            if code not in (COMPLETE, INCOMPLETE):
                self.again_at = min(self.again_at, now + TRY_AGAIN_SECONDS)
        if not self.child and now >= self.again_at:
            self.begin(now)


@dataclass(slots=True)
class Dashboard:
    """The dashboard's process, started again when it dies: 1, 2, 4 ... 60 s later if it keeps dying at once."""

    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    backoff_seconds: float = 1.0
    next_start_at: float = 0.0

    def look(self, now: float) -> None:
        """Start it if it does not run and its time has come; `now` is monotonic."""
        if self.child and self.child.poll() is not None:
            self.backoff_seconds = 1.0 if now - self.started_at >= LIVED_SECONDS else self.backoff_seconds
            log.warning("Dashboard ended (%s); again in %.0f s.", self.child.returncode, self.backoff_seconds)
            self.next_start_at = now + self.backoff_seconds
            self.backoff_seconds = min(2 * self.backoff_seconds, LONGEST_BACKOFF_SECONDS)
            self.child = None
        if self.child is None and now >= self.next_start_at:
            self.child, self.started_at = start_python("-m", "dashboard"), now


@dataclass(slots=True)
class Supervisor:
    """Everything that is kept going."""

    plan: Plan
    worker: Worker
    dashboard: Dashboard = field(default_factory=Dashboard)
    database_look_at: float = 0.0

    def plan_hours(self) -> schedule.Job:
        """Anchor the run to the UTC hour."""
        schedule.clear()
        minute = f":{self.plan.run_at_minute:02d}"
        return schedule.every().hour.at(minute).do(lambda: self.worker.begin(time.monotonic()))

    def look(self, now: float) -> None:
        """One look at everything. Whatever goes wrong is logged and looked at again."""
        try:
            if self.plan.database_is_ours and now >= self.database_look_at:
                self.database_look_at = now + DATABASE_LOOK_SECONDS
                revive_database(self.plan.data_dir)
            if (schedule.idle_seconds() or 0) > 3600:
                self.plan_hours()  # the wall clock was set back
            schedule.run_pending()
            self.worker.look(now)
            self.dashboard.look(now)
        except Exception:
            log.exception("A look failed; the next one comes.")

    def stop(self) -> None:
        """End the children, then the database."""
        for child in (self.worker.child, self.dashboard.child):
            if child:
                end(child)
        if self.plan.database_is_ours:
            run_python("-m", "sql", "stop")


def main() -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    os.environ["TZ"] = "UTC"  # `schedule` counts local time, which skips and repeats hours elsewhere
    time.tzset()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s UTC %(levelname)s %(message)s")
    try:
        plan = read_plan(dotenv_values(HERE / ".env") | dict(os.environ))
    except ValueError as fault:
        log.error("%s", fault)
        return USAGE
    plan.data_dir.mkdir(parents=True, exist_ok=True)
    with (plan.data_dir / "run_forever.lock").open("w", encoding="ascii") as lock:
        if not is_alone(lock):
            log.error("Another run_forever.py works with %s. Stop it first.", plan.data_dir)
            return BUSY
        return supervise(Supervisor(plan, Worker(plan.run_limit_seconds)))


def is_alone(lock: TextIO) -> bool:
    """Take the lock of the only scheduler; whether nobody else holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def supervise(supervisor: Supervisor) -> int:
    """Database up, hours run, dashboard alive, until asked to stop; returns the exit code."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # they wait for the loop, so nothing is left half done
    try:
        if supervisor.plan.database_is_ours and (
            run_python("-m", "sql", "start") or run_python("-m", "sql", "migrate")
        ):
            return FAILED
        supervisor.dashboard.look(time.monotonic())
        supervisor.plan_hours()
        if run_python("-m", "monitor", "due") != NOTHING:
            supervisor.worker.begin(time.monotonic())
        while not (received := signal.sigtimedwait(STOP_SIGNALS, LOOK_SECONDS)):
            supervisor.look(time.monotonic())
        log.info("Stopping (%s).", signal.Signals(received.si_signo).name)
    finally:
        supervisor.stop()
    return COMPLETE


def revive_database(data_dir: Path) -> None:
    """Start the embedded server if its process is gone, by its own pid file: cheap enough for every few seconds."""
    pointer, home = data_dir / "postgres.location", data_dir / "postgres"
    try:
        home = Path(pointer.read_text(encoding="utf-8").strip()) if pointer.exists() else home
        pid = int((home / "cluster" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        runs = os.fsencode(home / "cluster") in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        runs = False
    if not runs:
        log.warning("The database is gone; starting it.")
        run_python("-m", "sql", "start")


def run_python(*arguments: str, limit_seconds: float = 300.0) -> int:
    """Run a program of ours to its end, or to the end of its time; returns its exit code."""
    child = start_python(*arguments)
    try:
        return child.wait(limit_seconds)
    except subprocess.TimeoutExpired:
        log.error("python %s is ended after %.0f s.", " ".join(arguments), limit_seconds)
        return end(child)


def start_python(*arguments: str) -> subprocess.Popen[bytes]:
    """A program of ours in a group of its own, which ends when we do."""
    own: dict[str, Any] = {"start_new_session": True, "preexec_fn": become_child}
    return subprocess.Popen([sys.executable, *arguments], cwd=HERE, stdin=subprocess.DEVNULL, **own)


def become_child() -> None:
    """Between fork and exec: hear signals again, and let Linux end this process when its parent is killed."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(child: subprocess.Popen[bytes]) -> int:
    """Terminate a process group, and kill it when it does not listen; returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            break
        os.killpg(child.pid, number)
        try:
            child.wait(STOP_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("Process %d does not end.", child.pid)
    return child.wait()


if __name__ == "__main__":
    sys.exit(main())
