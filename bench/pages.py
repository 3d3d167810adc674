"""Pages of the dashboard over five years of hours: new (nothing cached), cached, and how much a browser loads for one."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from socket import socket
from statistics import median

from bench.budgets import SAMPLES, Line
from bench.stage import Stage
from dashboard.pages import PAGES

LOADED = re.compile(r'<img[^>]* src="(/[^"]+)"|<link[^>]* href="(/[^"]+)"')
START_PATIENCE_SECONDS = 60.0
NEW_MILLISECONDS, CACHED_MILLISECONDS, PAGE_KILOBYTES = 250.0, 5.0, 200.0
# As if the worker had run: what was drawn before is out of date after a newer run.
RUN_AGAIN = (
    "insert into runs (hour, started_at, finished_at, outcome, pid, version)"
    " select max(hour), now(), now(), 'complete', 1, 'bench' from runs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """A page with everything that a browser loads for it, one after the other."""

    milliseconds: float
    kilobytes: float
    files: int


def measure_pages(stage: Stage) -> Iterator[Line]:
    """Every page, new and cached."""
    with serve_dashboard(stage) as port:
        for path in (page.path for page in PAGES):
            load_page(port, path)
            new = [load_page(port, path) for _ in range(SAMPLES) if stage.db.execute(RUN_AGAIN)]
            cached = [load_page(port, path) for _ in range(4 * SAMPLES)]
            what = f"{path} with its {new[0].files - 1} charts and styles"
            yield _line(f"{what}, new", [page.milliseconds for page in new], "ms", NEW_MILLISECONDS)
            yield _line(f"{what}, cached", [page.milliseconds for page in cached], "ms", CACHED_MILLISECONDS)
            yield _line(f"{what}, unzipped", [page.kilobytes for page in new], "kB", PAGE_KILOBYTES)


def _line(what: str, values: list[float], unit: str, budget: float) -> Line:
    return Line(what=what, value=median(values), unit=unit, samples=len(values), budget=budget)


@contextmanager
def serve_dashboard(stage: Stage) -> Iterator[int]:
    """A dashboard process over the stage's database; gives its port."""
    port = free_port()
    child = stage.start("-m", "dashboard", DASHBOARD_PORT=str(port))
    try:
        await_answer(port)
        yield port
    finally:
        child.terminate()
        child.wait(30)


def load_page(port: int, path: str = "/") -> Loading:
    """Load a page as a browser in the light theme would. Raises RuntimeError for anything but 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    bodies = [_get(connection, path)]
    for image, link in LOADED.findall(bodies[0].decode()):
        bodies.append(_get(connection, (image or link).replace("&amp;", "&")))
    seconds = time.perf_counter() - began
    connection.close()
    return Loading(milliseconds=1000 * seconds, kilobytes=sum(map(len, bodies)) / 1000, files=len(bodies))


def _get(connection: HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}: {body[:300]!r}")
    return body


def free_port() -> int:
    """A port that nobody uses."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_answer(port: int) -> None:
    """Wait until the dashboard answers."""
    deadline = time.monotonic() + START_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except (OSError, HTTPException):
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("The dashboard does not answer.")
