"""Trades and fees as they are stored: whatever hour they are derived from again, their rows are the same."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finance.moments import EPOCH
from monitor.__main__ import parse_arguments
from monitor.commands import recomputing, trade_derivation
from monitor.commands.flow import add_arguments, run_flow_command
from monitor.database import runs
from monitor.database.acts import begin_act, load_acts
from monitor.errors import AlreadyRunning
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_again
from monitor.performance.verification import verify
from monitor.trading.groups import group_all
from monitor.trading.store.groups import mark_all
from sql.connect import connect
from sql.rows import Db
from tests.lived_once import Relive
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

MINUTE = timedelta(minutes=1)
TABLES = ("trades", "trade_moves", "fees", "trade_orders", "explanations")
EVENTS = (
    "buy 5 SOLUSDT", "sell 2 SOLUSDT", "sell 2.99 SOLUSDT", "buy 2 SOLUSDT", "deposit 1 SOL", "withdraw 1 SOL fee 0.01",
    "sell 0.1 ETHUSDT",
)  # fmt: skip


@pytest.fixture
def history(worker: Worker, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live`."""
    return relive(worker, venue, live)


def live(worker: Worker, venue: RunningVenue) -> None:
    """Hours in which a trade is opened, partly closed, closed with dust left, and opened again; fees in BNB from half-way on."""
    venue.do("deposit 5000 USDT")
    venue.do("buy 1 BNBUSDT")
    worker.run(venue.now())
    for number, event in enumerate(EVENTS):
        venue.advance(minutes=30)
        if number == 3:
            venue.do("bnbfees on")
        venue.do(event)
        venue.advance(minutes=30)
        worker.run(venue.now())


@pytest.fixture
def owner(database: Database) -> Iterator[Db]:
    """The database as its owner may change it."""
    with connect(database.owner_url, name="test", schema="monitor") as db:
        yield db


def all_rows(worker: Worker) -> dict[str, list[dict[str, Any]]]:
    return {name: worker.rows(f"select * from {name} order by {name}") for name in TABLES}


def test_rows_are_the_same_from_whatever_hour_they_are_derived_again(history: Worker) -> None:
    stored = all_rows(history)
    assert [len(stored[name]) for name in TABLES] == [5, 11, 5, 5, 7]
    for since in (EPOCH, *(row["taken_at"] for row in history.hours())):
        derive_again(history.db, 1, Fetched(exchange="binance"), since=since)
        group_all(history.db, ())
        assert all_rows(history) == stored, since
    assert verify(history.db).differences == ()


def test_what_is_said_of_a_trade_follows_the_fill_that_opened_it(history: Worker, owner: Db) -> None:
    """Each fill here also closed something, with an earlier move: its quote's coin, or the side that it went through zero from."""
    now = {"f90": "f80", "f90.BTC": "o.BTC", "f91": "f91.later", "f92": "f92"}
    for trade_id, asset in (("f80", "ETH"), ("f91.later", "SOL")):
        owner.execute(
            "insert into trades (account_id, id, asset, side, opened_by, opened_at, opened_hour, entered,"
            " entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees, interest, fills)"
            " select account_id, %(t)s, %(a)s, side, opened_by, opened_at, opened_hour, 0, 0, 0, 0, 0, 0, 0, 0,"
            " 0, 0, 0 from trades where id = 'o.BTC'",
            {"t": trade_id, "a": asset},
        )
    moves = [("o.BTC", "f90"), ("f80", "f90"), ("o.ETH", "f91"), ("f91.later", "f91")]
    for number, (trade_id, row) in enumerate(moves, 900):
        owner.execute(
            "insert into trade_moves select account_id, hour, %(n)s, null, at, %(t)s, effect, kind, %(r)s, order_id, quantity,"
            " value, gain, worth from trade_moves where trade_id = 'o.BTC' limit 1",
            {"n": number, "t": trade_id, "r": row},
        )
    for trade_id in now:
        owner.execute("insert into trade_notes values (1, %(t)s, 1, now(), '{}', %(t)s)", {"t": trade_id})
    found = owner.execute("select note, trade_id from newest_trade_notes").fetchall()
    assert {row["note"]: row["trade_id"] for row in found} == now


