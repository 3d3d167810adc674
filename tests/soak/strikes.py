"""What strikes the worker and its database in the soak, and how both are started again."""

import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from monitor.performance.verification import verify
from sql import embedded
from sql.backup import back_up, restore
from sql.connect import connect
from sql.roles import ROLES
from sql.rows import Db
from tests.endtoend.conftest import Doomed
from tests.endtoend.weather import Weather
from tests.postgres import Database, Server, open_database
from tests.soak.scheduled import ACCOUNTS, Scheduled
from tests.soak.scheduler import Clock
from tests.sql.places import kill_server
from tests.venue import RunningVenue

MOST_POINTS = 700  # that a run passes
BAN = {"status": 418, "body": '{"code": -1003, "msg": "Way too many requests."}', "headers": {"Retry-After": "120"}}
THROTTLED = {"status": 429, "body": '{"code": -1003, "msg": "Too many requests."}', "headers": {"Retry-After": "60"}}
JUMPS = {
    "90 s ahead": timedelta(seconds=90),
    "90 s behind": timedelta(seconds=-90),
    "a day ahead": timedelta(days=1),
    "a day behind": timedelta(days=-1),
    "a year ahead": timedelta(days=365),
    "a year behind": timedelta(days=-365),
    "in 1970": timedelta(days=-20_500),  # what a machine without a battery says
}
SMALL = timedelta(minutes=5)
KILLED = -signal.SIGKILL


class Broken(AssertionError):
    """A law of the soak was broken."""


