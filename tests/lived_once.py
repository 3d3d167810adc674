"""A life that several tests begin with: lived once, and its database copied for each of the others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sql.connect import connect
from tests.postgres import Database, Server
from tests.venue import RunningVenue
from tests.worker import Worker

Life = Callable[[Worker, RunningVenue], None]
Relive = Callable[[Worker, RunningVenue, Life], Worker]


class Asleep(Worker):
    """Tracks nothing and reads nothing: what happens at the venue happens all the same."""

    def add(self, *_: Any, **__: Any) -> int:
        """No account."""
        return 0

    def run(self, now: datetime, *_: Any) -> None:  # type: ignore[override]
        """No run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a life left: a database to copy, and the folder of the key that its credentials are sealed with."""

    name: str
    data_dir: Path


@dataclass(frozen=True, slots=True)
class Lives:
    """The session's lives so far."""

    server: Server
    kept: dict[Life, Kept] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def keep(self, life: Life, worker: Worker, database: Database) -> None:
        """Keep what a life left in this database."""
        name = f"life_{next(self.numbers)}"
        self._copy(database.name, name)
        self.kept[life] = Kept(name=name, data_dir=worker.settings.data_dir)

    def recall(self, kept: Kept, database: Database) -> None:
        """Put what a life left in the place of this database."""
        self.server.keeper.execute(f"drop database {database.name} with (force)")
        self._copy(kept.name, database.name)
        self.server.keeper.execute(
            f"grant connect on database {database.name} to portfolio_worker, portfolio_dashboard"
        )

    def _copy(self, template: str, name: str) -> None:
        self.server.keeper.execute(
            f"create database {name} template {template} owner portfolio_owner strategy file_copy"
        )


@pytest.fixture(scope="session")
def lives(server: Server) -> Lives:
    """The lives that were lived so far."""
    return Lives(server)


@pytest.fixture
def relive(lives: Lives, database: Database) -> Relive:
    """Leads a worker through a life at its venue; who comes later finds the database as the first one left it."""

    def reliver(worker: Worker, venue: RunningVenue, life: Life) -> Worker:
        kept = lives.kept.get(life)
        life(Asleep(worker.db, worker.settings) if kept else worker, venue)
        worker.db.close()
        if kept:
            lives.recall(kept, database)
            worker.settings = replace(worker.settings, data_dir=kept.data_dir)
        else:
            lives.keep(life, worker, database)
        worker.db = connect(database.worker_url, name="test")
        return worker

    return reliver


@pytest.fixture
def first_hour(worker: Worker, venue: RunningVenue, relive: Relive) -> None:
    """The worker has recorded the first hour of the venue's one account."""
    relive(worker, venue, record_hour)


def record_hour(worker: Worker, venue: RunningVenue) -> None:
    """A run at the venue's time."""
    worker.run(venue.now())
