"""`trades list`: the trades of an account as the worker's database has them."""

import json
from argparse import Namespace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from monitor.__main__ import parse_arguments
from monitor.commands.trades import run_list
from monitor.errors import LedgerError
from monitor.trading.store.notes import load_notes
from tests.lived_once import Relive
from tests.venue import RunningVenue
from tests.worker import Worker


def trades_list(worker: Worker, **chosen: Any) -> int:
    asked = {"account": None, "portfolio": None, "asset": None, "open": False, "closed": False, "json": False} | chosen
    return run_list(worker.db, worker.settings, Namespace(**asked), datetime.now(UTC))


@pytest.fixture
def history(worker: Worker, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live`."""
    return relive(worker, venue, live)


def live(worker: Worker, venue: RunningVenue) -> None:
    """A purchase of SOL in two fills of two hours, sold in one; then one that is open; and ETH that was there before."""
    venue.do("deposit 5000 USDT")
    worker.run(venue.now())
    for event in ("buy 5 SOLUSDT", "buy 5 SOLUSDT", "sell 9.99 SOLUSDT", "buy 2 SOLUSDT", "sell 0.1 ETHUSDT"):
        venue.advance(minutes=30)
        venue.do(event)
        venue.advance(minutes=30)
        worker.run(venue.now())


def test_trades_are_the_fills_of_the_exchange(history: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert trades_list(history, json=True) == 0
    [found] = json.loads(capsys.readouterr().out)
    fills = history.rows("select * from fills where base_asset = 'SOL' order by id")
    first, second = (one for one in found["trades"] if one["asset"] == "SOL")

    assert first["id"] == f"f{fills[0]['id']}"
    assert first["mae"] is not None and second["mae"] is None
    assert (first["side"], first["fills"], first["is_counted"], second["closed_at"]) == ("LONG", 3, True, None)
    assert Decimal(first["quantity"]) == 10
    [gone] = first["exits"]
    assert Decimal(gone["value"]) == fills[2]["quote_quantity"]
    assert gone["order"] == fills[2]["order_id"]
    realised = history.rows("select sum(realised) as realised from explanations")[0]["realised"]
    assert sum(Decimal(one["gross_pnl"]) for one in found["trades"]) + Decimal(found["rest"]) == realised
    [eth] = [one for one in found["trades"] if one["asset"] == "ETH"]
    assert (eth["id"], eth["opened_by"], eth["is_counted"]) == ("o.ETH", "opening", False)


def test_the_list_can_be_narrowed(history: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert trades_list(history) == 0
    told = capsys.readouterr()
    assert "1 closed, " in told.out
    assert "1 of 1 that fills" in told.out or "0 of 1 that fills" in told.out
    assert "Realised in all" in told.out
    assert "Trades in contracts are listed where their fills are read" in told.err

    trades_list(history, asset="sol", open=True)
    narrowed = capsys.readouterr().out
    assert "SOL" in narrowed
    assert "ETH" not in narrowed
    assert "0 closed, 1 open" in narrowed
    assert "Realised in all" not in narrowed


@pytest.mark.usefixtures("first_hour")
def test_one_hour_has_no_trades(worker: Worker, venue: RunningVenue) -> None:
    assert trades_list(worker) == 3


def trades_note(worker: Worker, *words: str) -> str:
    asked = parse_arguments(["trades", "note", *words])
    return str(asked.run(worker.db, worker.settings, asked, datetime.now(UTC)))


def test_what_is_said_of_a_trade_stays_and_the_newest_counts(
    history: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    trade = history.rows("select id from trades where asset = 'SOL' and closed_at is not null")[0]["id"]
    trades_note(history, trade, "--tag", "Breakout", "--stop", "90.5", "--text", "too late")
    trades_note(history, trade, "--tag", "news", "--untag", "breakout", "--rating", "2")
    trades_note(history, trade)
    assert capsys.readouterr().out.split("\n\n")[-1].splitlines()[-5:] == [
        f"{trade} of {history.rows('select label from accounts where id = 1')[0]['label']}",
        "  tags    news",
        "  rating  2 of 5",
        "  stop    90.5",
        "  too late",
    ]
    assert [row["revision"] for row in history.rows("select revision from trade_notes order by 1")] == [1, 2]

    older = history.rows("select row from trade_moves where trade_id = %(t)s order by number", t=trade)[1]["row"]
    history.db.execute("insert into trade_notes values (1, %s, 1, now(), '{x}', '', null, null)", [older])
    assert load_notes(history.db, 1)[trade].note.tags == ("x",)  # a trade that an older fill opens keeps its words

    with pytest.raises(LedgerError, match="There is no trade f999"):
        trades_note(history, "f999")
    with pytest.raises(SystemExit):
        trades_note(history, trade, "--stop", "nan")


def test_one_trade_is_shown_with_all_that_is_known_of_it(history: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    [trade] = history.rows("select * from trades where asset = 'SOL' and closed_at is not null")
    stop = str(round(trade["entry_value"] / trade["entered"] - 10, 2))
    trades_note(history, trade["id"], "--stop", stop, "--tag", "swing")
    capsys.readouterr()
    for words in ([trade["id"], "--json"], [trade["id"]]):
        asked = parse_arguments(["trades", "show", *words])
        assert asked.run(history.db, history.settings, asked, datetime.now(UTC)) == 0
        if "--json" in words:
            told = json.loads(capsys.readouterr().out)
    assert Decimal(told["net_pnl"]) == trade["net"]
    assert Decimal(told["gross_pnl"]) - sum(Decimal(one["value"]) for one in told["fee_rows"]) == trade["net"]
    assert [one["effect"] for one in told["moves"]] == ["entry", "entry", "exit"]
    assert Decimal(told["risk"]) == trade["entry_value"] - Decimal(stop) * trade["entered"]
    printed = capsys.readouterr().out
    assert f"{trade['id']} of " in printed and " R\n" in printed and "swing" in printed and "worst" in printed
