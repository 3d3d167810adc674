"""A served dashboard over a test's database, with a clock of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from dashboard.access import THIS_MACHINE, Access
from dashboard.app import make_app
from dashboard.history import Database as History
from dashboard.program import LIMITS
from serving import listen, make_server
from sql.connect import connect
from tests.dashboard.history_rows import fill
from tests.dashboard.market_rows import fill_market
from tests.dashboard.trade_rows import fill_trades
from tests.postgres import Database, Server, open_database
from tests.venue import RunningVenue
from tests.worker import Worker

NOW = datetime(2026, 6, 1, 0, 5, tzinfo=UTC)
LONG = 100 * 24
TRADES = 40  # of it that were closed
SYMBOLS = ("BNBUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT")


class Site:
    """A served dashboard and its clock."""

    def __init__(self, url: str, now: Callable[[], datetime], access: Access = THIS_MACHINE) -> None:
        self.database_url = url
        self.late = timedelta()  # how far the dashboard's clock is ahead
        app = make_app(History(url), lambda: now() + self.late, access)
        bound = listen("127.0.0.1", 0, LIMITS)
        self.port = bound.getsockname()[1]
        self.server = make_server(app, LIMITS, ws="none")
        threading.Thread(target=self.server.run, kwargs={"sockets": [bound]}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path."""
        return httpx.get(
            f"{self.url}{path}", headers=headers, timeout=20, verify=False
        )  # certificates take 30 ms to load


@pytest.fixture
def site(database: Database, worker: Worker, venue: RunningVenue) -> Iterator[Site]:
    """A dashboard over the worker's database."""
    made = Site(database.dashboard_url, venue.now)
    yield made
    made.server.should_exit = True


@pytest.fixture(scope="session")
def long_history(server: Server) -> Iterator[str]:
    """The name of a database of a hundred days, of which tests have copies. Nobody stays connected to it."""
    with open_database(server) as database:
        with connect(database.owner_url, name="test") as owner:
            account = fill(owner, hours=LONG, until=NOW.replace(minute=0))
            fill_trades(owner, account, count=TRADES)
            fill_market(owner, hours=500, until=NOW.replace(minute=0), symbols=SYMBOLS)
        yield database.name


@pytest.fixture
def database(server: Server, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The test's own database: of a hundred days where it has `own_site`, else fresh."""
    template = request.getfixturevalue("long_history") if "own_site" in request.fixturenames else "portfolio"
    with open_database(server, template) as opened:
        yield opened


@contextmanager
def open_long_site(database: Database) -> Iterator[Site]:
    """A dashboard over a copy of a hundred days, and nothing else running."""
    made = Site(database.dashboard_url, lambda: NOW)
    yield made
    made.server.should_exit = True


@pytest.fixture(scope="session")
def long_site(server: Server, long_history: str) -> Iterator[Site]:
    """A dashboard over a hundred days, which nobody changes."""
    with open_database(server, long_history) as database, open_long_site(database) as made:
        yield made


@pytest.fixture
def own_site(database: Database) -> Iterator[Site]:
    """The same over the test's own database, which it may change."""
    with open_long_site(database) as made:
        yield made
