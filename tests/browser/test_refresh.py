"""A page renews itself: what changed is there, what the reader did stays, and an answer that fails is said."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser.conftest import WIDE, visit
from tests.dashboard.site import Site

MINUTE = 61_000
MADE = "document.querySelector('main').dataset.made"


@pytest.fixture
def open_own(browser: Browser, contexts: list[BrowserContext], own_site: Site) -> Callable[..., Page]:
    """Opens an address, on a machine whose clock the test moves."""

    def opened(address: str) -> Page:
        page = visit(browser, contexts, "about:blank", WIDE).page
        page.clock.install()
        page.goto(own_site.url + address, wait_until="load")
        return page

    return opened


def wait(page: Page, site: Site) -> None:
    """A minute goes by; returns once the page is a minute younger."""
    site.late += timedelta(minutes=1)
    made = page.evaluate(MADE)
    assert made
    page.clock.run_for(MINUTE)
    page.wait_for_function(f"made => {MADE} !== made", arg=made)


def test_the_reader_stays_where_she_was(open_own: Callable[..., Page], own_site: Site) -> None:
    page = open_own("/?period=7d")
    page.locator(".zooms summary").click()
    page.get_by_text("Other dates").click()
    page.evaluate("scrollTo(0, 700)")
    page.evaluate("document.querySelector('.zooms a').focus({ preventScroll: true })")
    page.evaluate("window.isTheSame = true")
    focused = page.evaluate("document.activeElement.href")
    wait(page, own_site)
    assert page.evaluate("scrollY") == 700
    assert page.locator("details.zooms[open]").count() == 1 and page.locator("details.dates[open]").count() == 1
    assert page.evaluate("document.activeElement.href") == focused
    assert page.evaluate("window.isTheSame")  # swapped, not loaded
    assert page.locator("main").count() == page.locator(".pickers").count() == page.locator("footer").count() == 1


def test_charts_are_read_out_after_it_as_before(open_own: Callable[..., Page], own_site: Site) -> None:
    page = open_own("/?period=7d")
    wait(page, own_site)
    page.locator(".chart").first.focus()
    page.keyboard.press("End")
    page.clock.run_for(1000)
    page.wait_for_selector(".readout:not([hidden]) dl")
    assert page.locator(".chart").first.locator(".readout").count() == 1
    made = page.evaluate(MADE)
    page.clock.run_for(MINUTE)
    assert page.evaluate(MADE) == made and page.locator(".readout:not([hidden])").count() == 1


def test_what_is_typed_is_not_swapped_away(open_own: Callable[..., Page], own_site: Site) -> None:
    page = open_own("/hours?period=7d")
    made = page.evaluate(MADE)
    field = page.get_by_label("Filter")
    field.fill("USD")
    field.blur()
    own_site.late += timedelta(minutes=1)
    page.clock.run_for(MINUTE)
    assert field.input_value() == "USD"
    assert f"Not renewed since {made}" in page.get_by_role("status").inner_text()
    field.fill("")
    field.blur()
    wait(page, own_site)
    assert page.locator(".stalled").count() == 0


def test_an_answer_that_fails_is_said_and_asked_again(open_own: Callable[..., Page], own_site: Site) -> None:
    page = open_own("/")
    made = page.evaluate(MADE)
    away: Callable[[Route], None] = lambda route: route.fulfill(status=503, body="away")  # noqa: E731
    page.route("**/*", away)
    page.clock.run_for(MINUTE)
    page.wait_for_selector(".stalled")
    said = page.locator(".stalled").inner_text()
    assert said.startswith(f"Not renewed since {made}:") and "HTTP 503" in said
    page.unroute("**/*", away)
    wait(page, own_site)
    assert page.locator(".stalled").count() == 0


def test_without_a_script_pages_with_a_form_stay_as_they_are(own_site: Site) -> None:
    renews = '<noscript><meta http-equiv="refresh" content="60"></noscript>'
    assert renews in own_site.get("/?period=7d").text
    for address in ("/?from=2026-05-01&to=2026-05-10", "/flows", "/hours", "/status", "/?refresh=off"):
        assert 'http-equiv="refresh"' not in own_site.get(address).text, address
