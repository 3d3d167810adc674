"""The flows page beside a real worker: what is pending, and what the first reading found."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from monitor.performance.opening import move_opening
from tests.dashboard.site import Site
from tests.dashboard.test_pages import text
from tests.venue import RunningVenue
from tests.worker import Worker


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_before_the_first_reading_is_part_of_the_opening(
    site: Site, worker: Worker, venue: RunningVenue
) -> None:
    """10,000 USDT came an hour before the account was first read: its balances have them, so nothing is to come."""

    page = text(site.get("/flows").text)
    assert "Pending 0" in page and "part of the opening" in page and "no price yet" not in page
    listed = json.loads(site.get("/api/flows").text)["rows"]
    assert [row["in_opening"] for row in listed if row["kind"] == "deposit"] == [True]
    saved = csv.DictReader(io.StringIO(site.get("/export/flows.csv").text))
    assert {row["kind"]: row["in_opening"] for row in saved} == {"deposit": "true", "opening": "false"}

    first = worker.hours()[0]["hour"]
    move_opening(worker.db, 1, first - timedelta(hours=1), Decimal(10_000), venue.now())
    page = text(site.get("/flows").text)
    assert page.count(" opening ") == 1 + page.count("part of the opening")  # the one that counts
    assert "Nothing in this period was corrected" in page


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_after_the_first_reading_is_valued_by_the_next(
    site: Site, worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 2500 USDT")
    venue.advance(minutes=30)
    worker.run(venue.now())

    page = text(site.get("/flows").text)
    assert "Paid in +2,500.00 USDT" in page and "Pending 0" in page


def test_every_flow_says_how_it_stands_and_where_it_went(site: Site, worker: Worker, venue: RunningVenue) -> None:
    """The page and the API say the same; what nobody knows is neither under way nor done."""
    venue.do("withdraw 5 USDT fee 1")
    venue.do("withdraw 7 USDT fee 1 completed after 20h")
    worker.run(venue.now())
    worker.db.execute(
        "insert into processed_transactions (account_id, kind, exchange_id, state, exchange_status, asset, amount, requested_at,"
        " occurred_at, first_seen_at) select 1, 'withdrawal', id, state, status, 'SOL', 2, %(at)s, null, %(at)s"
        " from (values ('a', 'pending', '9 (unknown)'), ('b', 'void', '3')) as t (id, state, status)",
        {"at": venue.now()},
    )
    rows = [row for row in site.get("/api/flows").json()["rows"] if row["kind"] == "withdrawal"]
    told = {(row["asset"], row["amount"]): row for row in rows}
    stands = [told["USDT", "5"], told["USDT", "7"], *(row for row in rows if row["asset"] == "SOL")]
    assert [row["status"] for row in stands] == ["success", "pending", "unknown", "failed"]
    done = stands[0]
    assert (done["network"], done["address"], done["exchange"]) == ("USDT", "paper", "binance")
    assert done["transaction"]
    page = site.get(f"/flows?find={done['transaction']}").text.split('id="flows"')[1].split("</section>")[0]
    shown = text(page.split("<tbody>")[1])
    assert f"success USDT paper {done['transaction']} {done['exchange_id']}" in shown and shown.count("withdrawal") == 1
    assert [site.get(f"/flows?find={word}").text.count("withdrawal</td>") for word in ("unknown", "failed")] == [1, 1]
