"""The read-out over the charts, used with a mouse, a finger and the keyboard: it says what the JSON route says."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route

from look.figures import money, percent, signed_money
from tests.browser.conftest import PHONE, WIDE, Visit, visit
from tests.dashboard.site import NOW, Site

Opener = Callable[..., Visit]
LAST = NOW.replace(minute=0)
BOX = ".readout:not([hidden])"
ONE_LINE = 24  # pixels: lower than two


@pytest.fixture
def open_long(browser: Browser, contexts: list[BrowserContext], long_site: Site) -> Opener:
    """Opens an address of the dashboard over a long history."""
    return lambda address, *how, **more: visit(browser, contexts, long_site.url + address, *how, **more)


def until_changed(page: Page, before: str) -> str:
    """What the box says once it says something else than `before`."""
    changed = "([box, before]) => document.querySelector(box) && document.querySelector(box).innerText !== before"
    page.wait_for_function(changed, arg=[BOX, before])
    return page.locator(BOX).inner_text()


def said(page: Page) -> dict[str, str]:
    """The values of the box, by name."""
    page.wait_for_selector(f"{BOX}:not([aria-busy]) dl")
    names, texts = (page.locator(f"{BOX} {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(names, texts, strict=True))


def hour(page: Page) -> datetime:
    """The hour that the box is of."""
    text = page.locator(f"{BOX} a").inner_text()
    return datetime.strptime(text, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)


def stored(site: Site, at: datetime) -> dict[str, Any]:
    """The row of the JSON route."""
    rows = site.get(f"/api/portfolio/equity-curve?from={at.date()}&to={at.date()}").json()["rows"]
    return next(row for row in rows if datetime.fromisoformat(row["hour"]) == at)


def ahead_at(chart: Locator, site: Site) -> Decimal:
    """What the account was ahead where the chart begins."""
    row = stored(site, datetime.fromtimestamp(int(chart.get_attribute("data-first") or "") / 1000, UTC))
    own, other = (Decimal(row[f"{side}nav"]) - Decimal(row[f"{side}invested"]) for side in ("", "benchmark_"))
    return own - other


def judge(page: Page, site: Site, lead: Decimal = Decimal(0)) -> datetime:
    """The box says the row's figures, to the cent; returns the hour."""
    shown, at = said(page), hour(page)
    row = stored(site, at)
    other = Decimal(row["benchmark_nav"]) + lead
    ahead = Decimal(row["nav"]) - Decimal(row["invested"]) - other + Decimal(row["benchmark_invested"])
    assert shown["Account"] == money(Decimal(row["nav"]))
    assert shown["Benchmark"] == money(other)
    assert shown["Difference"] == signed_money(ahead)
    assert ("In and out" in shown) == (Decimal(row["flows"]) != 0)
    return at


def point(chart: Locator, share: float) -> tuple[float, float]:
    """A place on a chart, as a share of its plot's width."""
    box = chart.bounding_box()
    assert box
    left, right = (float(text) for text in (chart.get_attribute("data-plot") or "").split()[:2])
    return box["x"] + box["width"] * (left + share * (right - left)), box["y"] + box["height"] / 2


def test_the_mouse_reads_the_hour_below_it(open_long: Opener, long_site: Site) -> None:
    shown = open_long("/?period=30d", WIDE)
    chart = shown.page.locator(".chart").first
    chart.scroll_into_view_if_needed()
    lead = ahead_at(chart, long_site)
    assert lead != 0

    text = ""
    for share in (0.1, 0.5, 0.9):
        shown.page.mouse.move(*point(chart, share))
        text = until_changed(shown.page, text)
        at = judge(shown.page, long_site, lead)
        expected = LAST - timedelta(days=30) * (1 - share)
        assert abs(at - expected) <= timedelta(hours=6)  # a pixel is an hour
    if folder := os.environ.get("PICTURES"):
        shown.page.screenshot(path=f"{folder}/readout.png")
    shown.page.mouse.move(5, 5)
    assert shown.page.locator(BOX).count() == 0
    assert shown.faults == []


def test_while_an_hour_is_asked_for_no_other_hours_values_stand_there(open_long: Opener, long_site: Site) -> None:
    page = open_long("/", WIDE).page
    page.locator(".chart").first.focus()
    page.keyboard.press("End")
    assert judge(page, long_site) == LAST
    waiting: list[Route] = []
    page.route("**/api/charts/*", lambda route: waiting.append(route))  # noqa: PLW0108 - playwright marks it
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_timeout(200)  # longer than keys are waited for to settle
    assert hour(page) == LAST - timedelta(days=1)
    assert not page.locator(f"{BOX} dl").is_visible()

    waiting[0].continue_()
    assert judge(page, long_site) == LAST - timedelta(days=1)


def test_on_a_phone_no_name_of_a_value_is_broken(open_long: Opener) -> None:
    page = open_long("/?period=30d&scale=percent", PHONE).page
    page.locator(".chart").first.focus()
    page.keyboard.press("End")
    for _ in range(15):  # to the middle, where the box has least room
        page.keyboard.press("Shift+ArrowLeft")
    heights = "all => all.map(one => one.clientHeight || one.offsetHeight)"
    said(page)
    assert max(page.locator(f"{BOX} :is(a, dt, dd)").evaluate_all(heights)) < ONE_LINE
    box = page.locator(BOX).bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0]


