"""On a phone: the answer without scrolling, what is shown folded into one line, and nothing too small for a thumb."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext

from dashboard.pages import PAGES
from tests.browser.conftest import PHONE, WIDE, Visit, visit
from tests.dashboard.site import Site

Opener = Callable[..., Visit]
THUMB = 44
TARGETS = "nav a, summary, input:not([type=hidden]), select, button, thead th a, tbody th a, tbody td a, .tiles dd a, footer a"
SMALL = """all => all.filter(one => one.checkVisibility() && one.getBoundingClientRect().height)
    .filter(one => one.getBoundingClientRect().height < 43.5)
    .map(one => one.outerHTML.slice(0, 120) + " " + one.getBoundingClientRect().height)"""
SECOND = """all => all.map(table => [...table.querySelectorAll("thead th")].map(head => head.textContent.split(",")[0].trim()))
    .filter(heads => heads.includes("Difference")).map(heads => heads.indexOf("Difference"))"""
# Whether digits as long as they may be find room: the regions that have to be pushed sideways then, and how many there are.
EXACT = """names => {
    const all = names.map(name => document.querySelector(`[role=region][aria-label="${name}"]`)).filter(one => one)
    all.forEach(one => one.querySelectorAll("td").forEach(cell => { if (cell.textContent) cell.textContent = "−142,765.937838664909105612" }))
    return [all.length, all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.getAttribute("aria-label"))]
}"""


@pytest.fixture
def open_long(visit_one: Opener, long_site: Site) -> Opener:
    """Opens an address of a long history on a phone."""
    how = {"has_touch": True, "is_mobile": True}
    return lambda address, **more: visit_one(long_site.url + address, PHONE, **how | more)


def test_the_answer_stands_in_the_first_screenful(open_long: Opener) -> None:
    for address in ("/", "/?period=30d", "/?period=30d&currency=EUR"):
        page = open_long(address).page
        box = page.locator(".tiles").bounding_box()
        assert box and box["y"] + box["height"] <= PHONE[1], address
        assert page.locator("h1").bounding_box()


def test_what_is_shown_is_one_line_and_unfolds_without_a_script(open_long: Opener) -> None:
    page = open_long("/?period=30d", java_script_enabled=False).page
    box = page.locator(".pickers").bounding_box()
    assert box and box["height"] <= THUMB + 4
    assert "30 days" in page.locator(".picked > summary").inner_text()
    page.locator(".picked > summary").tap()
    page.locator(".pickers").get_by_role("link", name="7 days").tap()
    page.wait_for_url("**/?period=7d")


def test_on_a_wide_screen_the_choices_stand_open(
    browser: Browser, contexts: list[BrowserContext], long_site: Site
) -> None:
    page = visit(browser, contexts, long_site.url, WIDE, java_script_enabled=False).page
    assert not page.locator(".picked > summary").is_visible()
    page.get_by_role("link", name="7 days").first.click()
    assert "period=7d" in page.url


def test_a_thumb_meets_what_it_aims_at_and_nothing_moves_sideways(open_long: Opener) -> None:
    for path in (page.path for page in PAGES):
        page = open_long(f"{path}?period=7d").page
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        assert page.eval_on_selector_all(TARGETS, SMALL) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
        ids = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
        assert len(ids) == len(set(ids)), path


def test_the_difference_is_the_second_column(open_long: Opener) -> None:
    for path, tables in (
        ("/", 2),
        ("/performance", 1),
        ("/explain", 3),
        ("/explain/hour", 1),
        ("/accounts", 1),
        ("/hours", 1),
    ):
        found = open_long(f"{path}?period=7d").page.eval_on_selector_all("table", SECOND)
        assert len(found) >= tables and set(found) == {1}, path


def test_digits_are_never_pushed_sideways(open_long: Opener) -> None:
    for path, names in (("/explain/hour", ["To the last digit"]), ("/trades/trade", ["Hour by hour", "Fees"])):
        assert open_long(path).page.evaluate(EXACT, names) == [len(names), []], path
