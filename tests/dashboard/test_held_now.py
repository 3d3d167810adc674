"""What an account holds, however it is asked for and however little it is."""

import re
from decimal import Decimal

import httpx
import pytest

from look.figures import quantity, signed_money
from sql.connect import connect
from tests.dashboard.site import Site
from tests.dashboard.test_pages import text
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

ADDRESSES = ("/api/balances/{}", "/api/balances/summary/{}", "/api/balances?account={}", "/api/flows?account={}",
             "/api/portfolio/snapshot?account={}", "/holdings?account={}", "/charts/light/values.svg?account={}",
             "/export/flows.csv?account={}")  # fmt: skip


def test_an_open_position_is_long_or_short(site: Site, worker: Worker, venue: RunningVenue) -> None:
    """The exchange says BOTH of whoever does not hedge."""
    venue.do("transfer 500 USDT from spot to futures")
    venue.do("long 0.01 BTCUSDT")
    venue.do("short 0.1 ETHUSDT")
    worker.run(venue.now())

    positions = site.get("/api/balances").json()["positions"]
    assert {row["symbol"]: row["side"] for row in positions} == {"BTCUSDT": "long", "ETHUSDT": "short"}
    page = text(site.get("/holdings").text)
    assert re.search(r"BTCUSDT USD-M futures long 0.01 ", page)
    assert re.search(r"ETHUSDT USD-M futures short −0.1 ", page)


def test_what_is_held_has_cost(site: Site, worker: Worker, venue: RunningVenue) -> None:
    """Of 3 ETH, 2 there from the start and 1 bought, half is sold: 1.5 remain at the average of the three."""
    worker.add("buyer", "key-of-the-buying-account-000", "secret-of-the-buying-account-0")
    venue.do("account buyer key key-of-the-buying-account-000 secret secret-of-the-buying-account-0")
    venue.do("deposit 2 ETH", account="buyer")
    venue.do("deposit 9000 USDT", account="buyer")
    venue.do("deposit 0.02 SOL", account="buyer")
    worker.run(venue.now())
    assert "not known of an account's first hour" in site.get("/holdings?account=buyer").text
    [first] = worker.rows("select max(price) as price from holdings where asset = 'ETH'")
    venue.advance(minutes=30)
    venue.do("buy 1 ETHUSDT", account="buyer")
    venue.advance(minutes=30)
    worker.run(venue.now())
    venue.do("sell 1.5 ETHUSDT", account="buyer")
    venue.do("dust SOL", account="buyer")
    venue.do("withdraw 200 USDT fee 1 completed after 20h", account="buyer")
    venue.advance(hours=1)
    worker.run(venue.now())

    [bought] = worker.rows("select -quote_quantity as paid from fills where base_quantity > 0 and market = 'spot'")
    summary = {row["asset"]: row for row in site.get("/api/balances/summary?account=buyer").json()["assets"]}
    eth = summary["ETH"]
    average = (2 * first["price"] + bought["paid"]) / 3
    assert abs(Decimal(eth["average_cost"]) - average) < Decimal("1e-15")
    cost = Decimal(eth["average_cost"]) * Decimal(eth["quantity"])  # 0.001 of the one that was bought was its fee
    assert abs(Decimal(eth["gain"]) - Decimal(eth["value"]) + cost) < Decimal("1e-15")
    assert summary["USDT"]["gain"] is None
    page = text(site.get("/holdings?account=buyer").text)
    assert f"{average:,.2f}" in page
    assert "Unrealised in all:" in page
    explained = site.get("/api/portfolio/explanation?account=buyer").json()
    gains = {name: Decimal(amount) for name, amount in explained["gains"].items()}
    assert sum(gains.values()) == Decimal(explained["price_effect"]) + Decimal(explained["trading"])
    assert gains["realised"] != 0
    page = text(site.get("/explain?account=buyer").text)
    assert f"Realised by selling {signed_money(gains['realised'])} " in page
    assert f"Prices and trading {signed_money(sum(gains.values(), Decimal(0)))} " in page
    assert "Unrealised in all:" not in text(site.get("/holdings?account=buyer&currency=EUR").text)
    check_what_is_out_of_reach(site, summary["USDT"])
    check_what_became_of_small_balances(site)