@pytest.mark.usefixtures("first_hour")
def test_a_trade_that_a_flow_opened_has_its_name_again_whatever_the_owner_called_the_flow(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 300 ADA")
    venue.advance(minutes=30)
    worker.run(venue.now())
    flow = worker.rows("select id from processed_transactions where asset = 'ADA'")[0]["id"]
    names = []
    for treatment in ("", "income", "flow"):
        if treatment:
            call(worker, venue, f"reclassify {flow} --as {treatment} --note test")
        names.append([row["id"] for row in worker.rows("select id from trades where asset = 'ADA'")])
    assert names == [[f"d{flow}"], [], [f"d{flow}"]]
    assert verify(worker.db).differences == ()


def call(worker: Worker, venue: RunningVenue, words: str) -> None:
    """`python -m monitor flow WORDS`."""
    parser = ArgumentParser()
    add_arguments(parser)
    run_flow_command(worker.db, worker.settings, parser.parse_args(words.split()), venue.now())


CHANGES = (
    "update trades set gross = gross + 1e-18 where closed_at is null and side = 'LONG'",
    "update trades set fills = fills + 1 where closed_at is not null",
    "update trade_moves set kind = 'dust' where effect = 'exit'",
    "update trade_moves set fee_value = fee_value + 1e-18 where fee_number = 0",
)
UNCHARGED = """
    update trade_moves
    set fee_number = null, fee_asset = null, fee_quantity = null, fee_value = null
    where (hour, fee_number) = (select hour, number from fees order by hour, number limit 1)
    """
OF_ORDERS = {
    "update trade_orders set role = 'sl', source = 'inferred' where role = 'manual'": "order 2 of trade f",
    "update trade_orders set price = price + 1e-18 where number = 1": "order 1 of trade f",
    "delete from trade_orders where number = 3": "order 3 of trade f",
    "update trade_orders set order_id = 'x', number = 9 where number = 2": "order 2 of trade f",
    "update trades set stop = 1, stop_source = 'plan' where asset = 'SOL'": "stop at the entry of trade f",
    "update trades set ended_as = 'sl' where closed_at is not null": "ending of trade f",
}


def test_a_changed_row_is_found(history: Worker, owner: Db, capsys: pytest.CaptureFixture[str]) -> None:
    for change in CHANGES:
        with owner.transaction(force_rollback=True):
            owner.execute(change)
            assert verify(owner).differences, change
    stored = all_rows(history)
    for change, named in OF_ORDERS.items():
        owner.execute(change)
        for words in (["verify"], ["trades", "verify"]):
            assert ask(history, *words) == 1
            assert named in capsys.readouterr().out
        assert ask(history, "verify", "--recompute") == 0
        assert all_rows(history) == stored
    assert history.rows("select distinct account_id from history_changes") == [{"account_id": 1}]


def test_rebuilding_says_how_many_rows_changed_and_changes_no_other(
    history: Worker, owner: Db, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "GIVE_WAY_SECONDS", 0.1)
    runs.hold_run_lock(owner)
    with pytest.raises(AlreadyRunning):
        ask(history, "trades", "rebuild")
    runs.release_run_lock(owner)
    stored = all_rows(history)
    assert ask(history, "trades", "rebuild", "--json") == 0
    (same,) = json.loads(capsys.readouterr().out)
    assert (same["account"], same["rows_changed"], same["changed"]) == ("test", 0, {})
    assert all_rows(history) == stored

    owner.execute("update trades set gross = gross + 1 where closed_at is not null")
    owner.execute(UNCHARGED)
    begin_act(history.db, "trades rebuild", datetime.now(UTC))
    assert ask(history, "trades", "rebuild", "--account", "test", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["changed"] == {"trades": 1, "fees": 1}
    assert (one["rows"], one["rows_changed"]) == (same["rows"], sum(one["changed"].values()))
    assert all_rows(history) == stored
    reasons = history.rows("select reason from history_changes")
    assert [row["reason"] for row in reasons] == [trade_derivation.REASON]
    (act,) = load_acts(history.db, 1, None)
    assert (act.action, act.table, act.became) == ("trades rebuild", "trades", {"rows_changed": "2"})


def test_a_rebuild_that_breaks_off_has_changed_nothing(
    history: Worker, owner: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.execute("update trades set gross = gross + 1 where closed_at is not null")
    wrong = all_rows(history)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(recomputing, "regroup", fail)
    with pytest.raises(KeyboardInterrupt):
        ask(history, "trades", "rebuild")
    assert all_rows(history) == wrong


def ask(worker: Worker, *words: str) -> int:
    """`python -m monitor WORDS`."""
    asked = parse_arguments(words)
    code: int = asked.run(worker.db, worker.settings, asked, datetime.now(UTC))
    return code


STOP = """
    insert into order_revisions (
      account_id, market, symbol, exchange_id, base_asset, quote_asset, side, type, quantity, trigger_price, executed_quantity,
      state, ordered_at, updated_at, first_seen_at
    )
    select account_id, market, symbol, order_id, base_asset, quote_asset, 'sell', 'stop_loss_limit', 9.99, 100, 9.99, 'filled',
      occurred_at, occurred_at, now()
    from fills where base_asset = 'SOL' and base_quantity < 0
    """


# The same where what waits for a trigger has a number of its own, and becomes an order at the market's price.
TRIGGER = """
    insert into order_revisions (
      account_id, market, symbol, exchange_id, base_asset, quote_asset, side, type, quantity, trigger_price, executed_quantity,
      state, became_id, ordered_at, updated_at, first_seen_at
    )
    select account_id, market, symbol, 'trigger-1', base_asset, quote_asset, 'sell', 'stop_loss_market', 9.99, 100, 0, 'triggered',
      order_id, occurred_at, occurred_at, now()
    from fills where base_asset = 'SOL' and base_quantity < 0
    """


PAID_IN = STOP.replace("'sell'", "'buy'").replace("base_asset = 'SOL' and base_quantity < 0", "quote_asset = 'SOL'")


def test_a_trade_that_a_stop_ended_says_so_once_the_order_was_read(history: Worker, owner: Db) -> None:
    """Also by a trigger that became the order, and where the coin is what an order of another one is paid in."""
    ended = "select ended_by, ended_as from trades where asset = 'SOL' and closed_at is not null"
    assert history.rows(ended) == [{"ended_by": "manual", "ended_as": "manual"}]
    for order in (STOP, TRIGGER, PAID_IN):
        owner.execute("delete from order_revisions")
        if order is PAID_IN:
            owner.execute(
                "update fills set symbol = 'XSOL', base_asset = 'X', quote_asset = 'SOL', base_quantity = -base_quantity,"
                " quote_quantity = base_quantity where base_asset = 'SOL' and base_quantity < 0"
            )
        owner.execute(order)
        mark_all(owner, 1)
        group_all(owner, ())
        assert history.rows(ended) == [{"ended_by": "manual", "ended_as": "sl"}], order
