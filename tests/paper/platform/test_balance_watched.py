"""The monitor watches a paper balance that its owner edits: it sees a flow, and the unit price does not move by a digit."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

from paper.engine.paper_balance import begin_anew, set_total
from paper.engine.venue import Venue
from tests.venue import KEY, SECRET, START
from tests.venue import Opener as OpenVenue
from tests.worker import Opener as OpenWorker

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
"""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def edit(venue: Venue, total: Decimal) -> None:
    set_total(venue, "test", "USDT", total, venue.clock.now(), "test", reason="edit")


def test_an_edit_is_a_flow_and_no_loss(open_venue: OpenVenue, open_worker: OpenWorker) -> None:
    venue = open_venue(STORY, stands=START + HOUR + 2 * MINUTE)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    for hour, total in enumerate((Decimal(5_000), Decimal(7_500)), start=2):
        venue.set_clock(START + hour * HOUR - 20 * MINUTE)
        venue.call(partial(edit, venue.venue, total))
        venue.set_clock(START + hour * HOUR + 2 * MINUTE)
        worker.run(venue.now())
    venue.set_clock(START + 4 * HOUR - 20 * MINUTE)
    venue.call(lambda: begin_anew(venue.venue, "test", Decimal(10_000), venue.venue.clock.now(), "test"))
    venue.set_clock(START + 4 * HOUR + 2 * MINUTE)
    worker.run(venue.now())

    hours = worker.hours()
    assert [(row["nav"], row["unit_price"]) for row in hours] == [
        (10_000, 100),
        (5_000, 100),
        (7_500, 100),
        (10_000, 100),
    ]
    flows = worker.rows(
        "select t.asset, t.quantity from flow_valuations v join processed_transactions t on t.id = v.transaction_id where v.account_id = 1 order by v.occurred_at"
    )
    assert [(row["asset"], row["quantity"]) for row in flows][1:] == [
        ("USDT", -5_000),
        ("USDT", 2_500),
        ("USDT", 2_500),
    ]
