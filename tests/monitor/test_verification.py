"""`verify`: finds nothing in what the worker wrote, and everything that was changed afterwards."""

from collections.abc import Iterator

import pytest

from monitor.checks.verification import verify
from monitor.store import Db
from sql.connect import connect
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker


@pytest.fixture
def owner(database: Database) -> Iterator[Db]:
    with connect(database.owner_url, name="test", schema="monitor") as db:
        yield db


@pytest.fixture
def history(worker: Worker, venue: RunningVenue) -> Worker:
    """Six hours with a deposit, a withdrawal and a late deposit."""
    worker.run(venue.now())
    for event in ("deposit 2 ETH", "buy 0.01 BTCUSDT", "deposit 900 USDT shown after 2h", "withdraw 1 ETH fee 0.001"):
        venue.advance(minutes=20)
        venue.do(event)
        venue.advance(minutes=40)
        worker.run(venue.now())
    venue.advance(hours=1)
    worker.run(venue.now())
    return worker


def test_nothing_differs_in_what_the_worker_wrote(history: Worker) -> None:
    verified = verify(history.db)

    assert verified.differences == ()
    assert verified.hours == 2 * len(history.hours())  # the combined row too


CHANGES = [
    ("update monitor.nav_history set unit_price = unit_price + 0.000000000000000001", "unit_price"),
    ("update monitor.nav_history set units = units + 1", "units"),
    ("update monitor.nav_history set flows = flows + 1", "flows"),
    ("update monitor.nav_history set invested = invested + 1", "invested"),
    ("update monitor.nav_history set nav = nav + 0.01", "nav"),
    ("update monitor.holding_sets set free[1] = free[1] + 0.01", "nav of the snapshot"),
    ("update monitor.holding_sets set prices[1] = prices[1] + 1", "price of"),
    ("update monitor.price_history set prices[1] = prices[1] + 1", "price of"),
    ("update monitor.snapshots set nav = nav + 1", "nav of the snapshot"),
    ("update monitor.benchmark_history set nav = nav + 0.01", "benchmark hold nav"),
    ("update monitor.benchmark_history set quantities[1] = 0", "benchmark hold quantities"),
    ("delete from monitor.benchmark_history", "benchmark monthly unit_price"),
    ("update monitor.flow_valuations set value = value + 1", "flow value"),
    ("update monitor.flow_valuations set unit_price = 99", "flow unit_price"),
    ("update monitor.flow_valuations set value = 1 where nav_before = 0", "flow value"),  # the opening
    ("delete from monitor.flow_valuations", "flow value"),
    (
        "with added as (insert into monitor.processed_transactions (account_id, kind, exchange_id, state, asset, amount,"
        " requested_at, first_seen_at) values (1, 'deposit', 'x', 'void', 'BTC', 7, now(), now()) returning *)"
        " insert into monitor.flow_valuations (account_id, transaction_id, occurred_at, value)"
        " select 1, id, requested_at, 7 from added",
        "flow value",
    ),
    ("update monitor.benchmark_flows set units = units + 1", "benchmark hold flow units"),
    ("delete from monitor.benchmark_flows", "benchmark monthly flow unit_price"),
    (
        "insert into monitor.benchmark_history select benchmark_id, hour - interval '3 days', taken_at, nav, units,"
        " unit_price, debt, invested, episode, peak_nav, quantities from monitor.benchmark_history limit 1",
        "benchmark hold nav",
    ),
    ("delete from monitor.explanations", "explained change of nav"),
    ("update monitor.explanations set from_hour = from_hour - interval '1 hour'", "explained change of nav"),
    ("update monitor.minute_prices set price = price + 1", "flow value"),
]


def test_whatever_is_changed_afterwards_is_named(history: Worker, owner: Db) -> None:
    for change, figure in CHANGES:
        with owner.transaction(force_rollback=True):
            owner.execute(change)  # type: ignore[arg-type]
            found = [difference.figure for difference in verify(owner).differences]

        assert any(figure in name for name in found), change


def test_one_changed_row_is_one_difference(history: Worker, owner: Db) -> None:
    hour = history.hours()[2]["hour"]
    owner.execute(
        "update monitor.nav_history set flows = flows + 1 where account_id = 1 and hour = %(hour)s", {"hour": hour}
    )

    (difference,) = verify(history.db).differences

    assert (difference.account, difference.at, difference.figure) == ("test", hour, "flows")
