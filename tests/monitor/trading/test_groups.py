"""The orders of stored trades: grouped in the hour, by later words, and the same however history is derived again."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from finance.moments import EPOCH
from finance.order_roles import parse_order_names as parse_names
from finance.orders import OrderRecord, OrderState
from finance.records import EITHER
from monitor.__main__ import parse_arguments
from monitor.database.acts import begin_act
from monitor.errors import LedgerError, MonitorError
from monitor.ledger.store.orders import load_orders, record_orders
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_again
from monitor.performance.verification import verify
from monitor.trading.groups import group_all
from monitor.trading.store.grouped import load_endings, load_group
from monitor.trading.store.groups import mark_all, mark_orders
from sql.connect import connect
from tests.lived_once import Relive
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

MINUTE = timedelta(minutes=1)


@pytest.fixture
def history(worker: Worker, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live`."""
    return relive(worker, venue, live)


def live(worker: Worker, venue: RunningVenue) -> None:
    """SOL is bought in one hour and sold in the next."""
    venue.do("deposit 5000 USDT")
    worker.run(venue.now())
    for event in ("buy 5 SOLUSDT", "sell 4.995 SOLUSDT"):
        venue.advance(minutes=30)
        venue.do(event)
        venue.advance(minutes=30)
        worker.run(venue.now())


def roles(worker: Worker, trade: str) -> list[tuple[str, str, str]]:
    return [(one.order_id, one.role.name, str(one.source)) for one in load_group(worker.db, 1, trade)]


def say(worker: Worker, *words: str) -> None:
    asked = parse_arguments(["trades", *words])
    asked.run(worker.db, worker.settings, asked, datetime.now(UTC))


def find_trade(worker: Worker) -> tuple[str, OrderRecord, OrderRecord]:
    """The trade, the order that entered it, and the one that closed it."""
    [row] = worker.rows("select id from trades where asset = 'SOL'")
    orders = {one.side: one for one in load_orders(worker.db, 1, OrderState)}
    return str(row["id"]), orders["buy"], orders["sell"]