class Stricken:
    """A worker and a database that anything may happen to; after everything that does, every stored figure is verified."""

    def __init__(self, clock: Clock, doomed: Doomed, venue: RunningVenue, server: Server, seed: int) -> None:
        self.data_dir, self.doomed, self.venue, self._server = clock.file.parent / "data", doomed, venue, server
        self._clock = clock
        self.chance = random.Random(f"strikes {seed}")
        self.counts: Counter[str] = Counter()
        self._weather = Weather(seed)
        self.scheduled = Scheduled(clock, venue, self.connected, self.chance, self.counts)
        self.lived: list[str] = []  # what struck each hour
        self.open: set[tuple[int, datetime]] = set()  # account and hour that had no figure when the hour ended

    def live_hour(self, now: datetime) -> None:
        """One hour at the venue's time `now`, by the real scheduler or run by run."""
        self.lived.append(f"{now:%d %H:%M}:")
        if self.scheduled.is_on:
            strike = self.scheduled.live_hour(now, JUMPS)
            self.counts[strike] += 1
            self.check(strike)
            self.scheduled.end_hour()
        else:
            self._run_hour(now)
        self._note_open(now.replace(minute=0))

    def _note_open(self, hour: datetime) -> None:
        with self.connected() as db:
            rows = db.execute(
                "select account_id from nav_history where hour = %s and status in ('COMPLETE', 'RECONSTRUCTED')", [hour]
            ).fetchall()
        self.open |= {(account, hour) for account in ACCOUNTS if account not in {row["account_id"] for row in rows}}

    def _run_hour(self, now: datetime) -> None:
        """Struck by something or not, then usually run again, as the scheduler does."""
        strike = self.chance.choices(list(STRIKES), [weight for _, weight in STRIKES.values()])[0]
        self.counts[strike] += 1
        STRIKES[strike][0](self, now)
        self.check(strike)
        if strike not in ("calm", "asleep") and self.chance.random() < 0.8:
            self.run(now)
            self.check(f"run again after: {strike}")

    def run(self, now: datetime, **order: object) -> list[int]:
        """One run, which may be struck; its exit codes."""
        self.counts["runs"] += 1
        self._clock.stand_at(now)
        return list(self.doomed.run(now, **order)["codes"])

    def check(self, after: str) -> None:
        """Raise Broken if a stored figure is not what the ledger and the prices give."""
        with self.connected() as db, db.transaction():
            verified = verify(db)
        self.counts["verify runs"] += 1
        self.lived[-1:] = [f"{''.join(self.lived[-1:])} {after};"]
        self.counts["hours verified"] += verified.hours
        if verified.differences:
            shown = "\n".join(map(str, verified.differences[:20]))
            raise Broken(f"after '{after}' {len(verified.differences)} figures differ:\n{shown}")

    @contextmanager
    def connected(self, role: str = "worker") -> Iterator[Db]:
        """A fresh connection: the server may be another one by now."""
        with connect(embedded.url(self.data_dir, role), name="soak") as db:
            yield db

    def at_once(self, act: Callable[[], object], longest: float) -> threading.Timer:
        """Let `act` happen within `longest` seconds, while a run goes on."""
        timer = threading.Timer(self.chance.uniform(0.01, longest), act)
        timer.start()
        return timer

    # ------------------------------------------------------------------------------------------------- strikes

    def calm(self, now: datetime) -> None:
        """Nothing."""
        self.run(now)

    def begin_scheduler(self, now: datetime) -> None:
        """The real scheduler lives the hours from here on."""
        self.run(now)
        self.scheduled.begin()

    def asleep(self, now: datetime) -> None:
        """Nobody runs the worker."""

    def kill_worker(self, now: datetime) -> None:
        """SIGKILL at a statement or a call."""
        codes = self.run(now, point=self.chance.randint(1, MOST_POINTS))
        self.counts["workers killed"] += codes == [KILLED]

    def kill_database(self, now: datetime) -> None:
        """SIGKILL of Postgres while the worker works."""
        timer = self.at_once(lambda: kill_server(self.data_dir), 0.5)
        self.run(now)
        timer.join()
        embedded.start(self.data_dir)
        self.counts["databases killed"] += 1

    def kill_both(self, now: datetime) -> None:
        """A power cut."""
        timer = self.at_once(lambda: kill_server(self.data_dir), 0.5)
        self.run(now, delay=self.chance.uniform(0.05, 0.4))
        timer.join()
        embedded.start(self.data_dir)
        self.counts["power cuts"] += 1

    def endure_weather(self, now: datetime) -> None:
        """Calls that fail, hang, are cut or throttled."""
        calm, self.venue.exchange.faults = self.venue.exchange.faults, self._weather
        try:
            self.run(now)
        finally:
            self.venue.exchange.faults = calm

    def be_banned(self, now: datetime) -> None:
        """429 or 418 from some call on; nobody may call for minutes."""
        self.venue.fault(
            self.chance.choice(
                ["/sapi/v3/asset/getUserAsset", "/api/v3/ticker/price", "/sapi/v1/capital/deposit/hisrec"]
            ),
            self.chance.choice([BAN, THROTTLED]),
            times=1,
        )
        self.run(now)
        self.venue.clear_faults()

    def jump(self, now: datetime) -> None:
        """The machine's clock is wrong. While it is minutes off no hour may be recorded, whatever is recorded else."""
        name, by = self.chance.choice(list(JUMPS.items()))
        self.counts[f"clock {name}"] += 1
        before = self._count_hours()
        self.run(now + by)
        if abs(by) > SMALL and self._count_hours() != before:
            raise Broken(f"an hour was recorded with the clock {name}")

    def _count_hours(self) -> object:
        with self.connected() as db:
            return db.execute("select count(*), max(hour) from nav_history").fetchone()

    def restore_elsewhere(self, now: datetime) -> None:
        """A backup of any moment, also of one within a run, is whole where it is restored."""
        file = self.data_dir / f"backup-{self.counts['backups restored']}"
        failures: list[Exception] = []

        def back_it_up() -> None:
            try:
                back_up(embedded.url(self.data_dir, "owner"), file)
            except Exception as failure:  # noqa: BLE001 - told by the thread that waits
                failures.append(failure)

        timer = self.at_once(back_it_up, 0.6)
        if self.chance.random() < 0.5:
            self.run(now, point=self.chance.randint(1, MOST_POINTS))
        else:
            self.run(now)
        timer.join()
        if failures:
            raise Broken("a backup failed") from failures[0]
        with open_database(self._server) as elsewhere:
            restore(elsewhere.owner_url, file, replace=True)
            with connect(elsewhere.worker_url, name="soak") as db, db.transaction():
                verified = verify(db)
        file.unlink()
        self.counts["backups restored"] += 1
        if verified.differences:
            shown = "\n".join(map(str, verified.differences[:20]))
            raise Broken(f"a restored backup has {len(verified.differences)} figures that differ:\n{shown}")


Strike = Callable[[Stricken, datetime], None]
STRIKES: dict[str, tuple[Strike, int]] = {
    "calm": (Stricken.calm, 30),
    "asleep": (Stricken.asleep, 8),
    "worker killed": (Stricken.kill_worker, 20),
    "database killed": (Stricken.kill_database, 8),
    "power cut": (Stricken.kill_both, 6),
    "weather": (Stricken.endure_weather, 10),
    "ban": (Stricken.be_banned, 5),
    "clock": (Stricken.jump, 8),
    "backup": (Stricken.restore_elsewhere, 5),
    "scheduler begins": (Stricken.begin_scheduler, 6),
}


def on_own_server(data_dir: Path) -> Database:
    """The database of an embedded server of one's own."""
    urls = {f"{role}_url": embedded.url(data_dir, role) for role in ROLES}
    return Database(name="portfolio", **urls)
