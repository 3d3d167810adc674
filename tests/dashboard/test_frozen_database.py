"""A database that takes what it is asked and says nothing: pages say so at once, and come back by themselves."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from dashboard.history import Database as History
from dashboard.history.pulse import SILENCE
from sql.connect import connect
from sql.errors import DatabaseAway
from tests.dashboard.relay import Relay
from tests.dashboard.site import NOW, Site
from tests.postgres import Database

AT_ONCE = 2.0  # seconds; what a machine that is busy with other things takes, is added where many ask
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


def ask(site: Site, path: str) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    return site.get(path), time.monotonic() - began


def await_page(site: Site) -> float:
    began = time.monotonic()
    while site.get("/").status_code != 200:
        assert time.monotonic() - began < 10
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.parametrize("was_used", [False, True])  # the connections are new, or were open before it froze
def test_many_who_wait_for_a_frozen_database_are_told_and_keep_nobody_out(
    relay: Relay, relayed: Site, was_used: bool
) -> None:
    if was_used:
        assert relayed.get("/").status_code == 200
    relay.freeze()
    with ThreadPoolExecutor(MANY) as readers:
        pages = [readers.submit(ask, relayed, "/") for _ in range(MANY)]
        time.sleep(0.3)
        style, style_seconds = ask(relayed, "/static/style.css")
        health, health_seconds = ask(relayed, "/health")
        told = [page.result() for page in pages]

    assert style.status_code == 200 and style_seconds < 1
    assert (health.status_code, health.json()["status"]) == (503, "away") and health_seconds < AT_ONCE
    assert "does not answer" in health.json()["reason"]
    assert {page.status_code for page, _ in told} == {503}
    assert "The database does not answer. The page comes back by itself." in told[0][0].text
    assert told[0][0].headers["retry-after"]
    assert max(seconds for _, seconds in told) < AT_ONCE + 1
    assert min(ask(relayed, "/")[1] for _ in range(3)) < 0.5  # it is known by now
    relay.thaw()
    assert await_page(relayed) < 5
    assert relayed.get("/health").json()["status"] == "late"


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


def test_readers_take_turns_and_health_waits_for_none(database: Database, own_site: Site) -> None:
    with connect(database.owner_url, name="test") as owner, owner.transaction():
        owner.execute("lock table monitor.snapshots")  # what a page asks waits for a second, then is refused
        waiting = [threading.Thread(target=ask, args=[own_site, "/"]) for _ in range(8)]
        for reader in waiting:
            reader.start()
        time.sleep(0.2)
        _, seconds = ask(own_site, "/health")
    for reader in waiting:
        reader.join()
    assert seconds < 0.5