def test_a_wrong_inference_that_was_corrected_stays_so(
    history: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    trade, bought, sold = find_trade(history)
    assert roles(history, trade) == [(bought.exchange_id, "ENTRY", "exchange"), (sold.exchange_id, "MANUAL", "unknown")]

    # A trigger of 1 USDT above the entry sold it: it looks like a profit, and was a stop that followed the price.
    price = (bought.average_price or Decimal(0)) + 1
    waited = replace(
        sold,
        exchange_id="t1",
        type="trigger",
        trigger_price=price,
        executed_quantity=Decimal(0),
        executed_quote=None,
        state=OrderState.TRIGGERED,
        became_id=sold.exchange_id,
        ordered_at=bought.ordered_at + MINUTE,
    )
    first = replace(waited, trigger_price=price - 10, state=OrderState.OPEN, became_id="", updated_at=waited.ordered_at)
    for order in (first, waited):
        record_orders(history.db, 1, [order], seen_at=venue.now(), run_id=None)
        mark_orders(history.db, 1, [order])
    group_all(history.db, ())
    inferred = [("t1", "TP1", "inferred"), (sold.exchange_id, "TP1", "inferred")]
    assert roles(history, trade)[1:] == inferred
    assert load_endings(history.db, 1)[trade][:2] == ("tp", None)

    say(history, "note", trade, "--role", "t1=SL", "--tag", "swing")
    corrected = [("t1", "SL", "note"), (sold.exchange_id, "SL", "note")]
    assert roles(history, trade)[1:] == corrected
    assert load_endings(history.db, 1)[trade][:2] == ("sl", price - 10)  # the stop as it was first seen

    capsys.readouterr()
    say(history, "show", trade)
    shown = capsys.readouterr().out
    assert "by sl" in shown and " R\n" in shown and "stop at its entry" in shown and "as you said" in shown
    say(history, "show", trade, "--json")
    found = json.loads(capsys.readouterr().out)
    gained = Decimal(found["gross_pnl"]) > 0
    assert [(one["type"], one["stop_in_profit"]) for one in found["exits"]] == [("SL", gained)]
    assert (Decimal(found["stop"]), found["stop_source"]) == (price - 10, "note")
    assert [one["role"] for one in found["orders"]] == ["ENTRY", "SL", "SL"]
    say(history, "metrics", "--by", "exit_kind", "--json")
    [measured] = json.loads(capsys.readouterr().out)
    assert "SL" in measured.values() and measured["trades_with_risk"] == 1

    derive_again(history.db, 1, Fetched(exchange="binance"), since=EPOCH)
    assert roles(history, trade) == []
    history.run(venue.now())
    assert roles(history, trade)[1:] == corrected
    assert load_endings(history.db, 1)[trade][:2] == ("sl", price - 10)
    assert verify(history.db).differences == ()

    say(history, "note", trade, "--role", "t1=")
    assert roles(history, trade)[1:] == inferred
    with pytest.raises(LedgerError, match="77 is no order of this trade"):
        say(history, "note", trade, "--role", "77=SL")
    with pytest.raises(SystemExit):
        say(history, "note", trade, "--role", "t1=XX")


def test_a_plan_of_its_entry_names_the_exit_and_the_stop(history: Worker, venue: RunningVenue) -> None:
    trade, bought, sold = find_trade(history)
    exit_price, before = sold.average_price or Decimal(0), (bought.ordered_at - MINUTE).isoformat()
    words = f"plan --symbol SOLUSDT --side buy --stop 1 --tp {exit_price} --at {before}"
    say(history, *words.split())
    assert load_endings(history.db, 1)[trade].stop is None
    say(history, "plan", "p1", "--order", bought.exchange_id)
    assert roles(history, trade)[1:] == [(sold.exchange_id, "TP1", "plan")]
    assert load_endings(history.db, 1)[trade] == ("tp", 1, "plan")
    say(history, "plan", "p1", "--forget")
    assert load_endings(history.db, 1)[trade] == ("manual", None, None)

    # What was given long before the trade is found as well: while it waits, and once it ended in it.
    waiting = replace(
        bought,
        exchange_id="t9",
        side="sell",
        type="trigger",
        trigger_price=exit_price * 2,
        executed_quantity=Decimal(0),
        executed_quote=None,
        state=OrderState.OPEN,
        ordered_at=bought.ordered_at - timedelta(days=200),
        updated_at=bought.ordered_at - timedelta(days=200),
    )
    for seen in (waiting, replace(waiting, state=OrderState.CANCELLED, updated_at=sold.ordered_at)):
        record_orders(history.db, 1, [seen], seen_at=venue.now(), run_id=None)
        mark_orders(history.db, 1, [seen])
        group_all(history.db, ())
        assert ("t9", "TP1", "inferred") in roles(history, trade), seen.state


def test_the_stop_of_an_order_that_does_either_is_the_first_that_was_seen(history: Worker, venue: RunningVenue) -> None:
    """It takes the profit or stops the loss; its stop was moved from 10 to 20 before it was taken back."""
    trade, bought, sold = find_trade(history)
    given = replace(
        sold, exchange_id="t1", type=EITHER, price=None, trigger_price=None, reduces=True, take_profit=Decimal(9000),
        stop_loss=Decimal(10), executed_quantity=Decimal(0), executed_quote=None, state=OrderState.OPEN,
        ordered_at=bought.ordered_at + MINUTE, updated_at=bought.ordered_at + MINUTE,
    )  # fmt: skip
    moved = replace(given, stop_loss=Decimal(20), state=OrderState.CANCELLED, updated_at=sold.ordered_at)
    for order in (given, moved):
        record_orders(history.db, 1, [order], seen_at=venue.now(), run_id=None)
        mark_orders(history.db, 1, [order])
    group_all(history.db, ())
    assert [one for one in roles(history, trade) if one[0] == "t1"] == [
        ("t1", "TP1", "exchange"), ("t1", "SL", "exchange")
    ]  # fmt: skip
    assert load_endings(history.db, 1)[trade] == ("manual", 10, "exchange")


def test_the_owners_rule_about_names_counts_from_the_next_run_on(history: Worker, venue: RunningVenue) -> None:
    trade, _, sold = find_trade(history)
    history.settings = replace(history.settings, order_names=parse_names(f"{sold.client_id[:6]}*=TP2"))
    history.run(venue.now())
    assert roles(history, trade)[1:] == [(sold.exchange_id, "TP2", "client_id")]


def test_what_an_older_system_said_is_of_the_order_of_that_pair_and_market_alone(
    history: Worker, database: Database
) -> None:
    """Exchanges number the orders of each pair, and of each market, by themselves."""
    trade, _, sold = find_trade(history)
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        for symbol, market, name in (
            ("SOLBTC", "spot", "MANUAL"),
            ("SOLUSDT", "cross_margin", "MANUAL"),
            ("SOLUSDT", "spot", "SL"),
        ):
            owner.execute("delete from legacy_orders")
            owner.execute(
                "insert into legacy_orders values (1, %(symbol)s, %(order)s, %(market)s, 'sell', 'SL', '', '', '{}', null, '',"
                " 'linked', '', now(), '{}')",
                {"symbol": symbol, "order": sold.exchange_id, "market": market},
            )
            mark_all(owner, 1)
            group_all(owner, ())
            assert [one[1] for one in roles(history, trade)] == ["ENTRY", name]


REFUSED = (
    ("note f999 --text x", "no trade f999. `"),
    ("note {trade} --account other --text x", "no trade {trade} of other"),
    ("note {trade} --account nobody --text x", "no account 'nobody'"),
    ("note {trade} --stop 99999", "gains at 99999, so a stop there limits no loss"),
    ("note {trade} --role 77=SL", "77 is no order of this trade"),
    ("show {trade} --account nobody", "no account 'nobody'"),
    ("plan --symbol SOL;DROP --side buy", "'SOL;DROP' is no symbol"),
    ("note {trade} --role =SL", "names no order"),
    ("note {trade} --text \x1b[31mred", "has control characters"),
    ("note {trade} --text \udcff", "bytes that are no text"),
    ("plan --symbol SOLUSDT --side buy --note \x07", "has control characters"),
    ("basis test BTC 1 --note \x00", "has control characters"),
    ("basis test BTC --price", "unrecognized arguments"),
)


def test_what_can_be_no_word_is_refused_and_no_word_is_lost(
    history: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    history.add("other", "another key")
    trade, _, sold = find_trade(history)
    begin_act(history.db, "trades note", datetime.now(UTC))
    say(
        history,
        "note",
        trade,
        "--stop",
        "1.5",
        "--tag",
        "swing",
        "--text",
        "=1+1\nnext",
        "--role",
        f"{sold.exchange_id}=TP3",
    )
    for words, told in REFUSED:
        with pytest.raises((MonitorError, SystemExit)) as raised:
            say(history, *words.format(trade=trade).split())
        assert told.format(trade=trade) in f"{raised.value} {capsys.readouterr().err}", words
    say(history, "note", trade, "--json")
    said = {"tags": ["swing"], "note": "=1+1\nnext", "rating": None, "stop": "1.5", "roles": {sold.exchange_id: "TP3"}}
    assert json.loads(capsys.readouterr().out) == {"account": "test", "trade": trade} | said
    say(history, "note", trade, "--stop", "none")
    assert "stop" not in capsys.readouterr().out
    acts = history.rows(
        "select table_name, record, was ->> 'stop' as was, became ->> 'stop' as became from audit_log order by id"
    )
    assert [tuple(one.values()) for one in acts] == [
        ("trade_notes", f"1 {trade}", None, "1.5"),
        ("trade_notes", f"1 {trade}", "1.5", None),
    ]
    say(history, "basis", "test", "--json")
    held = json.loads(capsys.readouterr().out)["coins"]
    assert {one["asset"] for one in held} >= {"BTC", "ETH"} and {one["stated_price"] for one in held} == {None}
