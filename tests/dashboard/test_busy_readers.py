"""More readers than connections, in a process that has little time: each is served, in turn, and no database is called dead."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.history import Database as History
from dashboard.history.pulse import SILENCE
from tests.postgres import Database

READERS = 6
APART = 0.15  # seconds; longer than a look, so that the first have looked in vain before the last come


def test_who_came_first_is_served_first(database: Database) -> None:
    history, served = History(database.dashboard_url), list[int]()

    def read(number: int) -> None:
        with history.reading(is_aside=True):
            served.append(number)

    with ThreadPoolExecutor(READERS) as readers, history.reading(is_aside=True):
        for number in range(READERS):
            readers.submit(read, number)
            time.sleep(APART)
    assert served == list(range(READERS))


def test_a_process_without_time_does_not_call_its_database_dead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever watches the server doesn't come to ask it, and the reader looks seldom: neither says anything of the server."""
    monkeypatch.setattr("dashboard.history.pulse.BETWEEN_QUESTIONS", 30)
    with History(database.dashboard_url).reading(on_wait=lambda: time.sleep(SILENCE)) as db:
        db.execute(f"select pg_sleep({SILENCE + 0.3})::text")
