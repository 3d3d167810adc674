"""The scheduler: says when, supervises, and knows nothing of finance.

At two minutes past every UTC hour it starts `python -m monitor run` as a process of its own with five minutes to live;
a little later it lets `python -m monitor notify stale` look whether anything was recorded, and beside that it keeps
`python -m dashboard` alive. It sleeps at most half a minute and looks at the wall clock again, so a suspended machine
runs late instead of skipping. A worker's or dashboard's death is logged and survived.
"""

import argparse
import ctypes
import fcntl
import logging
import math
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import schedule

from sql.environment import is_given_to, read_environment, refuse_contradictions
from sql.errors import SettingsFault

RUN_AT = ":02"  # of every UTC hour: a little later, the hour's first prices exist
RUN_LIMIT_SECONDS = 300
LOOK_AT = ":14"  # when every run has ended, whatever came of it
LONGEST_IDLE_SECONDS = 2 * 3600  # two programs an hour are planned: it is never longer, also when summer time ends
STOP_PATIENCE_SECONDS = 20
LONGEST_SLEEP_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 60.0
DATABASE_LOOK_SECONDS = 60.0
NEVER = math.inf
LIVED_SECONDS = 60.0  # a dashboard that lived so long starts again without waiting
OUTCOMES = {
    0: "complete",
    1: "incomplete",
    2: "settings at fault",
    3: "nothing to do",
    4: "failed",
    70: "an error of its own",
    75: "busy",
}
PR_SET_PDEATHSIG = 1
log = logging.getLogger("run_forever")
HERE = Path(__file__).parent


def main() -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        os.environ |= read_environment(HERE)
        refuse_contradictions(os.environ)
    except SettingsFault as fault:
        print(fault, file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # neither we nor what we start leave a key in a core dump
    data_dir = Path(os.environ.get("DATA_DIR") or "data")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "run_forever.lock").open("w", encoding="ascii")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.error("Another run_forever.py works with %s. Stop it first.", data_dir)
        return 75
    except OSError as error:
        log.error("DATA_DIR %s can't be used (%s). Let it be a directory of yours.", data_dir, error.strerror)
        return 2
    stopping = Stopping()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopping.ask)
    return supervise(stopping)


class Stopping:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self, number: int, _: FrameType | None) -> None:
        """Remember the signal; the loop ends at its next look."""
        log.info("Stopping (%s).", signal.Signals(number).name)
        self.asked = True


def supervise(stopping: Stopping) -> int:
    """Database up, hours run, dashboard alive, until asked to stop."""
    external = bool(os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))
    if not external and not ensure_database():
        look_for_missing_hours(stopping)
        return 4
    database = Database(is_external=external, looked_at=time.monotonic())
    dashboard = Dashboard(next_start_at=NEVER if os.environ.get("DASHBOARD") == "off" else 0.0)
    plan_hours(stopping)
    try:
        while not stopping.asked:
            step(database, dashboard, stopping)
            time.sleep(min(LONGEST_SLEEP_SECONDS, 1.0 if dashboard.is_waiting else LONGEST_SLEEP_SECONDS))
    finally:
        dashboard.stop()
        if not external:
            run_python("-m", "sql", "stop")
    return 0


def plan_hours(stopping: Stopping) -> schedule.Job:
    """Anchor the worker to the UTC hour, and let it run at once when the current hour is missing."""
    schedule.clear()
    if run_python("-m", "monitor", "due") == 0:
        run_worker(stopping)
    schedule.every().hour.at(LOOK_AT).do(look_for_missing_hours, stopping)
    return schedule.every().hour.at(RUN_AT).do(run_worker, stopping)


def step(database: "Database", dashboard: "Dashboard", stopping: Stopping) -> None:
    """One look at everything. Whatever goes wrong is logged and looked at again."""
    try:
        if (schedule.idle_seconds() or 0) > LONGEST_IDLE_SECONDS:
            log.warning("The clock was set back: the hours are planned anew.")
            plan_hours(stopping)
        schedule.run_pending()
        database.keep_alive(time.monotonic())
        dashboard.keep_alive(time.monotonic())
    except Exception:
        log.exception("A step failed; the next one comes.")