def test_the_keyboard_goes_hour_by_hour_and_opens_one(open_long: Opener, long_site: Site) -> None:
    page = open_long("/", WIDE).page
    page.locator(".chart").first.focus()
    page.keyboard.press("End")
    assert judge(page, long_site) == LAST
    text = page.locator(BOX).inner_text()
    page.keyboard.press("ArrowLeft")
    text = until_changed(page, text)
    page.keyboard.press("Shift+ArrowLeft")
    text = until_changed(page, text)
    assert judge(page, long_site) == LAST - timedelta(hours=25)

    page.keyboard.press("End")
    until_changed(page, text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/explain/hour*")
    assert f"hour={LAST:%Y-%m-%dT%H}" in page.url


def test_a_finger_reads_the_narrow_chart(open_long: Opener, long_site: Site) -> None:
    page = open_long("/?period=7d", PHONE, has_touch=True).page
    chart = page.locator(".chart").nth(1)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 40)
    judge(page, long_site, ahead_at(chart, long_site))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_percent_is_measured_from_the_start_of_the_period(open_long: Opener, long_site: Site) -> None:
    page = open_long("/?period=30d&scale=percent", WIDE).page
    page.locator(".chart").first.focus()
    page.keyboard.press("End")
    shown = said(page)
    returns = long_site.get("/api/portfolio/snapshot?period=30d").json()["returns"]
    assert shown["Account"] == percent(Decimal(returns["account"]))
    assert shown["Benchmark"] == percent(Decimal(returns["benchmark"]))


@pytest.mark.parametrize(
    ("address", "name", "keys"),
    [
        ("/?period=30d&currency=EUR&zone=Europe/Prague", "values", ("Home", "Shift+ArrowRight", "ArrowRight")),
        ("/performance?currency=EUR&zone=Europe/Prague", "drawdown", ("End", "PageUp", "ArrowLeft")),
        ("/performance", "rolling", ("End", "ArrowLeft")),
        ("/holdings?zone=Asia/Kolkata", "allocation", ("End", "ArrowLeft")),
        ("/market?currency=EUR", "windows", ("Home", "ArrowRight")),
    ],
)
def test_every_chart_through_time_says_what_its_route_says(
    open_long: Opener, long_site: Site, address: str, name: str, keys: tuple[str, ...]
) -> None:
    shown = open_long(address, WIDE, has_touch=True)
    chart = shown.page.locator(f'.chart[data-read^="/api/charts/{name}?"]')
    chart.focus()
    for key in keys[:-1]:
        with shown.page.expect_response(f"**/api/charts/{name}?*"):
            shown.page.keyboard.press(key)
    uses: tuple[Callable[[], object], ...] = (
        lambda: shown.page.keyboard.press(keys[-1]),
        lambda: shown.page.mouse.move(*point(chart, 0.3)),
        lambda: shown.page.touchscreen.tap(*point(chart, 0.7)),
    )
    for use in uses:
        with shown.page.expect_response(f"**/api/charts/{name}?*") as answered:
            use()
        asked = httpx.URL(answered.value.url)
        told = long_site.get(asked.raw_path.decode()).json()
        assert asked.params["currency"] == httpx.URL(address).params.get("currency", "USDT")
        assert said(shown.page) == {value["name"]: value["text"] for value in told["values"]}
        assert shown.page.locator(f"{BOX} > p").first.inner_text() == told["when"]
    assert shown.faults == []


def test_the_mouse_reads_a_small_chart_of_its_own_time(open_long: Opener) -> None:
    page = open_long("/market", WIDE).page
    chart = page.locator(".chart").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    texts: list[str] = []
    for column in (0, 1):  # of four: the same time in each
        page.mouse.move(box["x"] + box["width"] / 4 * (column + 0.48), box["y"] + 40)
        texts.append(until_changed(page, texts[-1] if texts else ""))
        said(page)
        texts[-1] = page.locator(f"{BOX} > p").first.inner_text()
    times = [datetime.strptime(text, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC) for text in texts]
    assert all(abs(LAST - timedelta(hours=84) - at) <= timedelta(hours=2) for at in times)


@pytest.mark.parametrize(
    ("period", "label", "path"),
    [("all", "2026-03", "/?"), ("30d", "2026-05-20", "/?"), ("24h", "2026-05-31 12:00", "/explain/hour?")],
)
def test_without_a_script_links_lead_into_the_chart(open_long: Opener, period: str, label: str, path: str) -> None:
    page = open_long(f"/?period={period}", java_script_enabled=False).page
    assert page.locator(".readout").count() == 0
    page.locator(".zooms summary").click()
    link = page.get_by_role("link", name=label, exact=True)
    assert (link.get_attribute("href") or "").startswith(path)
    link.click()
    assert page.locator("h1").count() == 1
