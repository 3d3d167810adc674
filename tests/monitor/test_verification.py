"""`verify`: finds nothing in what the worker wrote, and everything that was changed afterwards."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.commands.verify import run_verify
from monitor.performance.verification import verify
from sql.backup import back_up, restore
from sql.connect import connect
from sql.migrate import MIGRATIONS
from sql.rows import Db
from tests.lived_once import Relive
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker


@pytest.fixture
def owner(database: Database) -> Iterator[Db]:
    with connect(database.owner_url, name="test", schema="monitor") as db:
        yield db


@pytest.fixture
def history(worker: Worker, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live`."""
    return relive(worker, venue, live)


def live(worker: Worker, venue: RunningVenue) -> None:
    """Six hours with a deposit, a withdrawal and a late deposit."""
    worker.run(venue.now())
    for event in ("deposit 2 ETH", "buy 0.01 BTCUSDT", "deposit 900 USDT shown after 2h", "withdraw 1 ETH fee 0.001"):
        venue.advance(minutes=20)
        venue.do(event)
        venue.advance(minutes=40)
        worker.run(venue.now())
    venue.advance(hours=1)
    worker.run(venue.now())


def test_nothing_differs_in_what_the_worker_wrote(history: Worker) -> None:
    verified = verify(history.db)

    assert verified.differences == ()
    assert verified.hours == 2 * len(history.hours())  # the combined row too


def test_nothing_differs_in_a_restored_backup_nor_where_the_highs_are_new(
    history: Worker, database: Database, tmp_path: Path
) -> None:
    history.db.close()
    back_up(database.owner_url, tmp_path / "backup")
    restore(database.owner_url, tmp_path / "backup", replace=True)

    with connect(database.owner_url, name="test", schema="monitor") as db:
        assert verify(db).differences == ()
        db.execute("drop table unit_price_highs")
        db.execute((MIGRATIONS / "0027_highs.sql").read_bytes())
        assert verify(db).differences == ()


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
    ("update monitor.flow_valuations set price = 2 * price", "flow price"),
    ("delete from monitor.price_history", "price of"),
    ("update monitor.explanations set trading = trading + 1, price_effect = price_effect - 1", "explained trading"),
    ("update monitor.explanations set flows = 0, residual = residual + flows", "explained flows"),
    ("update monitor.explanations set state = 'tolerance'", "explained state"),
    (
        "update monitor.explanations set assets = jsonb_set(assets, '{BTC,value,price_effect}', '\"1\"')"
        " where assets ? 'BTC'",
        "explained change of BTC",
    ),
    (
        "update monitor.explanations set realised = realised + 1, unrealised_change = unrealised_change - 1",
        "explained realised",
    ),
    ("update monitor.explanations set unrealised = unrealised + 1", "explained unrealised"),
    ("update monitor.explanations set costs = jsonb_set(costs, '{ETH}', '\"1\"')", "explained cost of ETH"),
    ("update monitor.explanations set costs = null", "explained realised"),
    ('update monitor.explanations set kinds = \'{"income": {"dividend": "1"}, "fees": {}}\'', "explained income"),
    (
        "insert into monitor.explanations (account_id, hour, from_hour, nav_change, price_effect, trading, positions, flows,"
        " income, fees, residual, state, cause, assets, kinds, through, booking)"
        " select account_id, hour - interval '9 days', from_hour - interval '9 days',"
        " nav_change, price_effect, trading, positions, flows, income, fees, residual, state, cause, assets, kinds,"
        " through, booking from monitor.explanations limit 1",
        "explained change of nav",
    ),
    ("delete from monitor.unit_price_highs where account_id = 1", "highest unit price of a year"),
    ("delete from monitor.unit_price_highs where account_id = 0", "highest unit price of a year"),
    (
        "insert into monitor.unit_price_highs select account_id, hour from monitor.nav_history"
        " where account_id = 1 on conflict do nothing",  # with those that a later hour exceeds
        "highest unit price of a year",
    ),
    (
        "update monitor.unit_price_highs set hour = (select min(hour) from monitor.nav_history)"
        " where account_id = 0 and hour = (select max(hour) from monitor.nav_history)",
        "highest unit price of a year",
    ),
]


def test_whatever_is_changed_afterwards_is_named(history: Worker, owner: Db) -> None:
    for change, figure in CHANGES:
        with owner.transaction(force_rollback=True):
            owner.execute(change)
            found = [difference.figure for difference in verify(owner).differences]

        assert any(figure in name for name in found), change


TRADES = {"trades": "trades", "trade_moves": "trade_moves", "fees": "other_fees"}  # what shows them, what holds them


def test_gains_that_an_earlier_version_did_not_compute_come_with_the_next_run(
    history: Worker, venue: RunningVenue, owner: Db
) -> None:
    """With their trades, from the first hour on. Nobody is told that history has changed, nor before it that it differs."""
    marks = next(part for part in (MIGRATIONS / "0038_trades.sql").read_text().split(";") if "recomputations" in part)
    trades = {table: history.rows(f"select * from {table} order by {table}") for table in TRADES}
    owner.execute(
        "update explanations set realised = null, spent_gain = null, transferred_gain = null, unexplained_gain = null,"
        " unrealised_change = null, unrealised = null, costs = null"
    )
    for table in TRADES.values():
        owner.execute(f"delete from {table}")
    owner.execute(marks)
    assert verify(history.db).differences == ()
    noted = history.rows("select * from history_changes")
    venue.advance(hours=1)
    history.run(venue.now())

    assert verify(history.db).differences == ()
    assert history.rows("select 1 from explanations where unrealised is null") == []
    assert history.rows("select * from history_changes") == noted
    again = {table: history.rows(f"select * from {table} order by {table}") for table in TRADES}
    assert all(rows and rows == again[table][: len(rows)] for table, rows in trades.items())


DERIVED = (
    "update monitor.nav_history set unit_price = unit_price + 0.000000000000000001",
    "update monitor.explanations set trading = trading + 1, price_effect = price_effect - 1",
    "update monitor.benchmark_history set nav = nav + 0.000000000000000001",
    "update monitor.flow_valuations set price = 2 * price",
)


def test_figures_that_can_be_computed_are_put_right_and_it_is_said(
    history: Worker, owner: Db, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    for change in DERIVED:
        owner.execute(change)
    arguments = Namespace(json=False, recompute=True)

    assert run_verify(history.db, history.settings, arguments, venue.now()) == 0
    assert "every stored figure" in capsys.readouterr().out
    changes = history.rows("select account_id, hours from history_changes where reason like '%%verify --recompute%%'")
    assert sorted((row["account_id"], row["hours"]) for row in changes) == [(0, 5), (1, 5)]


def test_what_was_observed_is_not_computed_but_named(
    history: Worker, owner: Db, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.execute("update monitor.snapshots set nav = nav + 1 where account_id = 1")
    arguments = Namespace(json=False, recompute=True)

    assert run_verify(history.db, history.settings, arguments, venue.now()) == 1
    assert "restore a backup" in capsys.readouterr().out


def test_one_changed_row_is_one_difference(history: Worker, owner: Db) -> None:
    hour = history.hours()[2]["hour"]
    owner.execute(
        "update monitor.nav_history set flows = flows + 1 where account_id = 1 and hour = %(hour)s", {"hour": hour}
    )

    (difference,) = verify(history.db).differences

    assert (difference.account, difference.at, difference.figure) == ("test", hour, "flows")
