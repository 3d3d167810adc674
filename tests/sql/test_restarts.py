"""Postgres stops, or is killed, under a running dashboard and under the worker: both find their way back."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from sql import embedded
from sql.connect import connect
from sql.migrate import migrate
from tests.sql.places import kill_server
from tests.venue import KEY, SECRET
from tests.venue import Opener as OpenVenue

HERE = Path(__file__).parents[2]
PATIENCE_SECONDS = 30
Program = Callable[..., list[str]]
each_end = pytest.mark.parametrize("end", [embedded.stop, kill_server])


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    """A program's environment over a migrated database of its own."""
    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        migrate(db)
    return os.environ | {"DATA_DIR": str(data_dir)}


@pytest.fixture
def dashboard(environment: dict[str, str]) -> Iterator[str]:
    """The address of a running `python -m dashboard`, which must still run at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    child = subprocess.Popen([sys.executable, "-m", "dashboard"], cwd=HERE, env=environment | {"DASHBOARD_PORT": port})
    yield f"http://127.0.0.1:{port}/"
    assert child.poll() is None
    child.terminate()
    child.wait(PATIENCE_SECONDS)


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
    assert await_page(dashboard, 200) == shown


@pytest.fixture
def monitor(environment: dict[str, str], open_venue: OpenVenue) -> Callable[..., subprocess.Popen[str]]:
    """Starts `python -m monitor …` for the one account of a venue that stands at the present."""
    now = datetime.now(UTC)
    venue = open_venue(start=now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=2), stands=now)
    environment |= {"BINANCE_BASE_URL": venue.url, "BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET}

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "monitor", *arguments]
        return subprocess.Popen(
            command, cwd=HERE, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    start.venue = venue  # type: ignore[attr-defined]
    return start


@each_end
def test_the_worker_starts_a_server_that_ended_and_finds_every_hour(
    monitor: Callable[..., subprocess.Popen[str]], data_dir: Path, end: Callable[[Path], None]
) -> None:
    first = monitor("run")
    assert first.communicate() and first.returncode == 0
    before = json.loads(monitor("last-hour", "main").communicate()[0])
    end(data_dir)
    assert before and json.loads(monitor("last-hour", "main").communicate()[0]) == before


def test_a_run_whose_database_is_killed_says_so_and_the_next_one_is_whole(
    monitor: Callable[..., subprocess.Popen[str]], data_dir: Path
) -> None:
    monitor.venue.control("/latency", {"seconds": 0.3})  # type: ignore[attr-defined]
    cut = monitor("run")
    while not monitor.venue.requests():  # type: ignore[attr-defined]
        time.sleep(0.05)
    kill_server(data_dir)
    said = cut.communicate()
    assert (cut.returncode, "Traceback" in said[1]) == (4, False), said

    monitor.venue.control("/latency", {"seconds": 0})  # type: ignore[attr-defined]
    whole = monitor("run")
    said = whole.communicate()
    assert whole.returncode == 0, said