def ensure_database() -> bool:
    """Start the embedded server and bring its schema up to date."""
    return run_python("-m", "sql", "start") == 0 and run_python("-m", "sql", "migrate") == 0


def run_worker(stopping: Stopping, limit_seconds: float = RUN_LIMIT_SECONDS) -> int:
    """One hourly run; returns its exit code. A run that outlives the limit is ended, first gently."""
    began = datetime.now(UTC)
    code = run_python("-m", "monitor", "run", limit_seconds=limit_seconds, should_end=lambda: stopping.asked)
    log.info("Run of %s: %s.", f"{began:%Y-%m-%d %H:%M} UTC", OUTCOMES.get(code, f"ended with code {code}"))
    return code


def look_for_missing_hours(stopping: Stopping) -> int:
    """Let the owner be told if nothing is recorded, independently of the worker; returns the look's exit code."""
    return run_python("-m", "monitor", "notify", "stale", should_end=lambda: stopping.asked)


def run_python(*arguments: str, limit_seconds: float = RUN_LIMIT_SECONDS, should_end: Callable[[], bool] = bool) -> int:
    """Run a program of ours in its own process group; its last line goes to the log if it fails."""
    child = start_python(*arguments)
    deadline = time.monotonic() + limit_seconds
    while child.poll() is None and time.monotonic() < deadline and not should_end():
        time.sleep(0.1)
    if child.poll() is None:
        log.error("%s is ended after %.0f s.", " ".join(arguments), limit_seconds)
        end(child)
    return child.returncode


def start_python(*arguments: str, stdout: int | None = None) -> subprocess.Popen[bytes]:
    """A program of ours, which ends when we do."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=HERE,
        env=environment_of(arguments[1]),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - one thread here
    )


def environment_of(program: str) -> dict[str, str]:
    """Our environment without the settings of other programs: none sees another one's secrets."""
    ours = {name: value for name, value in os.environ.items() if is_given_to(program, name)}
    return ours | {"DATA_DIR": str(Path(os.environ.get("DATA_DIR") or "data").resolve())}


def die_with_parent() -> None:
    """Let Linux end this child when its parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(child: subprocess.Popen[bytes]) -> None:
    """Terminate a process group, and kill it when it does not listen."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        os.killpg(child.pid, number)
        try:
            child.wait(STOP_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("Process %d does not end.", child.pid)


@dataclass(slots=True)
class Database:
    """The embedded server, looked at once a minute and started again when it has died."""

    is_external: bool
    looked_at: float  # monotonic

    def keep_alive(self, now: float) -> None:
        """Start it if it does not run; one that runs is left alone."""
        if not self.is_external and now - self.looked_at >= DATABASE_LOOK_SECONDS:
            self.looked_at = now
            start_python("-m", "sql", "start", stdout=subprocess.DEVNULL).wait(RUN_LIMIT_SECONDS)


@dataclass(slots=True)
class Dashboard:
    """The dashboard's process, started again when it dies: after 1, 2, 4 ... 60 s if it dies at once."""

    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    backoff_seconds: float = 1.0
    next_start_at: float = 0.0

    @property
    def has_died(self) -> bool:
        """Whether it ran and is gone."""
        return self.child is not None and self.child.poll() is not None

    @property
    def is_waiting(self) -> bool:
        """Whether it is to be started soon."""
        return self.child is None and self.next_start_at < NEVER

    def keep_alive(self, now: float) -> None:
        """Start it if it does not run and its time has come; `now` is monotonic."""
        if self.has_died and self.child:
            lived = now - self.started_at >= LIVED_SECONDS
            self.backoff_seconds = 1.0 if lived else min(2 * self.backoff_seconds, LONGEST_BACKOFF_SECONDS)
            self.next_start_at = now + self.backoff_seconds
            log.warning("Dashboard ended (%s); again in %.0f s.", self.child.returncode, self.backoff_seconds)
            self.child = None
        if self.child is None and now >= self.next_start_at:
            self.child, self.started_at = start_python("-m", "dashboard"), now

    def stop(self) -> None:
        """End it for good."""
        if self.child and self.child.poll() is None:
            end(self.child)


if __name__ == "__main__":
    sys.exit(main())
