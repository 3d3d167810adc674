"""Signing in and out as a person does, in a real browser: it names the origin of a form by itself."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext

from dashboard.access import Access, hash_password
from tests.browser.conftest import PHONE, WIDE, visit
from tests.dashboard.site import NOW, Site
from tests.postgres import Database

PASSWORD = "correct horse battery staple"


@pytest.fixture
def locked(database: Database) -> Iterator[Site]:
    """A dashboard with a password."""
    made = Site(
        database.dashboard_url, lambda: NOW, Access(password_hash=hash_password(PASSWORD, memory_kib=8192, rounds=1))
    )
    yield made
    made.server.should_exit = True


def test_a_person_signs_in_with_the_keyboard_and_out_by_the_button(
    browser: Browser, contexts: list[BrowserContext], locked: Site
) -> None:
    shown = visit(browser, contexts, f"{locked.url}/holdings?period=7d", PHONE)
    page = shown.page
    assert page.url.startswith(f"{locked.url}/login?next=")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").inner_text() == "This is not the password."
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{locked.url}/holdings?period=7d")
    assert page.evaluate("document.cookie") == ""  # no script sees it
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{locked.url}/login")
    page.goto(f"{locked.url}/holdings")
    assert page.url.startswith(f"{locked.url}/login")
    assert [fault for fault in shown.faults if "401" not in fault] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_is_readable_by_everybody_and_fits(
    browser: Browser, contexts: list[BrowserContext], locked: Site, scheme: str
) -> None:
    for size in (WIDE, PHONE):
        page = visit(browser, contexts, f"{locked.url}/login", size, scheme).page  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert Axe().run(page).response["violations"] == []
