"""Hours that the real scheduler lives: it, its worker, its dashboard or its database are killed at any moment.

The scheduler reads its clock once in five seconds, and at 02 past the hour starts the run; so the soak sets its clock to
that minute and waits. Who was killed in the middle of a run is not tried again by the scheduler for four minutes of
real time. So the hour is then left as it is, to be rebuilt, or the scheduler is started again, which runs what is due.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from sql import embedded
from sql.errors import DatabaseAway
from sql.rows import Db
from tests.soak.scheduler import Clock, Scheduler, wait_until
from tests.sql.places import kill_server
from tests.venue import RunningVenue

PAGES = ("/", "/performance", "/flows")
ACCOUNTS = (0, 1, 2)
NOTICED_SECONDS = 12.0  # after which a scheduler that sleeps five has looked at its clock, on a busy machine too
RUN_SECONDS = 120.0
HEADER = "the scheduler"
Connect = Callable[..., AbstractContextManager[Db]]
Figures = dict[str, bytes]


class Wrong(AssertionError):
    """What the dashboard says is not what is stored, or not what it said before."""


class Scheduled:
    """A scheduler for some hours, beside what else may strike."""

    def __init__(
        self, clock: Clock, venue: RunningVenue, connect: Connect, chance: random.Random, counts: Counter[str]
    ) -> None:
        self._clock, self._venue, self._connect = clock, venue, connect
        self._data_dir = clock.file.parent / "data"
        self._chance, self._counts = chance, counts
        self._scheduler = Scheduler(self._data_dir, clock, venue.url)
        self._left = 0

    @property
    def is_on(self) -> bool:
        """Whether the scheduler lives the next hour."""
        return self._left > 0

    def begin(self) -> None:
        """Let the scheduler live some hours from now on."""
        self._left = self._chance.randint(2, 4)

    def live_hour(self, now: datetime, jumps: dict[str, timedelta]) -> str:
        """One hour; returns what struck it."""
        self._left -= 1
        strike = self._chance.choices(list(STRIKES), [weight for _, weight in STRIKES.values()])[0]
        if strike == "clock":
            self._jump(now, jumps)
        self._clock.stand_at(now)
        self._venue.control("/weights", method="DELETE")
        if not self._scheduler.is_running:
            self._scheduler.start()
        STRIKES[strike][0](self, now)
        self._wait_for_run(now)
        embedded.start(self._data_dir)  # for whoever looks now; the scheduler itself looks once a minute
        self._counts["hours of the scheduler"] += 1
        return f"{HEADER}, {strike}"

    def end_hour(self) -> None:
        """Compare what the dashboard says with what is stored; at the end of the last hour, stop everything."""
        self._compare()
        if not self.is_on:
            self.stop()

    def stop(self) -> None:
        """End the scheduler as a user does; the database goes on for others."""
        if self._scheduler.is_running:
            self._scheduler.stop()
            embedded.start(self._data_dir)
        self._left = 0

    # ------------------------------------------------------------------------------------------------- strikes

    def leave_alone(self, now: datetime) -> None:
        """Nothing."""

    def kill_scheduler(self, now: datetime) -> None:
        """SIGKILL at any moment of its hour, and a new one; nothing of the old one may be in its way."""
        self._wait()
        self._scheduler.kill()
        self._counts["schedulers killed"] += 1
        self._start_again()

    def kill_at_rest(self, now: datetime) -> None:
        """SIGKILL when the hour is done: the pages of the next dashboard are those of the last, to the letter."""
        self._wait_for_run(now)
        if not self._is_whole(now):
            return
        before = self._read_pages()
        self._scheduler.kill()
        self._counts["schedulers killed"] += 1
        self._start_again()
        after = self._read_pages()
        if after != before:
            raise Wrong(
                f"the pages after a restart are not those before: {[p for p in before if after[p] != before[p]]}"
            )
        self._counts["pages the same after a restart"] += len(after)

    def kill_dashboard(self, now: datetime) -> None:
        """SIGKILL of the dashboard; the scheduler starts it again."""
        self._wait()
        self._counts["dashboards killed"] += self._scheduler.kill_one("-m", "dashboard")

    def kill_worker(self, now: datetime) -> None:
        """SIGKILL of the scheduler's worker, as soon as there is one."""
        wait_until(lambda: bool(self._scheduler.find("-m", "monitor run")), NOTICED_SECONDS)
        self._wait(longest=1.5)
        self._counts["schedulers' workers killed"] += self._scheduler.kill_one("-m", "monitor run")
        self._maybe_start_again()

    def kill_database(self, now: datetime) -> None:
        """SIGKILL of Postgres under scheduler, worker and dashboard."""
        wait_until(lambda: bool(self._scheduler.find("-m", "monitor run")), NOTICED_SECONDS)
        self._wait(longest=1.5)
        if embedded.is_running(self._data_dir):
            kill_server(self._data_dir)
            self._counts["databases killed"] += 1
        self._maybe_start_again()

    def _jump(self, now: datetime, jumps: dict[str, timedelta]) -> None:
        """The machine's clock is wrong for some seconds, and then right again."""
        name, by = self._chance.choice(list(jumps.items()))
        self._counts[f"clock {name}"] += 1
        before = self._count_hours()
        self._clock.stand_at(now + by)
        if not self._scheduler.is_running:
            self._scheduler.start()
        self._wait_for_run(None)
        if abs(by) > timedelta(minutes=5) and self._count_hours() != before:
            raise Wrong(f"the scheduler recorded an hour with the clock {name}")

    def _wait(self, longest: float = 8.0) -> None:
        time.sleep(self._chance.uniform(0, longest))

    def _maybe_start_again(self) -> None:
        if self._chance.random() < 0.6:
            self._wait_for_run(None)
            self._scheduler.stop()
            self._start_again()

    def _start_again(self) -> None:
        self._venue.control("/weights", method="DELETE")
        self._scheduler.start()

    # ---------------------------------------------------------------------------------------------- what comes

    def _wait_for_run(self, now: datetime | None) -> None:
        """Until the hour of `now` is whole, or the scheduler has looked at its clock and nothing of the worker runs."""
        if not (now and self._is_whole(now)):
            wait_until(lambda: bool(now and self._is_whole(now)), NOTICED_SECONDS)
        if not wait_until(lambda: not self._scheduler.find("-m", "monitor"), RUN_SECONDS):
            raise Wrong(f"the worker does not end: {self._scheduler.tell_log()}")

    def _is_whole(self, now: datetime) -> bool:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if not embedded.is_running(self._data_dir):
            return False
        try:
            with self._connect() as db:
                found = db.execute(
                    "select count(*) as whole from nav_history where hour = %s and status = 'COMPLETE'", [hour]
                ).fetchone()
        except (DatabaseAway, psycopg.Error):  # it was killed, and is not back
            return False
        return bool(found and found["whole"] == len(ACCOUNTS))

    def _count_hours(self) -> Any:
        embedded.start(self._data_dir)
        with self._connect() as db:
            return db.execute("select count(*), max(hour) from nav_history").fetchone()

    def _read_pages(self) -> Figures:
        embedded.start(self._data_dir)
        return {
            f"{page}?account={account}": self._scheduler.read(f"{page}?account={account}")
            for page in PAGES
            for account in ACCOUNTS
        }

    def _compare(self) -> None:
        """What the dashboard says of the newest hour of every account is what is stored."""
        embedded.start(self._data_dir)
        for account in ACCOUNTS:
            told = json.loads(self._scheduler.read(f"/api/portfolio/snapshot?account={account}"))
            with self._connect() as db:
                row = db.execute(
                    "select * from nav_history where account_id = %s and status in ('COMPLETE', 'RECONSTRUCTED')"
                    " order by hour desc limit 1",
                    [account],
                ).fetchone()
            assert row
            shown = {name: Decimal(told[name]) for name in ("nav", "unit_price", "invested")}
            different = {name: (value, row[name]) for name, value in shown.items() if value != row[name]}
            if different or datetime.fromisoformat(told["hour"]) != row["hour"]:
                raise Wrong(f"account {account}: the dashboard says {told}, stored is {row}")
            self._counts["figures of the dashboard compared"] += len(shown)


Strike = Callable[[Scheduled, datetime], None]
STRIKES: dict[str, tuple[Strike, int]] = {
    "left alone": (Scheduled.leave_alone, 12),
    "it is killed": (Scheduled.kill_scheduler, 26),
    "it is killed at rest": (Scheduled.kill_at_rest, 10),
    "its dashboard is killed": (Scheduled.kill_dashboard, 18),
    "its worker is killed": (Scheduled.kill_worker, 14),
    "its database is killed": (Scheduled.kill_database, 8),
    "clock": (Scheduled.leave_alone, 12),
}
