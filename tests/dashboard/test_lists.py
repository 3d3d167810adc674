"""Lists on pages: every column sorts, a filter finds, pages go on, and what an address says wrongly is refused."""

import html
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from sql.connect import connect
from tests.dashboard.history_rows import MISSED, PARTIAL
from tests.dashboard.site import Site, open_long_site
from tests.dashboard.test_pages import text
from tests.postgres import Server, open_database

# Sixty flows of two kinds, each with another value but those that have none yet.
FLOWS = """
    with made as (
      insert into monitor.processed_transactions
        (account_id, kind, exchange_id, state, asset, amount, fee, requested_at, occurred_at, first_seen_at)
      select account_id, case i % 2 when 0 then 'deposit' else 'withdrawal' end, 'listed ' || i, 'counted',
        case i % 3 when 0 then 'BTC' else 'USDT' end, 1 + i, case i % 2 when 0 then 0 else 1 end,
        taken_at + i * interval '1 hour', taken_at + i * interval '1 hour', taken_at + i * interval '1 hour'
      from generate_series(1, 60) as i, (
        select account_id, taken_at from monitor.nav_history where account_id > 0 order by hour desc offset 200 limit 1
      ) n
      returning id, account_id, occurred_at, kind, amount
    )
    insert into monitor.flow_valuations (account_id, transaction_id, occurred_at, price, price_source, value, unit_price, units)
    select account_id, id, occurred_at, 1, 'USDT', case kind when 'deposit' then amount else -amount end, 100, amount / 100
    from made where amount <> 7
"""

LEDGER, FILTERED = "Pick a column to sort by it", "Sums above are of the whole period, whatever is filtered"


@pytest.fixture(scope="module")
def listed(server: Server, long_history: str) -> Iterator[Site]:
    """A dashboard over a long history with many flows, which nobody changes."""
    with open_database(server, long_history) as database, open_long_site(database) as made:
        with connect(database.owner_url, name="test") as owner:
            owner.execute(FLOWS)
        yield made


def cells(page: str, label: str, column: int) -> list[str]:
    """What a column of the table in the region `label` says, row by row."""
    table = page.split(f'aria-label="{label}"', 1)[1].split("</table>", maxsplit=1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table.split("<tbody>")[1], re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)[column] for row in rows]
    return [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in found]


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("+", "").split()[0])


def links(page: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'<th scope="col"[^>]*><a href="([^"]+)"', page)]


@pytest.mark.parametrize("path", ["/flows", "/status", "/holdings", "/accounts", "/hours", "/trades", "/fees"])
def test_every_head_that_sorts_leads_to_the_sorted_page(listed: Site, path: str) -> None:
    page = listed.get(path).text
    heads = links(page)

    assert len(heads) >= 4
    for link in heads:
        found = listed.get(link.partition("#")[0])
        assert found.status_code == 200 and "aria-sort=" in found.text, link


def test_flows_sort_by_value_both_ways_through_their_pages(listed: Site) -> None:
    found = []
    for sheet in (1, 2):
        page = listed.get(f"/flows?sort=-flows.value&rows=25&sheet={sheet}").text
        found += [number(cell) for cell in cells(page, LEDGER, 5) if cell[-1].isdigit()]
    assert len(found) > 25 and found == sorted(found, reverse=True)

    page = listed.get("/flows?sort=flows.value&rows=25").text
    assert number(cells(page, LEDGER, 5)[0]) <= min(found)
    assert 'aria-sort="ascending"' in page


def test_a_filter_finds_words_as_they_are_shown_and_nothing_is_a_pattern(listed: Site) -> None:
    page = listed.get("/flows?find=WITHDRAWAL&rows=250").text
    kinds = cells(page, FILTERED, 1)
    assert kinds and set(kinds) == {"withdrawal"}

    for pattern in ("%25", "_", "';--", "<b>"):
        page = listed.get(f"/flows?find={pattern}").text
        assert "No flow of this period contains" in page and "<b>" not in page
    assert listed.get("/flows").text.count("<tr>") > 2


def test_what_is_picked_goes_along(listed: Site) -> None:
    page = listed.get("/flows?sort=flows.value&find=USDT&rows=25&period=90d").text

    form = page.split('class="finder"')[1].split("</form>")[0]
    assert 'name="sort" value="flows.value"' in form and 'name="period" value="90d"' in form
    following = next(link for link in re.findall(r'href="([^"]+)"', page) if "sheet=2" in link)
    assert {"sort=flows.value", "find=USDT", "rows=25", "period=90d"} <= set(
        html.unescape(following).partition("?")[2].partition("#")[0].split("&")
    )
    other = next(link for link in re.findall(r'href="(/holdings[^"]*)"', page))
    assert "find" not in other and "sort" not in other


