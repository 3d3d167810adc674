"""What another site's pages may make a browser ask of us: to follow a link to a page, and nothing else."""

import pytest

from tests.dashboard.site import Site

CHART, TABLE = "/charts/light/values.svg", "/export/series.csv"
LINK = ("navigate", "document")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])  # localhost:3000 is of our site, but not of our origin
@pytest.mark.parametrize("path", ["/", "/explain/hour?hour=2026-03-01T02", "/performance?period=7d", "/api/docs"])
def test_a_link_to_a_page_is_followed(long_site: Site, site: str, path: str) -> None:
    assert ask(long_site, path, site, *LINK) == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "unheard-of"])
@pytest.mark.parametrize(
    ("path", "mode", "dest"),
    [
        ("/", "navigate", "iframe"),
        ("/", "navigate", "object"),
        ("/", "no-cors", "empty"),
        ("/", "", ""),
        (CHART, "no-cors", "image"),
        (CHART, *LINK),
        (TABLE, *LINK),
        ("/export/report.html", *LINK),
        ("/export/report.pdf", "navigate", "iframe"),
        ("/api/flows", *LINK),
        ("/api/flows", "cors", "empty"),
        ("/api/openapi.json", *LINK),
        ("/health", *LINK),
        ("/static/style.css", "no-cors", "style"),
        ("/nothing", *LINK),
    ],
)
def test_nothing_else_is_answered(long_site: Site, site: str, path: str, mode: str, dest: str) -> None:
    assert ask(long_site, path, site, mode, dest) == 403


def test_a_page_that_is_fetched_in_advance_is_not_asked_for_by_a_person(long_site: Site) -> None:
    assert ask(long_site, "/", "cross-site", *LINK, **{"Sec-Purpose": "prefetch;prerender"}) == 403


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
@pytest.mark.parametrize("path", ["/", CHART, TABLE, "/api/flows", "/static/style.css"])
def test_our_own_pages_an_address_typed_and_programs_get_everything(
    long_site: Site, path: str, headers: dict[str, str]
) -> None:
    assert long_site.get(path, **headers).status_code == 200


def ask(site: Site, path: str, origin: str, mode: str, dest: str, **more: str) -> int:
    told = {"Sec-Fetch-Site": origin, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    return site.get(path, **{name: value for name, value in told.items() if value}, **more).status_code


NO_STORE, OURS = "no-store", "private, no-cache"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", NO_STORE),
        ("/holdings", NO_STORE),
        ("/api/docs", NO_STORE),
        ("/health", NO_STORE),
        ("/export/flows.csv", NO_STORE),
        ("/export/report.html", NO_STORE),
        ("/nothing", NO_STORE),
        ("/api/nothing", NO_STORE),
        (CHART, OURS),
        (f"{CHART}?v=1", OURS),
        ("/api/flows", OURS),
        ("/api/openapi.json", OURS),
        ("/static/style.css?v=1", "max-age=86400, immutable"),  # nobody's figures
    ],
)
def test_what_a_browser_may_keep(long_site: Site, path: str, kept: str) -> None:
    answer = long_site.get(path)

    assert answer.headers["cache-control"] == kept
    assert ("etag" in answer.headers) == (kept != NO_STORE)
