"""The page of orders: what waits, what was given and how it ended, as the JSON has it; and sentences where there is nothing."""

import html
import re

import pytest

from tests.dashboard.site import Site
from tests.dashboard.test_api import ask
from tests.dashboard.test_lists import cells, links
from tests.dashboard.test_pages import text
from tests.venue import RunningVenue
from tests.worker import Worker


@pytest.fixture
def ordered(site: Site, worker: Worker, venue: RunningVenue) -> Site:
    """Orders that wait, of which one is partly filled, one that was cancelled, and those at the market's price."""
    worker.run(venue.now())
    for event in (
        "limit buy 0.02 BTCUSDT at 20000", "fill 0.005 BTCUSDT", "limit sell 0.1 ETHUSDT at 9000", "buy 1 SOLUSDT",
        "limit buy 1 SOLUSDT at 10",
    ):  # fmt: skip
        venue.advance(minutes=10)
        venue.do(event)
    venue.advance(minutes=10)
    worker.run(venue.now())
    venue.do("cancel SOLUSDT")
    venue.advance(hours=1)
    worker.run(venue.now())
    return site


@pytest.mark.usefixtures("first_hour")
def test_without_orders_the_page_says_so(site: Site, worker: Worker, venue: RunningVenue) -> None:
    page = text(site.get("/orders").text)

    assert "No order waits" in page and "No order was given in this period" in page
    assert "those of options are not read yet" in page
    assert ask(site, "/orders")["rows"] == []


def test_the_page_has_what_the_answers_have(ordered: Site) -> None:
    page = ordered.get("/orders").text
    waiting, rows = ask(ordered, "/orders?state=open")["rows"], ask(ordered, "/orders")["rows"]

    assert [(one["symbol"], one["state"]) for one in waiting] == [("BTCUSDT", "partially_filled"), ("ETHUSDT", "open")]
    assert "2 orders wait" in text(page) and f"{len(rows)} were given" in text(page)
    assert cells(page, "Orders that wait", 1) == ["ETHUSDT", "BTCUSDT"]
    assert cells(page, "Orders that wait", 7) == ["", "0.005 at 20,000.00"]
    assert cells(page, "Orders", 1) == [one["symbol"] for one in reversed(rows)]
    assert [one["state"] for one in ask(ordered, "/orders?state=filled")["rows"]] == ["filled"] * 2
    assert [(one["role"], one["role_source"]) for one in rows if one["symbol"] == "SOLUSDT"] == [
        ("ENTRY", "exchange"), (None, None)
    ]  # fmt: skip
    assert cells(page, "Orders", 4) == [one["role"] or "" for one in reversed(rows)]
    [link] = re.findall(r'href="([^"#]+)#orders">Cancelled</a>', page)
    assert cells(ordered.get(html.unescape(link)).text, "Orders", 8) == ["cancelled"]
    (ended,) = [one for one in rows if one["state"] == "cancelled"]
    assert (ended["price"], ended["executed_quantity"], ended["average_price"]) == ("10", "0", None)


def test_the_list_sorts_filters_and_turns_its_pages(ordered: Site) -> None:
    for link in links(ordered.get("/orders").text):
        assert "aria-sort=" in ordered.get(link.partition("#")[0]).text, link
    assert cells(ordered.get("/orders?sort=orders.symbol").text, "Orders", 1)[0] == "BTCUSDT"
    assert cells(ordered.get("/orders?find=cancelled").text, "Orders", 8) == ["cancelled"]
    assert "No order of this period contains “nothing”" in text(ordered.get("/orders?find=nothing").text)
    first = ask(ordered, "/orders?limit=2")
    rest = ask(ordered, f"/orders?limit=2000&cursor={first['next_cursor']}")
    assert [one["key"] for one in first["rows"] + rest["rows"]] == [
        one["key"] for one in ask(ordered, "/orders")["rows"]
    ]
    assert ordered.get("/api/orders?state=waiting").status_code == 400
