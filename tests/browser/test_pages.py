"""Every page in a real browser: nothing foreign, nothing broken, nothing too wide, readable by everybody."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from dashboard.pages import PAGES
from tests.browser.conftest import PHONE, WIDE, Visit, run
from tests.dashboard.site import Site
from tests.venue import RunningVenue
from tests.worker import Worker

Opener = Callable[..., Visit]
HOSTILE = ("<script>alert(1)</script>", "<img/src=x/onerror=alert(1)>", "\u202eTFARD", "W" * 60, "a'\"&amp;{{7*7}}")
PATHS = [page.path for page in PAGES]
LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in (WIDE, PHONE)]


@pytest.fixture
def story(worker: Worker, venue: RunningVenue) -> Worker:
    """A few hours with everything a page can show: flows, an unpriced coin, missed hours."""
    run(worker, venue)
    venue.advance(minutes=30)
    venue.do("deposit 2500 USDT")
    venue.advance(minutes=30)
    run(worker, venue)
    venue.advance(hours=3)
    run(worker, venue)
    venue.do("airdrop 3 MYSTERY")
    venue.fault("/sapi/v1/asset/wallet/balance", {"status": 500, "body": "oops"})  # nobody says what it may be worth
    venue.advance(hours=1)
    run(worker, venue)
    return worker


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", PHONE)])
def test_every_page_is_whole_fits_and_can_be_read_by_everybody(
    visit_long: Opener, scheme: str, size: tuple[int, int]
) -> None:
    broken = "[...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.src)"
    for path in PATHS:
        shown = visit_long(path, size, scheme)
        assert shown.faults == [], path
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        assert shown.page.evaluate(broken) == [], path

        shown.page.eval_on_selector_all("details", "all => all.forEach(d => d.open = true)")
        found = Axe().run(shown.page)
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found.response["violations"]] == [], path


def test_dark_and_phone_have_looks_of_their_own(visit_long: Opener) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    grounds = set()
    for scheme, size in LOOKS:
        page = visit_long("/", size, scheme).page
        grounds.add(page.evaluate(ground))
        look = scheme if size == WIDE else f"{scheme}-narrow"
        sources = page.evaluate("[...document.images].map(i => i.currentSrc)")
        assert sources and all(f"/charts/{look}/" in source for source in sources)
    assert len(grounds) == 2


def test_the_page_renews_itself_until_the_reader_holds_it_still(visit_site: Opener, story: Worker) -> None:
    page = visit_site("/?period=7d").page
    assert page.locator("main[data-made]").count() == 1

    page.get_by_role("link", name="Stop refreshing").click()
    assert page.locator("main[data-made]").count() == 0
    assert "period=7d" in page.url


def test_charts_are_told_in_words_with_figures(visit_long: Opener) -> None:
    told = [text for path in PATHS for text in visit_long(path).page.evaluate("[...document.images].map(i => i.alt)")]
    assert len(told) == 14
    for text in told:
        assert len(text) > 40 and any(sign.isdigit() for sign in text), text


def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit_site: Opener, story: Worker) -> None:
    for path in PATHS:
        page = visit_site(path).page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
        for _ in range(18):
            if page.evaluate("document.activeElement === document.body"):
                break  # everything was reached
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", page.evaluate("document.activeElement.outerHTML")
            page.keyboard.press("Tab")


def test_names_from_outside_stay_text(visit_site: Opener, story: Worker) -> None:
    for name in HOSTILE:
        story.db.execute(
            "with newest as (select * from snapshots order by id desc limit 1), again as ("
            " insert into snapshots (account_id, hour, run_id, taken_at, prices_at, status, reason, nav)"
            " select account_id, hour, run_id, taken_at, prices_at, status, reason, nav from newest returning id)"
            " insert into holding_sets (snapshot_id, wallets, assets, free, locked, owed, unrealised, prices)"
            " select again.id, wallets || %(name)s::text, assets || %(name)s::text, free || 1, locked || 0, owed,"
            " unrealised, prices || 900000 from again, newest join holding_sets on snapshot_id = newest.id",
            {"name": name},
        )
        story.db.execute(
            "insert into system_logs (at, level, area, account_id, message) values (now(), 'error', 'x', 1, %(name)s)",
            {"name": name},
        )
    story.db.execute("update accounts set label = %(name)s where id = 1", {"name": f"{HOSTILE[0]}{'W' * 30}"})
    for path in PATHS:
        shown = visit_site(path, PHONE)
        assert shown.faults == [], path
        assert shown.page.locator("main script, main img[src='x']").count() == 0
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
        assert HOSTILE[0] in shown.page.title() or path == "/"
    shown_text = visit_site("/holdings").page.locator("main").text_content() or ""
    assert all(name in shown_text for name in HOSTILE)


def test_from_the_difference_to_the_deposit_in_three_clicks(visit_site: Opener, story: Worker) -> None:
    page = visit_site("/", java_script_enabled=False).page
    page.get_by_role("link", name="Explain all of it").click()
    page.get_by_role("region", name="Hour by hour").get_by_role("link", name="2026-03-01 02:00").click()
    assert "+2,500.00" in page.get_by_role("region", name="Money in and out").inner_text()
    page.get_by_role("link", name="The day's ledger").click()
    assert "2,500 USDT" in page.get_by_role("region", name="Pick a column to sort by it").inner_text()


def test_an_hour_leads_to_the_hours_beside_it_by_keyboard(visit_site: Opener, story: Worker) -> None:
    page = visit_site("/explain/hour?hour=2026-03-01T02").page
    page.locator('a[rel="prev"]').focus()
    page.keyboard.press("Enter")
    assert "The first hour with figures" in page.locator("main").inner_text()
    page.locator('a[rel="next"]').focus()
    page.keyboard.press("Enter")
    assert "2026-03-01 02:00 UTC" in page.locator("h1").inner_text()


def test_custom_dates_are_picked_without_a_script(visit_site: Opener, story: Worker, site: Site) -> None:
    page = visit_site("/", java_script_enabled=False).page
    page.get_by_text("Other dates").click()
    page.get_by_label("From").fill("2026-03-01")
    page.get_by_label("To").fill("2026-03-01")
    page.get_by_role("button", name="Show").click()

    assert "from=2026-03-01&to=2026-03-01" in page.url
    assert "from 2026-03-01 01:00 UTC to 2026-03-01 05:00 UTC" in " ".join(page.locator("h1").inner_text().split())


def test_print_has_the_figures_without_the_controls(visit_site: Opener, story: Worker) -> None:
    page = visit_site("/").page
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert not page.locator(".pickers").is_visible()
