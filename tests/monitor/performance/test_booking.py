"""What histories record, booked: revisions of the ledger, and from which moment on the past is another."""

from dataclasses import replace

from finance.records import FlowRecord, FlowState
from monitor.market.known_prices import Fetched
from monitor.performance.booking import book_histories
from monitor.performance.changes import Change
from tests.monitor.notation import at
from tests.monitor.performance.hours import Hours, deposit, make_reading

NOON = at("2026-05-01 12:00")
CAME = deposit(1, "100", "USDT", at("2026-05-01 11:30"))


def book(hours: Hours, *flows: FlowRecord, minute: int = 2) -> tuple[Change, ...]:
    run = hours.run(NOON.replace(minute=minute))
    with hours.db.transaction():
        return book_histories(run, Fetched(exchange="binance"), make_reading(run.now, "1 USDT", flows).snapshot)


def test_a_flow_is_booked_once_however_often_it_is_seen(hours: Hours) -> None:
    first, again = book(hours, CAME), book(hours, CAME, minute=30)

    assert [change.at for change in first] == [CAME.completed_at] and again == ()
    assert hours.rows("select revision, amount from processed_transactions") == [{"revision": 1, "amount": 100}]


def test_another_amount_is_a_new_revision_and_changes_the_past_from_the_flow_on(hours: Hours) -> None:
    book(hours, CAME)
    (change,) = book(hours, replace(CAME, amount=CAME.amount + 1), minute=30)

    assert (change.at, change.reason.endswith("is now 101 USDT, fee 0")) == (CAME.completed_at, True)
    assert [row["revision"] for row in hours.rows("select revision from processed_transactions order by id")] == [1, 2]


def test_what_is_pending_changes_nothing_before_it_counts(hours: Hours) -> None:
    pending = replace(CAME, state=FlowState.PENDING, completed_at=None)

    assert book(hours, pending) == ()
    assert [change.at for change in book(hours, CAME, minute=30)] == [CAME.completed_at]


def test_a_status_that_nobody_knows_is_logged(hours: Hours) -> None:
    book(hours, replace(CAME, state=FlowState.PENDING, exchange_status="7 (unknown)", completed_at=None))

    (line,) = hours.rows("select level, message from system_logs")
    assert line["level"] == "warning" and "has a status nobody knows, 7 (unknown): not counted" in line["message"]
