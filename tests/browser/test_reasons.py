"""A reason instead of a figure stays in its cell."""

from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import PHONE, WIDE, run, visit
from tests.dashboard.site import Site
from tests.venue import RunningVenue
from tests.worker import Worker

LEAVES_ITS_CELL = """
    cells => cells.filter(cell => [...cell.children].some(inner =>
        inner.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1))
      .map(cell => cell.innerText)
"""


def test_why_a_benchmark_in_debt_has_no_figure_is_printed_over_nothing(
    browser: Browser, contexts: list[BrowserContext], site: Site, worker: Worker, venue: RunningVenue
) -> None:
    run(worker, venue)
    for event in ("airdrop 20000 USDT", "withdraw 15000 USDT fee 1"):  # more than the benchmark ever had
        venue.advance(minutes=30)
        venue.do(event)
        venue.advance(minutes=30)
        run(worker, venue)

    for size in (WIDE, PHONE):
        page = visit(browser, contexts, f"{site.url}/performance", size).page
        assert "the benchmark ran out of money" in page.locator(".measures .none").first.inner_text()
        assert page.locator(".measures td").evaluate_all(LEAVES_ITS_CELL) == []
