"""The scheduler: says when, supervises, and knows nothing of finance.

At two minutes past every UTC hour it starts `python -m monitor run` as a process of its own with five minutes to live,
and asks every few minutes whether something was not read in this hour, which is then read again;
a little later it lets `python -m monitor notify stale` look whether anything was recorded. Between the hours it lets
`python -m monitor backfill --all` rebuild what was before the first one, and beside all that it keeps `python -m dashboard`
alive. It sleeps at most half a minute and looks at the wall clock again, so a suspended machine
runs late instead of skipping. A worker's or dashboard's death is logged and survived.
"""

import argparse
import fcntl
import logging
import os
import resource
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

import schedule

from backfill_child import Backfill
from children import LIMIT_SECONDS, await_end, run_python, start_python
from dashboard_child import NEVER, Dashboard
from sql.environment import read_environment, refuse_contradictions
from sql.errors import SettingsFault
from sql.settings import read_dashboard_address
from sql.version import add_version

RUN_MINUTE = 2  # of every UTC hour: a little later, the hour's first prices exist
RUN_AT = f":{RUN_MINUTE:02}"
LAST_SECONDS = 20  # of a run's time, for what it has to write after its alerts
DUE_SECONDS = 240.0  # between two looks whether something was not read in this hour
LOOK_AT = ":14"  # when every run has ended, whatever came of it
LONGEST_IDLE_SECONDS = 2 * 3600  # two programs an hour are planned: it is never longer, also when summer time ends
LONGEST_SLEEP_SECONDS = 5.0
DATABASE_LOOK_SECONDS = 60.0
MOST_ENDS = 50
RECORDED, BUSY = (0, 1, 3), 75
log = logging.getLogger("run_forever")
HERE = Path(__file__).parent


def main() -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_version(parser)
    parser.parse_args()
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
        self._end, self._signal = os.pipe()

    def ask(self, number: int, _: FrameType | None) -> None:
        """Remember the signal; whoever waits is woken."""
        log.info("Stopping (%s): the dashboard, then the database.", signal.Signals(number).name)
        self.asked = True
        os.write(self._signal, b".")

    def wait(self, seconds: float) -> None:
        """Sleep so long, or until somebody asks to stop."""
        select.select([self._end], [], [], seconds)


def supervise(stopping: Stopping) -> int:
    """Database up, hours run, dashboard alive, until asked to stop."""
    external = bool(os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))
    if not external and not ensure_database():
        look_for_missing_hours(stopping)
        return 4
    database = Database(is_external=external, looked_at=time.monotonic())
    dashboard = Dashboard(
        next_start_at=NEVER if os.environ.get("DASHBOARD") == "off" else 0.0,
        address=read_dashboard_address(os.environ),
    )
    worker = Worker(backfill=Backfill(is_on=os.environ.get("BACKFILL") != "off"))
    plan_hours(stopping, worker)
    try:
        while not stopping.asked:
            step(database, dashboard, worker, stopping)
            stopping.wait(1.0 if dashboard.is_waiting else LONGEST_SLEEP_SECONDS)
    finally:
        worker.backfill.stop()
        dashboard.stop()
        if not external:
            run_python("-m", "sql", "stop")
    return 0


def plan_hours(stopping: Stopping, worker: "Worker") -> schedule.Job:
    """Anchor the worker to the UTC hour, and let it run at once when something was not read in the current one."""
    schedule.clear()
    worker.run_if_due(stopping)
    schedule.every().hour.at(LOOK_AT).do(look_for_missing_hours, stopping)
    return schedule.every().hour.at(RUN_AT).do(worker.run, stopping)


def step(database: "Database", dashboard: "Dashboard", worker: "Worker", stopping: Stopping) -> None:
    """One look at everything. Whatever goes wrong is logged and looked at again."""
    try:
        if (schedule.idle_seconds() or 0) > LONGEST_IDLE_SECONDS:
            log.warning("The clock was set back: the hours are planned anew.")
            plan_hours(stopping, worker)
        schedule.run_pending()
        database.keep_alive(time.monotonic())
        dashboard.keep_alive(time.monotonic())
        worker.try_again(time.monotonic(), stopping)
        moment = datetime.now(UTC)
        worker.backfill.keep_going(time.monotonic(), find_next_run(moment) - moment)
    except Exception:
        log.exception("A step failed; the next one comes.")


def ensure_database() -> bool:
    """Start the embedded server and bring its schema up to date."""
    return run_python("-m", "sql", "start") == 0 and run_python("-m", "sql", "migrate") == 0


def look_for_missing_hours(stopping: Stopping) -> int:
    """Let an alert be sent if nothing is recorded, independently of the worker; returns the look's exit code."""
    return run_python("-m", "monitor", "notify", "stale", should_end=lambda: stopping.asked)


def end_alerts(began: datetime) -> datetime:
    """When a run that began then has to stop sending alerts: before its end, and before the next hour is to be read."""
    return min(began + timedelta(seconds=LIMIT_SECONDS - LAST_SECONDS), find_next_run(began))


def find_next_run(moment: datetime) -> datetime:
    """When the next hour is to be read."""
    anchor = timedelta(minutes=RUN_MINUTE)
    return (moment - anchor).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) + anchor


@dataclass(slots=True)
class Worker:
    """The hourly runs: at their minute, and again within the hour while something was not read.

    A run that was killed, crashed or found no database can't say so itself; the next one records it.
    """

    asked_at: float = 0.0  # monotonic
    backfill: Backfill = field(default_factory=Backfill)
    ended: list[str] = field(default_factory=list)

    def run(self, stopping: Stopping, *more: str) -> int:
        """One run; returns its exit code."""
        began = datetime.now(UTC)
        endings = [f"--ended={end}" for end in self.ended]
        until = f"--alerts-until={end_alerts(began).isoformat()}"
        child = start_python("-m", "monitor", "run", until, *more, *endings, stderr=subprocess.PIPE)
        outcome = await_end(child, "The run", LIMIT_SECONDS, lambda: stopping.asked)
        log.info("Run of %s: %s.", f"{began:%Y-%m-%d %H:%M} UTC", outcome)
        if outcome.code in RECORDED:
            self.ended.clear()
            self.backfill.is_wanted = True
        elif outcome.code != BUSY and not stopping.asked:
            self.ended = [*self.ended, f"{began.isoformat()},{child.pid},{outcome}"][-MOST_ENDS:]
        self.asked_at = time.monotonic()
        return outcome.code

    def run_if_due(self, stopping: Stopping) -> None:
        """Read what was not read in this hour, if there is any."""
        self.asked_at = time.monotonic()
        if run_python("-m", "monitor", "due", should_end=lambda: stopping.asked) == 0:
            self.run(stopping, "--due")

    def try_again(self, now: float, stopping: Stopping) -> None:
        """Ask every few minutes whether something was not read; not before the hour's own run."""
        if now - self.asked_at >= DUE_SECONDS and datetime.now(UTC).minute > RUN_MINUTE:
            self.run_if_due(stopping)


@dataclass(slots=True)
class Database:
    """The embedded server, looked at once a minute and started again when it has died."""

    is_external: bool
    looked_at: float  # monotonic

    def keep_alive(self, now: float) -> None:
        """Start it if it does not run; one that runs is left alone."""
        if not self.is_external and now - self.looked_at >= DATABASE_LOOK_SECONDS:
            self.looked_at = now
            start_python("-m", "sql", "start", stdout=subprocess.DEVNULL).wait(LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