@pytest.mark.parametrize(
    "query",
    [
        "sort=flows.nothing",
        "sort=value",
        "sort=--flows.value",
        "sort=flows.value;drop",
        "rows=7",
        "rows=1000000",
        "find=" + "x" * 61,
        "find=%00",
    ],
)
def test_what_no_list_has_is_refused_in_a_sentence(listed: Site, query: str) -> None:
    answer = listed.get(f"/flows?{query}")

    assert answer.status_code == 400
    assert "Traceback" not in answer.text


def test_what_has_no_value_comes_last(listed: Site) -> None:
    for sort in ("flows.value", "-flows.value"):
        values = cells(listed.get(f"/flows?sort={sort}&rows=250").text, LEDGER, 5)
        assert values[-1] == "no price yet" and "no price yet" not in values[:-1]


def test_hours_sort_by_what_they_made_and_are_found_by_what_was_wrong(listed: Site) -> None:
    gains = [number(cell) for cell in cells(listed.get("/hours?sort=hours.gain&rows=100").text, "Hours", 2)]
    assert len(gains) == 100 and gains == sorted(gains)

    page = listed.get("/hours?find=spot: http 503").text
    hours = cells(page, "Hours", 0)
    assert len(hours) == len(PARTIAL) and cells(page, "Hours", 3) == ["unknown"] * len(hours)
    assert len(cells(listed.get("/hours?find=missed&rows=250").text, "Hours", 0)) == len(MISSED)


def test_an_hour_in_the_list_says_what_its_own_page_says(listed: Site) -> None:
    """The gain is the change of NAV without flows; the deposit of the long history lies in one of these hours."""
    page = listed.get("/hours?sort=-hours.flows&rows=25").text
    hour, gain, flows = (cells(page, "Hours", column)[0] for column in (0, 2, 4))

    shown = text(listed.get(f"/explain/hour?hour={hour.replace(' ', 'T')[:13]}").text)
    assert number(flows) > 100 and flows in shown
    assert gain in shown


@pytest.mark.parametrize("path", ["/flows", "/hours"])
@pytest.mark.parametrize("dates", ["from=2020-01-01&to=2020-01-02", "from=2090-01-01&to=2090-01-02"])
def test_dates_without_an_hour_list_nothing(listed: Site, path: str, dates: str) -> None:
    """Neither rows nor sums of other days stand under the picked ones."""
    page = listed.get(f"{path}?{dates}").text

    assert 'aria-label="Hours"' not in page and f'aria-label="{LEDGER}"' not in page
    assert ("No money in or out of" if path == "/flows" else "No hour of this period was recorded") in page


@pytest.mark.parametrize(
    ("path", "label"), [("/hours", "Hours"), ("/flows", "Pick a column to sort by it"), ("/status", "Runs")]
)
def test_times_are_found_as_they_are_shown(listed: Site, path: str, label: str) -> None:
    """Also by another clock than UTC's."""
    zone = "zone=Asia/Kathmandu"
    shown = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", " ".join(cells(listed.get(f"{path}?{zone}").text, label, 0)))[-1]
    page = listed.get(f"{path}?{zone}&find={shown}").text

    assert shown in page.split("</form>", 1)[1].split("<tbody>", 1)[-1] and "contains" not in text(page), text(page)[
        :900
    ]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-03-28", 24)])
def test_a_day_leads_to_each_of_its_hours(listed: Site, day: str, hours: int) -> None:
    """Also the day on which the clock is changed, which has one less."""
    page = listed.get(f"/?from={day}&to={day}&zone=Europe/Prague").text
    found = re.findall(r"hour=(\d{4}-\d\d-\d\dT\d\d)", page.split('class="zooms"')[1].split("</ul>", maxsplit=1)[0])

    assert len(set(found)) == len(found) == hours


TABS = (("/holdings", "By asset"), ("/orders", "Orders"), ("/trades", "Closed"), ("/performance", "Day by day"),
        ("/flows", "Ledger"), ("/flows", "Own transfers"), ("/fees", "For what, and where"))  # fmt: skip


@pytest.mark.parametrize(("path", "section"), TABS)
def test_every_section_is_a_click_away_from_overview(listed: Site, path: str, section: str) -> None:
    overview = listed.get("/").text
    assert f'href="{path}"' in overview and "<h2>At Binance</h2>" in overview
    assert re.search(rf"<h2>{section}\b", listed.get(path).text)
