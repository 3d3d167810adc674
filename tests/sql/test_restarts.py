"""Postgres stops, or is killed, under a running dashboard and under the worker: both find their way back."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from sql import embedded
from sql.connect import connect
from tests.sql.places import kill_server
from tests.sql.programs import Programs

PATIENCE_SECONDS = 30
each_end = pytest.mark.parametrize("end", [embedded.stop, kill_server])


@pytest.fixture
def dashboard(programs: Programs) -> Iterator[str]:
    """The address of a running `python -m dashboard`, which must still run at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    programs.environment["DASHBOARD_PORT"] = port
    child = programs.start("dashboard")
    yield f"http://127.0.0.1:{port}/"
    still_running = child.poll() is None
    child.terminate()
    assert still_running, child.communicate()[0]
    child.communicate()


def await_page(url: str, status: int) -> str:
    """The page's text once it is answered with `status`."""
    deadline, answered = time.monotonic() + PATIENCE_SECONDS, "nothing"
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(url, timeout=PATIENCE_SECONDS)
            answered = str(answer.status_code)
        except httpx.ConnectError:
            answered = "no connection"
        if answered == str(status):
            return answer.text
        time.sleep(0.1)
    raise AssertionError(f"{url} gave {answered}, never {status}")


@each_end
def test_the_dashboard_says_that_the_database_is_away_and_comes_back_with_it(
    dashboard: str, data_dir: Path, end: Callable[[Path], None]
) -> None:
    shown = await_page(dashboard, 200)
    end(data_dir)
    assert "The database is away" in await_page(dashboard, 503)
    embedded.start(data_dir)
    made = r'data-made="\d\d:\d\d"|\d\d:\d\d UTC\.</p>\s*</footer>'  # a minute may have begun since
    assert re.sub(made, "", await_page(dashboard, 200)) == re.sub(made, "", shown)


@each_end
def test_the_worker_starts_a_server_that_ended_and_finds_every_hour(
    programs: Programs, data_dir: Path, end: Callable[[Path], None]
) -> None:
    assert programs.run("monitor", "run")[0] == 0
    before = json.loads(programs.run("monitor", "last-hour", "main")[1])
    end(data_dir)
    assert before and json.loads(programs.run("monitor", "last-hour", "main")[1]) == before


def test_a_run_whose_database_is_killed_begins_anew_and_its_hour_is_whole(programs: Programs, data_dir: Path) -> None:
    programs.venue.control("/latency", {"seconds": 0.3})
    cut = programs.start("monitor", "run")
    while not programs.venue.requests():
        time.sleep(0.05)
    kill_server(data_dir)
    said = cut.communicate()[0]

    assert (cut.returncode, "Traceback" in said) == (0, False), said
    assert "The run begins anew, because the database broke off: " in said and "main: COMPLETE" in said
    with embedded.attached(data_dir), connect(embedded.url(data_dir, "owner"), name="test") as db:
        runs = db.execute("select outcome, message from monitor.runs order by id").fetchall()
    assert [(run["outcome"], run["message"][:22]) for run in runs] == [
        ("failed", "the database broke off"),
        ("complete", ""),
    ]
