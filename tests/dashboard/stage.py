"""A life and the dashboard over it, made once for tests that only read them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.dashboard.site import Site
from tests.postgres import Database, Server, open_database
from tests.venue import MARKET, START, RunningVenue
from tests.worker import Opener, Worker, workers_on


@dataclass
class Stage:
    """What such tests read."""

    site: Site
    worker: Worker
    venue: RunningVenue
    database: Database


@contextmanager
def staged(server: Server, folder: Path, story: str, live: Callable[[Opener, RunningVenue], Worker]) -> Iterator[Stage]:
    """A stage on which `live` tracked accounts of `story` and ran their hours."""
    venue = RunningVenue(MARKET, story, START, START + timedelta(hours=1, minutes=2))
    with open_database(server) as database, workers_on(database, folder) as open_worker:
        worker = live(open_worker, venue)
        site = Site(database.dashboard_url, venue.now)
        yield Stage(site, worker, venue, database)
        site.server.should_exit = True
    venue.stop()
