"""Pages in another currency and by another clock: worked out by hand from the stored hours and rates."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dashboard.frame import Frame, load_frame
from dashboard.history.rates import Invested
from dashboard.history.steps import load_steps
from dashboard.history.track import Point, convert
from dashboard.measured import load_measures
from dashboard.performance import compare
from dashboard.view import read_view
from look.figures import price
from sql.connect import connect
from sql.rows import Db
from tests.dashboard.site import NOW, Site
from tests.dashboard.test_pages import text
from tests.postgres import Database

HOUR = timedelta(hours=1)
TINY = Decimal("1e-12")
LAST = NOW.replace(minute=0)
Rows = dict[datetime, dict[str, Any]]


@contextmanager
def reading(database: Database) -> Iterator[Db]:
    """A connection with the dashboard's rights."""
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as db:
        yield db


def load_hours(db: Db, currency: str) -> Rows:
    """Every hour with a figure and a rate, with its benchmark."""
    rows = db.execute(
        """
        select n.*, b.nav as benchmark_nav, b.unit_price as benchmark_price, r.rate
        from nav n
        join benchmarks c on c.account_id = n.account_id and c.name = 'hold'
        join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour
        join rates r on r.hour = n.hour and r.currency = %(currency)s and r.rate is not null
        where n.unit_price is not null
        order by n.hour
        """,
        {"currency": currency},
    ).fetchall()
    return {row["hour"]: row for row in rows}


def frame(db: Db, **parameters: str) -> Frame:
    """The frame of an address."""
    return load_frame(db, read_view(parameters), "1")


def test_a_period_in_euro_is_the_account_as_if_it_had_been_kept_in_euro(own_site: Site, database: Database) -> None:
    with reading(database) as db:
        hours = load_hours(db, "EUR")
        shown = frame(db, currency="EUR", period="90d")
        found = compare(shown.shown.start, shown.shown.end)
        steps = load_steps(
            db, shown.account_id, "hold", shown.shown.start.hour, shown.shown.end.hour, "day", currency="EUR"
        )
        measured = load_measures(db, shown).figures["time_weighted_return"]
    start, end = hours[shown.shown.start.hour], hours[shown.shown.end.hour]
    flows = [row for row in hours.values() if row["flows"] and start["hour"] < row["hour"] <= end["hour"]]
    assert len(flows) == 1  # the deposit of the history: at the rate of the first hour that contains it
    paid = flows[0]["flows"] / flows[0]["rate"]
    nav_before, nav_after = start["nav"] / start["rate"], end["nav"] / end["rate"]
    benchmark_change = end["benchmark_nav"] / end["rate"] - start["benchmark_nav"] / start["rate"]

    assert abs(shown.shown.start.nav - nav_before) < TINY
    assert abs(shown.shown.end.nav - nav_after) < TINY
    grown = (end["unit_price"] / end["rate"]) / (start["unit_price"] / start["rate"]) - 1
    assert found.account is not None
    assert abs(found.account - grown) < TINY
    assert measured.account.value == pytest.approx(float(grown), abs=1e-9)
    in_euro = re.sub(r"<[^>]*>", "", own_site.get("/holdings?currency=EUR").text)
    last = hours[LAST]
    assert f"long: {last['nav'] / last['rate']:,.2f} EUR" in " ".join(in_euro.split())
    assert grown != end["unit_price"] / start["unit_price"] - 1
    gain = (nav_after - nav_before - paid) - (benchmark_change - paid)
    assert abs(found.value - gain) < TINY
    assert abs(sum(step.nav_change for step in steps) - (nav_after - nav_before)) < TINY
    assert abs(sum(step.flows for step in steps) - paid) < TINY
    assert abs(sum(step.price_effect + step.fees for step in steps) - (nav_after - nav_before - paid)) < TINY
    assert abs(sum(step.benchmark_flows for step in steps) - paid) < TINY


