"""Another site's page in a real browser: it can link to us, and cannot make the browser ask for anything else."""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.dashboard.site import Site

FRAMES = 40


@pytest.fixture
def other_page(long_site: Site) -> Iterator[dict[str, str]]:
    """A page on another port; it holds what `page["html"]` says, with OURS in the place of our address."""
    page = {"html": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page["html"].replace("OURS", long_site.url).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page["port"] = str(server.server_address[1])
    yield page
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])  # of the same site, and of another one
def test_frames_images_and_calls_of_another_page_are_refused(
    browser: Browser, contexts: list[BrowserContext], long_site: Site, other_page: dict[str, str], host: str
) -> None:
    other_page["html"] = (
        "".join(f"<iframe src='OURS/explain?period=90d&n={n}'></iframe>" for n in range(FRAMES))
        + "<img src='OURS/charts/light/values.svg'><object data='OURS/performance'></object>"
        + "<link rel='stylesheet' href='OURS/static/style.css'><link rel='prefetch' href='OURS/export/holdings.csv'>"
        + "<script>fetch('OURS/export/series.csv', {mode: 'no-cors'}).catch(() => 0)</script>"
    )
    context = browser.new_context()
    contexts.append(context)
    answered: Counter[int] = Counter()
    page = context.new_page()
    page.on("response", lambda r: answered.update([r.status]) if r.url.startswith(long_site.url) else None)
    page.goto(f"http://{host}:{other_page['port']}/", wait_until="load")
    page.wait_for_timeout(300)

    assert set(answered) == {403} and answered[403] >= FRAMES
    owner = context.new_page()
    assert "long lost" in owner.goto(long_site.url).text()  # type: ignore[union-attr]


def test_a_link_on_another_page_leads_to_a_page_that_works(
    browser: Browser, contexts: list[BrowserContext], long_site: Site, other_page: dict[str, str]
) -> None:
    other_page["html"] = "<a href='OURS/performance?period=7d'>what changed</a>"
    context = browser.new_context()
    contexts.append(context)
    page = context.new_page()
    page.goto(f"http://localhost:{other_page['port']}/")
    page.get_by_text("what changed").click()
    page.wait_for_url(f"{long_site.url}/performance?period=7d")

    broken = "[...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.src)"
    page.wait_for_load_state("load")
    assert page.evaluate("document.images.length") > 0 and page.evaluate(broken) == []
    page.reload(wait_until="load")
    page.get_by_role("link", name="Holdings").click()
    assert "Holdings" in page.title()
