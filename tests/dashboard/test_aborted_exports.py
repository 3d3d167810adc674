"""Files that nobody waits for any more, and files that many ask for at once."""

import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse

import pytest

from sql.connect import connect
from tests.dashboard.site import Site, open_long_site
from tests.postgres import Database, Server, open_database

SLOW = "market-hours.csv?period=all"
SECONDS_A_ROW = 0.0008  # of 2,000 rows
MANY = 60


@pytest.fixture(scope="module")
def database(server: Server, long_history: str) -> Iterator[Database]:
    """A database of this module."""
    with open_database(server, long_history) as opened:
        yield opened


@pytest.fixture(scope="module")
def slow(database: Database) -> Iterator[Site]:
    """A dashboard whose market takes two seconds to read."""
    with open_long_site(database) as site:
        with connect(database.owner_url, name="test") as owner:
            (found,) = owner.execute("select pg_get_viewdef('reading.market_hours'::regclass) as made").fetchall()
            owner.execute(
                f"create or replace view reading.market_hours as select * from ({found['made'].rstrip(';')}) as hours"
                f" where pg_sleep({SECONDS_A_ROW})::text is not null"
            )
        yield site


def begin(site: Site, path: str, method: str = "GET") -> HTTPConnection:
    link = HTTPConnection("127.0.0.1", site.port, timeout=30)
    link.request(method, f"/export/{path}")
    return link


def load(site: Site, path: str, method: str = "GET") -> tuple[HTTPResponse, str, float]:
    began = time.monotonic()
    with closing(begin(site, path, method)) as link:
        answer = link.getresponse()
        return answer, answer.read().decode(), time.monotonic() - began


def count_statements(server: Server, database: Database) -> int:
    with server.admin() as admin:
        found = admin.execute(
            "select count(*) from pg_stat_activity where datname = %s and state = 'active'"
            " and application_name = 'dashboard'",
            [database.name],
        ).fetchone()
    assert found and isinstance(found[0], int)
    return found[0]


def await_statements(server: Server, database: Database, wanted: int) -> None:
    deadline = time.monotonic() + 2
    while count_statements(server, database) != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_files_end_with_their_readers(slow: Site, server: Server, database: Database) -> None:
    links = [begin(slow, SLOW) for _ in range(MANY)]
    await_statements(server, database, wanted=1)
    for link in links:
        link.close()
    answer, text, seconds = load(slow, "flows.csv")

    assert answer.status == 200 and len(text.splitlines()) > 1
    assert seconds < 2
    await_statements(server, database, wanted=0)


def test_who_asks_while_a_file_is_made_waits_and_is_told_when_to_come_again(
    slow: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.files.answer.LONGEST_TURN", 0.3)
    with closing(begin(slow, SLOW)) as first:
        time.sleep(0.3)
        answer, text, seconds = load(slow, "flows.csv")
        assert (answer.status, answer.headers["retry-after"]) == (503, "10")
        assert "Another file is being made. Try again in a few seconds." in text and seconds < 1.5
        assert slow.get("/").status_code == 200
        assert first.getresponse().read().count(b"\n") == 2_001
    assert load(slow, "flows.csv")[0].status == 200


@pytest.mark.parametrize("path", [SLOW, "report.pdf?period=30d", "day-end.csv?date=2026-05-01"])
def test_who_asks_for_headers_gets_them_and_no_file_is_made(slow: Site, path: str) -> None:
    answer, text, seconds = load(slow, path, "HEAD")
    assert (answer.status, text) == (200, "") and seconds < 1
    assert "filename=" in answer.headers["content-disposition"]
    assert answer.headers["content-type"] and "content-length" not in answer.headers


def test_headers_of_what_is_not_there_say_so(slow: Site) -> None:
    assert load(slow, "nothing.csv", "HEAD")[0].status == 404
    assert load(slow, "series.csv?account=9", "HEAD")[0].status == 404