def test_a_worked_example_by_hand() -> None:
    """1,000 USDT at 1.25 are 800 EUR. 100 USDT come at 1.20: 83.33 EUR. In the end 1,210 USDT at 1.10 are 1,100 EUR.

    In USDT it made 110, 10 % (1.00 to 1.10 a unit, 1,100 units). In EUR it made 1,100 - 800 - 83.33 = 216.67, 25 %: a unit
    was 0.80 and is 1.00. The benchmark stood still at 1,100 USDT: 1,000 EUR, so it made 116.67, 13.64 %.
    """
    begun, later, ended = (datetime(2026, 5, 1, hour, tzinfo=UTC) for hour in (0, 5, 9))
    paid: list[Decimal] = [Decimal(1000) / Decimal("1.25"), Decimal(100) / Decimal("1.20")]
    invested = Invested(
        hours=[begun, later], account=[paid[0], paid[0] + paid[1]], benchmark=[paid[0], paid[0] + paid[1]]
    )
    start, end = (
        convert(make_point(*point), invested)
        for point in (
            (begun, "1000", "1000", "1", "1000", "1", "1000", "1.25"),
            (ended, "1210", "1100", "1.1", "1100", "1", "1100", "1.10"),
        )
    )
    found = compare(replace(start, from_price=start.unit_price, benchmark_from_price=start.benchmark_unit_price), end)

    assert (start.nav, end.nav) == (800, 1100)
    assert round(end.invested, 2) == Decimal("883.33")
    assert found.account == Decimal("0.25")
    assert found.benchmark is not None
    assert round(found.benchmark, 4) == Decimal("0.1364")
    assert found.value == 100  # 216.67 - 116.67