def check_what_is_out_of_reach(site: Site, usdt: dict[str, str | None]) -> None:
    """201 USDT are on their way out: locked, and all of that withdrawing."""
    assert (usdt["locked"], usdt["withdrawing"], usdt["frozen"], usdt["owed"]) == ("201", "201", None, "0")
    assert Decimal(usdt["free"] or 0) + 201 == Decimal(usdt["quantity"] or 0)
    page = site.get("/holdings?account=buyer&sort=-assets.withdrawing").text
    heads, first = page.split("<thead>")[1].split("</tr>")[0], page.split("<tbody>")[1].split("</tr>")[0]
    assert [name in heads for name in (">Free<", ">Locked<", ">Frozen<", ">Withdrawing<")] == [True, True, False, True]
    assert text(first).split()[0] == "USDT" and text(first).split().count("201") == 2
    found = site.get("/holdings?account=buyer&find=eth").text.split('id="assets"')[1].split("</section>")[0]
    assert ">ETH<" in found and ">USDT<" not in found
    assert "Nothing that is held contains “gold”" in site.get("/holdings?account=buyer&find=gold").text


def check_what_became_of_small_balances(site: Site) -> None:
    [fill] = [row for row in site.get("/api/fills?account=buyer").json()["rows"] if row["market"] == "dust"]
    small = text(site.get("/holdings?account=buyer").text.split('id="small"')[1].split("</section>")[0])
    assert f"0.02 SOL {quantity(Decimal(fill['quote_quantity']))} BNB {quantity(Decimal(fill['fee']))} BNB" in small


def test_half_a_dollar_is_something(site: Site, worker: Worker, venue: RunningVenue) -> None:
    worker.add("poor", "key-of-the-poor-account-0000", "secret-of-the-poor-account-00")
    venue.do("account poor key key-of-the-poor-account-0000 secret secret-of-the-poor-account-00")
    venue.do("deposit 0.5 USDT", account="poor")
    worker.run(venue.now())

    page = text(site.get("/holdings?account=poor").text)
    assert "poor: 0.50 USDT, of it 100.0 % USDT" in page
    assert "holds nothing" not in page


@pytest.mark.usefixtures("first_hour")
def test_an_account_is_found_by_its_label_as_by_its_number(
    site: Site, worker: Worker, venue: RunningVenue, database: Database
) -> None:
    venue.advance(hours=1)
    worker.run(venue.now())
    with connect(database.owner_url, name="test") as owner:
        owner.execute("update accounts set label = 'a/b & c' where id = 1")
    written = httpx.URL(params={"": "a/b & c"}).query.decode()[1:]
    for address in ADDRESSES:
        by_number, by_label = (site.get(address.format(name)) for name in ("1", written.replace("+", "%20")))
        assert (by_label.status_code, by_label.headers["content-type"]) == (200, by_number.headers["content-type"]), (
            address
        )
        if "json" in by_number.headers["content-type"]:
            assert by_label.json() == by_number.json()


@pytest.mark.usefixtures("first_hour")
def test_amounts_and_addresses_are_no_longer_than_they_need(site: Site, worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=1)
    worker.run(venue.now())

    for address in ("/api/balances", "/api/balances/summary", "/api/explanations", "/api/portfolio/equity-curve"):
        amounts = re.findall(r'"(-?[0-9]+\.[0-9]+)"', site.get(address).text)
        assert [amount for amount in amounts if Decimal(amount) == 0 or amount.endswith("0")] == []
    charts = re.findall(r'"(/charts/[^"]*)"', site.get("/").text)
    assert charts
    assert max(map(len, charts)) < 100
