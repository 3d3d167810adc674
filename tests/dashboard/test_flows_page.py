"""The flows page beside a real worker: what is pending, and what the first reading found."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

from monitor.performance.opening import move_opening
from tests.dashboard.site import Site
from tests.dashboard.test_pages import text
from tests.venue import RunningVenue
from tests.worker import Worker


def test_a_deposit_before_the_first_reading_is_part_of_the_opening(
    site: Site, worker: Worker, venue: RunningVenue
) -> None:
    """10,000 USDT came an hour before the account was first read: its balances have them, so nothing is to come."""
    worker.run(venue.now())

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


def test_a_deposit_after_the_first_reading_is_valued_by_the_next(
    site: Site, worker: Worker, venue: RunningVenue
) -> None:
    worker.run(venue.now())
    venue.advance(minutes=30)
    venue.do("deposit 2500 USDT")
    venue.advance(minutes=30)
    worker.run(venue.now())

    page = text(site.get("/flows").text)
    assert "Paid in +2,500.00 USDT" in page and "Pending 0" in page
