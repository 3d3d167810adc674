"""Accounts that begin with debts, lose everything, or come back from nothing: no false gain, no hidden loss."""

from monitor.performance.verification import verify
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

IN_DEBT = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 1000 USDT
+1m transfer 100 USDT from spot to cross_margin
+2m charge 1500 USDT on cross_margin
"""


def hour(worker: Worker, venue: RunningVenue, *events: str) -> None:
    """An hour with the events at 10, 20, ... past, and a run."""
    for event in events:
        venue.advance(minutes=10)
        venue.do(event)
    venue.advance(minutes=60 - 10 * len(events))
    worker.run(venue.now())


def test_an_account_that_begins_with_debts_has_paid_in_less_than_nothing(
    open_worker: Opener, open_venue: VenueOpener
) -> None:
    venue = open_venue(IN_DEBT)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    hour(worker, venue, "deposit 1500 USDT")

    for account in (1, 0):
        rows = worker.hours(account)
        assert [(row["nav"], row["invested"], row["units"]) for row in rows] == [(-500, -500, 0), (1000, 1000, 10)]
        assert [row["unit_price"] for row in rows] == [100, 100]
    booked = worker.rows("select value, units from flow_valuations where account_id = 1 order by transaction_id")
    assert [(row["value"], row["units"]) for row in booked] == [(-500, 0), (1500, 10)]
    (opening,) = worker.rows("select * from processed_transactions where kind = 'opening'")
    assert (opening["amount"], opening["state"]) == (-500, "counted")
    first = worker.rows("select * from benchmark_history order by hour, benchmark_id limit 1")
    assert [(row["nav"], row["debt"], row["invested"]) for row in first] == [(-500, 500, -500)]
    assert {row["invested"] for row in worker.rows("select * from benchmark_history where units > 0")} == {1000}
    assert verify(worker.db).differences == ()


def test_everything_lost_and_paid_in_again_within_an_hour_is_a_loss(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 100 USDT from spot to cross_margin")
    worker.run(venue.now())
    hour(worker, venue, "charge 20000 USDT on cross_margin", "deposit 30000 USDT")
    hour(worker, venue)

    first, *_, last = worker.hours()
    assert [row["status"] for row in worker.hours()] == ["COMPLETE"] * 3
    assert [(row["losses"], row["episode"]) for row in (first, last)] == [(0, 1), (1, 2)]
    assert abs(last["unit_price"] - 100) < 5
    assert verify(worker.db).differences == ()


def test_what_an_empty_account_gains_by_itself_nobody_has_paid_in(worker: Worker, venue: RunningVenue) -> None:
    """Everything is lost; then the exchange gives something, and the account is worth something again."""
    venue.do("transfer 100 USDT from spot to cross_margin")
    worker.run(venue.now())
    paid_in = worker.hours()[0]["invested"]
    hour(worker, venue, "charge 20000 USDT on cross_margin")
    hour(worker, venue)
    lost = worker.hours()[-1]
    hour(worker, venue, "dividend 25000 USDT")
    back = worker.hours()[-1]

    assert (lost["unit_price"], lost["units"]) == (0, 0)
    assert back["nav"] > 10_000
    assert (back["invested"], back["flows"], back["episode"], back["unit_price"]) == (paid_in, 0, 2, 100)
    assert back["units"] == back["nav"] / 100
    assert verify(worker.db).differences == ()
