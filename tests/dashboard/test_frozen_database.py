"""A database that takes what it is asked and says nothing: pages say so at once, and come back by themselves."""

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage

import pytest

from dashboard.errors import GivenUp
from dashboard.exports.routes import _write_table
from dashboard.history import Database as History
from dashboard.history.pulse import SILENCE
from dashboard.site import Site as Pages
from dashboard.tables import TABLES
from dashboard.view import read_view
from sql.connect import connect
from sql.errors import DatabaseAway
from tests.dashboard.history_rows import fill
from tests.dashboard.relay import Relay
from tests.dashboard.site import NOW, Site
from tests.postgres import Database

AT_ONCE = 4.0  # seconds: SILENCE, and what a machine takes that is busy with other things
MANY = 60  # more than the dashboard has threads


@pytest.fixture
def relay(database: Database) -> Iterator[Relay]:
    made = Relay(database.dashboard_url)
    yield made
    made.close()


@pytest.fixture
def relayed(relay: Relay) -> Iterator[Site]:
    made = Site(relay.url, lambda: NOW)
    yield made
    made.server.should_exit = True


@dataclass(frozen=True)
class Told:
    status: int
    headers: HTTPMessage
    text: str
    seconds: float


def ask(site: Site, path: str) -> Told:
    """What is answered; httpx takes more time for its own preparations than many of these answers."""
    began = time.monotonic()
    link = HTTPConnection("127.0.0.1", site.port, timeout=20)
    link.request("GET", path)
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    return Told(answer.status, answer.headers, text, time.monotonic() - began)


def await_page(site: Site) -> float:
    began = time.monotonic()
    while ask(site, "/").status != 200:
        assert time.monotonic() - began < 10
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.parametrize("was_used", [False, True])  # the connections are new, or were open before it froze
def test_many_who_wait_for_a_frozen_database_are_told_and_keep_nobody_out(
    relay: Relay, relayed: Site, was_used: bool
) -> None:
    if was_used:
        assert ask(relayed, "/").status == 200
    relay.freeze()
    with ThreadPoolExecutor(MANY) as readers:
        pages = [readers.submit(ask, relayed, "/") for _ in range(MANY)]
        time.sleep(0.3)
        style, health = ask(relayed, "/static/style.css"), ask(relayed, "/health")
        told = [page.result() for page in pages]

    assert (style.status, health.status) == (200, 503)
    assert style.seconds < 1 and health.seconds < AT_ONCE
    assert '"status":"away"' in health.text and "does not answer" in health.text
    assert {page.status for page in told} == {503}
    assert "The database does not answer. The page comes back by itself." in told[0].text
    assert told[0].headers["retry-after"]
    assert max(page.seconds for page in told) < AT_ONCE
    assert min(ask(relayed, "/").seconds for _ in range(3)) < 0.5  # it is known by now
    relay.thaw()
    assert await_page(relayed) < 5
    assert '"status":"late"' in ask(relayed, "/health").text


def test_a_statement_that_takes_long_is_no_frozen_database(database: Database) -> None:
    with History(database.dashboard_url).reading() as db:
        assert db.execute("select 7 as n, pg_sleep(%(s)s)::text", {"s": SILENCE + 1}).fetchone()["n"] == 7  # type: ignore[index]


def test_a_connection_that_froze_alone_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.history.database.LONGEST_STATEMENT", 0.5)
    history = History(database.dashboard_url)
    with pytest.raises(DatabaseAway), history.reading() as db:
        db.execute("select pg_sleep(4)")
    with history.reading() as db:
        assert db.execute("select 1 as n").fetchone() == {"n": 1}


def test_a_file_can_be_given_up_while_the_database_is_frozen(
    relay: Relay, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(database.owner_url, name="test") as owner:
        fill(owner, hours=200, until=NOW.replace(minute=0))
    ignored: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    is_given_up = threading.Event()

    def on_wait() -> None:
        if is_given_up.is_set():
            raise GivenUp

    site = Pages(History(relay.url), lambda: NOW)
    chunks = _write_table(site, read_view({}), TABLES["holdings"], on_wait)
    assert next(chunks) and next(chunks)
    relay.freeze()
    is_given_up.set()
    with pytest.raises(GivenUp):
        chunks.close()
    assert ignored == []


def test_readers_take_turns_and_health_waits_for_none(database: Database, own_site: Site) -> None:
    with connect(database.owner_url, name="test") as owner, owner.transaction():
        owner.execute("lock table monitor.snapshots")  # what a page asks waits for a second, then is refused
        waiting = [threading.Thread(target=ask, args=[own_site, "/"]) for _ in range(8)]
        for reader in waiting:
            reader.start()
        time.sleep(0.2)
        health = ask(own_site, "/health")
    for reader in waiting:
        reader.join()
    assert health.seconds < 0.5
