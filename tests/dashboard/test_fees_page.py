"""Fees: their sum is Explain's to the last digit, whichever way they are added up; what is no part of it stands apart."""

import csv
import io
import re
from decimal import Decimal

import pytest

from finance.decimals import total
from look.figures import usdt
from sql.connect import connect
from tests.dashboard.site import Site
from tests.dashboard.test_api import ask
from tests.dashboard.test_lists import cells, number
from tests.dashboard.test_one_trade import lived
from tests.dashboard.test_pages import text
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

__all__ = ["lived"]
FUNDING = """
    insert into monitor.other_fees (account_id, hour, number, at, row, kind, asset, quantity, value)
    select account_id, hour, 90, hour - interval '5 minutes', '', 'funding_fee', 'USDT', 1.5, 1.5
    from monitor.explanations order by hour desc limit 1
    """
TABLES = ("By type", "By exchange", "By month", "By coin")


def sum_fees(site: Site, query: str = "") -> Decimal:
    rows = ask(site, f"/fees{query}")["rows"]
    return total(Decimal(row["value"]) for row in rows if row["type"] not in ("FUNDING", "WITHDRAWAL"))


def test_fees_are_those_of_explain_and_lead_to_their_trades(site: Site, lived: Worker, venue: RunningVenue) -> None:
    venue.do("withdraw 0.5 BNB fee 0.01")
    venue.advance(hours=1)
    lived.run(venue.now())
    explained = -Decimal(ask(site, "/portfolio/explanation")["fees"])
    rows = ask(site, "/fees")["rows"]
    page = site.get("/fees").text

    assert sum_fees(site) == explained != 0
    assert {row["asset"] for row in rows if row["type"] == "TAKER"} == {"SOL", "USDT", "BNB"}
    [network] = [row for row in rows if row["type"] == "WITHDRAWAL"]
    assert (network["asset"], network["quantity"], network["hour"]) == ("BNB", "0.01", None)
    assert f"test paid {usdt(explained)} USDT in fees" in text(page)
    assert f"{usdt(Decimal(network['value']))} USDT" in text(page).split("Network fees of withdrawals")[1][:20]
    for label in TABLES:
        sums = [number(cell) for cell in cells(page, label, 1)]
        assert sum(sums[: len(sums) - 1] or sums) == round(explained, 2), label
    for trade in {row["trade_id"] for row in rows if row["trade_id"]}:
        told = ask(site, f"/trades/{trade}")
        assert total(Decimal(row["value"]) for row in rows if row["trade_id"] == trade) == Decimal(told["fees"])
        assert f"account=1&amp;trade={trade}" in page
    for address in ("/export/fees.csv", "/api/fees.csv"):
        saved = csv.DictReader(io.StringIO(site.get(address).text))
        assert [row["value"] for row in saved] == [row["value"] for row in rows]


@pytest.mark.parametrize("query", ["?period=all", "?period=30d", "?from=2026-04-01&to=2026-04-30"])
def test_the_page_has_the_fees_of_explains_period(long_site: Site, query: str) -> None:
    explained = -Decimal(ask(long_site, f"/portfolio/explanation{query}")["fees"])
    assert explained > 0
    assert f"{usdt(explained)} USDT in fees" in text(long_site.get(f"/fees{query}").text)
    assert abs(sum_fees(long_site, query) - explained) < Decimal("0.5")  # the list is by time, not by hour


def test_funding_is_no_part_of_the_sum(own_site: Site, database: Database) -> None:
    before = re.search(r"paid (\S+) USDT", text(own_site.get("/fees?period=90d").text))
    with connect(database.owner_url, name="test") as owner:
        owner.execute(FUNDING)
        owner.execute("update monitor.runs set weight = '{}' where id = (select max(id) from monitor.runs)")
    page = text(own_site.get("/fees?period=90d").text)
    assert before and before[0] in page
    assert re.search(r"Funding ?: 1\.50 USDT ?\. Not in the sum, for they are income in Explain", page)


@pytest.mark.usefixtures("first_hour")
def test_nothing_paid_is_a_sentence(site: Site, worker: Worker, venue: RunningVenue) -> None:
    page = text(site.get("/fees").text)
    assert "No fees of test, all time" in page and "Nothing was paid in this period" in page