def make_point(
    hour: datetime, nav: str, invested: str, price: str, benchmark: str, other: str, units: str, rate: str
) -> Point:
    """An hour of the example, in USDT."""
    return Point(
        hour=hour, taken_at=hour, nav=Decimal(nav), invested=Decimal(invested), units=Decimal(units),
        unit_price=Decimal(price), episode=1, losses=0, benchmark_nav=Decimal(benchmark),
        benchmark_invested=Decimal(invested), benchmark_units=Decimal(units), benchmark_unit_price=Decimal(other),
        benchmark_episode=1, debt=Decimal(0), rate=Decimal(rate),
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/performance", "/explain", "/explain/hour", "/holdings", "/flows", "/accounts", "/hours", "/status"])  # fmt: skip
def test_pages_name_the_currency_and_the_clock(long_site: Site, path: str) -> None:
    page = long_site.get(f"{path}?currency=EUR&zone=Europe/Prague&period=30d")

    assert page.status_code == 200, page.text
    text = re.sub(r"<form.*?</form>", "", page.text, flags=re.S)
    assert "Amounts are in EUR" in text
    assert "Times are Europe/Prague" in text
    headings = " ".join(re.findall(r"<(?:th|small|h1|h2|caption|dd)\b[^>]*>([^<]*)", text))
    assert path == "/status" or "USDT" not in headings.replace("Difference, USDT", "").replace(" USDT ", " ")
    assert " UTC<" not in text.split("<footer")[0].replace("UTC, ", "")


def test_charts_and_links_carry_the_choice(long_site: Site) -> None:
    page = long_site.get("/?currency=EUR&zone=Asia/Kolkata").text

    assert page.count("currency=EUR") > 10
    assert "zone=Asia%2FKolkata" in page
    chart = re.search(r'src="(/charts/light/values.svg[^"]+)"', page)
    assert chart
    address = chart[1].replace("&amp;", "&")
    assert "currency=EUR" in address
    in_euro = long_site.get(address)
    in_usdt = long_site.get(address.replace("currency=EUR", "currency=USDT"))
    assert in_euro.headers["ETag"] != in_usdt.headers["ETag"]
    assert long_site.get(address, **{"If-None-Match": in_euro.headers["ETag"]}).status_code == 304


def test_an_hour_without_a_rate_has_no_figure_in_the_currency(own_site: Site, database: Database) -> None:
    with reading(database) as db:
        first = min(load_hours(db, "BTC"))
        shown = frame(db, currency="BTC")
    assert shown.history
    assert shown.history[0] == first
    before = own_site.get(f"/explain/hour?currency=BTC&hour={first - HOUR:%Y-%m-%dT%H}")
    assert "not available in BTC" in before.text
    nothing = own_site.get("/?currency=ETH")
    assert nothing.status_code == 200
    assert "Nothing is known in ETH yet" in nothing.text
    page = own_site.get("/?currency=BTC").text
    assert re.search(r"0\.\d{8}</a> <small>BTC", page)


def test_an_asset_costs_one_of_itself_and_the_page_says_what_it_counts_as(long_site: Site) -> None:
    """A rate is one exchange's, the price of what is held another's: the row's value stays its part of the sum."""
    page = text(long_site.get("/holdings?currency=BTC").text)
    found = re.search(r" BTC 1 1\.0000 (0\.\d{8}) ", page)
    assert found, page
    assert f"1 BTC counts as {price(Decimal(found[1]))} BTC here" in page
    assert "BTC 1 1 1.0000 1.0000 0.00 % " in text(long_site.get("/explain/hour?currency=BTC").text)
    assert "counts as" not in text(long_site.get("/holdings?currency=EUR").text)


def test_the_choice_is_remembered_and_read_strictly(long_site: Site) -> None:
    chosen = long_site.get("/?currency=EUR&zone=Europe/Prague")
    cookie = chosen.headers["Set-Cookie"]
    assert cookie.startswith("portfolio_display=currency=EUR&zone=Europe%2FPrague; ")
    assert "SameSite=Lax" in cookie
    kept = cookie.partition(";")[0]

    remembered = long_site.get("/holdings", Cookie=kept)
    assert "Amounts are in EUR" in remembered.text
    assert "Set-Cookie" not in remembered.headers
    assert "Cookie" in remembered.headers["Vary"]
    again = long_site.get("/holdings?currency=USDT", Cookie=kept)
    assert "Amounts are in USDT" in again.text
    assert "currency=USDT&zone=Europe%2FPrague" in again.headers["Set-Cookie"]
    for odd in (
        "portfolio_display=currency=XYZ",
        "portfolio_display=<script>",
        "portfolio_display=zone=../../etc/passwd",
    ):
        assert "Amounts are in USDT" in long_site.get("/holdings", Cookie=odd).text
    assert long_site.get("/api/balances", Cookie=kept).json() == long_site.get("/api/balances").json()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("currency=GBP", "The currency is one of USDT, EUR, USDC, BTC, ETH"),
        ("zone=Europe/Prag", "Europe/Prague"),
        ("zone=../../etc/passwd", "No such time zone"),
    ],
)
def test_what_is_not_known_is_refused_with_a_sentence(long_site: Site, query: str, said: str) -> None:
    page = long_site.get(f"/?{query}")

    assert page.status_code == 400
    assert said in page.text
    assert "Set-Cookie" not in page.headers


def test_days_are_the_readers(own_site: Site, database: Database) -> None:
    with reading(database) as db:
        shown = frame(db, zone="Europe/Prague", **{"from": "2026-05-10", "to": "2026-05-10"})
        steps = load_steps(
            db, shown.account_id, "hold", shown.shown.start.hour, shown.shown.end.hour, "day", zone="Europe/Prague"
        )
    assert shown.shown.start.hour == datetime(2026, 5, 9, 22, tzinfo=UTC)
    assert shown.shown.end.hour == datetime(2026, 5, 10, 22, tzinfo=UTC)
    assert len(steps) == 1
    page = own_site.get("/explain?zone=Europe/Prague&from=2026-05-10&to=2026-05-10").text
    assert "2026-05-10</span> 00:00 CEST" in page


@pytest.mark.parametrize("period", ["24h", "7d", "30d", "90d", "all"])
def test_a_loss_is_not_told_as_something_made(long_site: Site, period: str) -> None:
    """One sign for a figure: "508.98 lost" and "1,201.00 taken out", as the headline has it."""
    page = text(long_site.get(f"/explain?period={period}").text)
    told = re.search(r"\): (\S+) (made|lost)(, \S+ (paid in|taken out))?\. The parts", page)

    assert told and f"{told[2]} {told[1]} USDT" in page and not {"+", "\N{MINUS SIGN}"} & set(told[0])
