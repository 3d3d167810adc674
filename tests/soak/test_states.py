"""Every page in every state it can be in, wide and narrow, light and dark: whole, no wider than the window, readable by everybody.

`PICTURES=FOLDER` keeps what was seen, and one sheet for each state and look; `-k NAME` is one state alone. An hour in all.
"""

import os
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page

from dashboard.pages import PAGES
from tests.browser.conftest import PHONE, WIDE, browser, visit
from tests.postgres import Server
from tests.soak.states import STATES, Stages, State, open_state

__all__ = ["browser"]
LOOKS: tuple[tuple[Literal["light", "dark"], tuple[int, int]], ...] = (
    ("light", WIDE), ("dark", WIDE), ("light", PHONE), ("dark", PHONE),
)  # fmt: skip
JUDGED = LOOKS[0], LOOKS[3]  # each colour and each size once
BROKEN = "[...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.src)"
OPEN = "all => all.forEach(one => one.open = true)"
SHEET_HEIGHT, GAP = 2400, 12  # pixels
PATIENCE_SECONDS = 600


@pytest.fixture(scope="module")
def stages(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Where states are made."""
    made = Stages(server=server, folder=tmp_path_factory.mktemp("states"))
    yield made
    made.close()


@pytest.mark.parametrize("name", STATES)
def test_every_page_in_this_state(browser: Browser, stages: Stages, name: str) -> None:
    seen, url = Event(), Future[str]()
    with ThreadPoolExecutor(1) as thread:  # the browser's driver has an event loop in this one
        staged = thread.submit(_stand, stages, STATES[name], url, seen)
        try:
            wrong = [fault for look in LOOKS for fault in _look(browser, url.result(PATIENCE_SECONDS), name, *look)]
        finally:
            seen.set()
        staged.result()
    assert wrong == []


def _stand(stages: Stages, state: State, url: "Future[str]", seen: Event) -> None:
    """Make a state, say where it is, and keep it until everything was seen."""
    try:
        with open_state(stages, state) as stage:
            state.make(stage)
            url.set_result(f"{stage.site.url}PATH?{state.query}")
            seen.wait()
    except BaseException as error:
        if not url.done():
            url.set_exception(error)
        raise


def _look(
    browser: Browser, url: str, name: str, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> Iterator[str]:
    """What is wrong with the pages in one look."""
    files = []
    for path in (page.path for page in PAGES):
        opened: list[object] = []
        shown = visit(browser, opened, url.replace("PATH", path), size, scheme, bypass_csp=True)  # type: ignore[arg-type]
        page, where = shown.page, f"{path} {scheme} {size[0]}"
        yield from (f"{where}: {fault}" for fault in shown.faults if "404" not in fault)
        yield from (f"{where}: broken {image}" for image in page.evaluate(BROKEN))
        files.append(_keep(page, name, f"{size[0]}-{scheme}-{path.strip('/').replace('/', '-') or 'overview'}"))
        page.eval_on_selector_all("details", OPEN)
        if page.evaluate("document.documentElement.scrollWidth") > size[0]:
            yield f"{where}: wider than the window"
        for found in Axe().run(page).response["violations"] if (scheme, size) in JUDGED else ():
            yield f"{where}: {found['id']} {[node['html'] for node in found['nodes']]}"
        page.context.close()
    _lay_out([file for file in files if file], name, f"{size[0]}-{scheme}")


def _keep(page: Page, name: str, file: str) -> Path | None:
    """A picture of the whole page, where one is asked for."""
    if not (folder := os.environ.get("PICTURES")):
        return None
    path = Path(folder) / re.sub(r"\W+", "-", name) / f"{file}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True)
    return path


def _lay_out(files: list[Path], name: str, look: str) -> None:
    """One sheet of all pages beside each other."""
    if not files:
        return
    pictures = [Image.open(file).convert("RGB") for file in files]
    height = min(SHEET_HEIGHT, max(picture.height for picture in pictures))
    sheet = Image.new("RGB", (sum(picture.width + GAP for picture in pictures), height), "grey")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    sheet.save(files[0].parent.parent / f"{files[0].parent.name}-{look}.png")
