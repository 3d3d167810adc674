"""A real browser over a served dashboard: headless Chromium of the system, driven by playwright."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.dashboard.site import Site, database, long_history, long_site, own_site, site
from tests.venue import RunningVenue
from tests.worker import Worker

__all__ = ["database", "long_history", "long_site", "own_site", "site"]
MISSING = "The browser tests need Chromium. On Debian and Ubuntu, as root: apt-get install chromium"
WIDE, PHONE = (1280, 900), (360, 740)


@dataclass
class Visit:
    """A page in the browser, and everything that went wrong while it was shown."""

    page: Page
    faults: list[str] = field(default_factory=list)


def run(worker: Worker, venue: RunningVenue) -> None:
    """One run of the worker, in a thread: the browser's driver has an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(worker.run, venue.now()).result()


@pytest.fixture(scope="module")  # no longer: its driver's event loop would stay in the way of other tests
def browser() -> Iterator[Browser]:
    """Chromium, started once; a clear failure where it is missing."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail(MISSING)
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    """The browser windows of a test, closed at its end."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def visit(
    browser: Browser,
    contexts: list[BrowserContext],
    url: str,
    size: tuple[int, int] = WIDE,
    scheme: Literal["light", "dark"] = "light",
    **more: Any,
) -> Visit:
    """Open `url` at a size and in a colour scheme."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, **more)
    contexts.append(context)
    made = Visit(page=context.new_page())
    made.page.on("console", lambda said: made.faults.append(said.text) if said.type == "error" else None)
    made.page.on("pageerror", lambda error: made.faults.append(str(error)))
    made.page.on("requestfailed", lambda request: made.faults.append(f"failed: {request.url}"))
    made.page.on("request", lambda request: _note_foreign(made, request.url, url))
    made.page.goto(url, wait_until="load")
    return made


@pytest.fixture
def visit_one(browser: Browser, contexts: list[BrowserContext]) -> Callable[..., Visit]:
    """Opens one address after the other; whoever looks as before goes on in his window, for a new one costs more than a page."""
    windows: dict[Any, Visit] = {}

    def opener(url: str, *how: Any, **more: Any) -> Visit:
        look = (how, *more.items())
        if look not in windows:
            windows[look] = visit(browser, contexts, url, *how, **more)
            return windows[look]
        shown = windows[look]
        shown.page.goto("about:blank")  # what the last page still asked for breaks off, and is no fault of the next
        shown.faults.clear()
        shown.page.goto(url, wait_until="load")
        return shown

    return opener


@pytest.fixture
def visit_site(visit_one: Callable[..., Visit], site: Site) -> Callable[..., Visit]:
    """Opens a path of the dashboard over the worker's database."""
    return lambda path="/", *how, **more: visit_one(site.url + path, *how, **more)


@pytest.fixture
def visit_long(visit_one: Callable[..., Visit], long_site: Site) -> Callable[..., Visit]:
    """Opens a path of the dashboard over a long history, at all time."""
    return lambda path="/", *how, **more: visit_one(f"{long_site.url}{path}?period=all", *how, **more)


def _note_foreign(visit: Visit, url: str, ours: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "data" and parts.netloc != urlsplit(ours).netloc:
        visit.faults.append(f"foreign: {url}")
