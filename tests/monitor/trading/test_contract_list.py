"""Trades in contracts as they are stored: over HTTP from the paper exchange, to a real Postgres, beside the exchange's own profit."""

import json
from argparse import Namespace
from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

import pytest

from finance.moments import EPOCH
from monitor.commands.trades import run_verify
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_again
from monitor.performance.verification import verify
from sql.connect import connect
from tests.lived_once import Relive
from tests.monitor.test_contract_fills import STORY, live
from tests.monitor.trading.test_trade_list import trades_list
from tests.postgres import Database
from tests.venue import KEY, SECRET, Opener, RunningVenue
from tests.worker import Opener as WorkerOpener
from tests.worker import Worker

TABLES = ("trades", "trade_moves", "fees", "contract_hours")
VERIFY = Namespace(account=None, portfolio=None, json=False)
LIFE = (
    ("long 0.2 BTCUSDT", "short 3 ETHUSDT", "long 7 BTCUSD_PERP"),
    ("close 0.05 BTCUSDT", "funding pay 1.5 USDT BTCUSDT", "long 0.1 BTCUSDT"),
    ("short 0.4 BTCUSDT", "close 3 BTCUSD_PERP"),
    (),
    ("close BTCUSDT", "close ETHUSDT", "close BTCUSD_PERP", "long 1 ETHUSDT"),
)


@pytest.fixture
def venue(open_venue: Opener) -> RunningVenue:
    return open_venue(STORY)


@pytest.fixture
def lived(open_worker: WorkerOpener, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live_all`."""
    return relive(open_worker(venue), venue, live_all)


def live_all(worker: Worker, venue: RunningVenue) -> None:
    """Every hour of LIFE."""
    worker.add("test", KEY, SECRET)
    worker.run(venue.now())
    for lines in LIFE:
        live(worker, venue, *lines)


def begin(open_worker: WorkerOpener, venue: RunningVenue, *lines: str) -> Worker:
    """A worker whose first reading finds open what these lines opened."""
    for line in lines:
        venue.do(line)
    venue.advance(minutes=5)
    worker = open_worker(venue)
    worker.add("test", KEY, SECRET)
    worker.run(venue.now())
    return worker


def all_rows(worker: Worker) -> dict[str, list[dict[str, Any]]]:
    """But what follows from its orders, which are grouped anew."""
    rows = {name: worker.rows(f"select * from {name} order by account_id, {name}") for name in TABLES}
    return {name: [row | {"grouped_by": None, "ended_as": None} for row in found] for name, found in rows.items()}


def listed(worker: Worker, capsys: pytest.CaptureFixture[str], **chosen: Any) -> dict[str, Any]:
    assert trades_list(worker, json=True, **chosen) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)[0]["contracts"]
    return found


def test_trades_in_contracts_are_listed_beside_the_exchanges_profit(
    lived: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    found = listed(lived, capsys)
    trades = found["trades"]

    assert sorted((one["symbol"], one["side"], one["closed_at"] is None) for one in trades) == [
        ("BTCUSDT", "LONG", False), ("BTCUSDT", "SHORT", False), ("BTCUSD_PERP", "LONG", False),
        ("ETHUSDT", "LONG", True), ("ETHUSDT", "SHORT", False),
    ]  # fmt: skip
    assert [D(one["funding"]) for one in trades if one["symbol"] == "BTCUSDT"] == [D("-1.5"), 0]
    assert (found["unmatched_fills"], found["incomplete"]) == (0, [])
    books = venue.exchange.venue.accounts["test"].contract_fills
    for symbol in ("BTCUSDT", "ETHUSDT", "BTCUSD_PERP"):
        own = [one for one in trades if one["symbol"] == symbol]
        assert sum(D(one["exchange_pnl"]) for one in own) == sum(fill.profit for fill in books if fill.symbol == symbol)
        assert all(abs(D(one["difference"])) <= D("1e-8") * one["fills"] for one in own)
    commissions = sum(fill.commission for fill in books if fill.asset == "USDT")
    assert sum(D(one["fees"]) for one in trades if one["settle_asset"] == "USDT") == commissions
    positions = lived.rows("select sum(positions) as made from explanations")[0]["made"]
    assert D(found["positions"]) == positions
    assert D(found["gross_pnl"]) == sum(D(one["gross_pnl"]) for one in trades)
    assert D(found["gross_pnl"]) + D(found["unrealized_pnl"]) + D(found["rest"]) == positions
    assert abs(D(found["rest"])) < D("0.01")  # eight decimals of a bitcoin


def test_rows_are_the_same_from_whatever_hour_they_are_derived_again(lived: Worker) -> None:
    stored = all_rows(lived)
    assert [len(stored[name]) for name in TABLES] == [6, 15, 13, 5]
    for since in (EPOCH, *(row["taken_at"] for row in lived.hours())):
        derive_again(lived.db, 1, Fetched(exchange="binance"), since=since)
        assert all_rows(lived) == stored, since
    assert verify(lived.db).differences == ()


def test_fees_are_those_of_the_explanations(lived: Worker) -> None:
    """Each once, whether or not it is of a trade."""
    told = (
        "select coalesce(sum(value::numeric), 0) from explanations, jsonb_each_text(kinds -> '{}') as k (kind, value)"
    )
    costs = told.format("fees"), told.format("income") + " where kind = 'funding_fee'"
    [found] = lived.rows(f"select (select sum(value) from fees) as fees, ({costs[0]}) + ({costs[1]}) as explained")
    assert found["fees"] == -found["explained"]
    [funding] = lived.rows("select t.asset from fees f join trades t on t.id = f.trade_id where f.kind = 'funding_fee'")
    assert funding == {"asset": "BTCUSDT"}


def test_the_proof_says_what_positions_realised(lived: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"account": None, "portfolio": None, "json": True}
    assert run_verify(lived.db, lived.settings, Namespace(**asked), datetime.now(UTC)) == 0
    [proven] = json.loads(capsys.readouterr().out)
    assert proven["contracts"] == {name: listed(lived, capsys)[name] for name in proven["contracts"]}
    assert run_verify(lived.db, lived.settings, Namespace(**asked | {"json": False}), datetime.now(UTC)) == 0
    assert "of rounding and unknown fills." in capsys.readouterr().out


def test_the_table_says_what_differs_and_why(lived: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert trades_list(lived, asset="BTC") == 0
    shown = capsys.readouterr().out

    assert "test, contracts, amounts in USDT" in shown and "ETHUSDT" not in shown
    assert "by the exchange's account: it rounds each profit to eight decimals" in shown
    assert "Positions made" in shown


def test_fills_that_come_late_end_in_the_trades_of_those_that_came_in_time(
    lived: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    venue.fault("/fapi/v1/userTrades", {"status": 503, "body": ""})
    live(lived, venue, "close ETHUSDT")
    ether = "select closed_at is not null as closed, ended_by, gross <> 0 as gained, stated <> 0 as stated from trades where asset = 'ETHUSDT' and side = 'LONG'"

    assert lived.rows(ether) == [{"closed": True, "ended_by": "unexplained", "gained": False, "stated": False}]
    assert listed(lived, capsys)["incomplete"] == ["ETHUSDT"]
    venue.clear_faults()
    live(lived, venue)
    assert listed(lived, capsys)["incomplete"] == []
    assert lived.rows(ether) == [{"closed": True, "ended_by": "manual", "gained": True, "stated": True}]
    assert verify(lived.db).differences == ()
    assert lived.rows("select * from recomputations") == []


def test_what_was_open_when_the_history_began_is_a_trade_from_there_on(
    open_worker: WorkerOpener, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = begin(open_worker, venue, "short 3 ETHUSDT")
    live(worker, venue)
    [open_one] = listed(worker, capsys)["trades"]
    assert (open_one["id"], open_one["side"], open_one["opened_by"]) == ("o.ETHUSDT", "SHORT", "opening")
    live(worker, venue, "long 5 ETHUSDT", "long 1 BTCUSDT")
    found = listed(worker, capsys)

    assert sorted((one["symbol"], one["side"], D(one["quantity"])) for one in found["trades"]) == [
        ("BTCUSDT", "LONG", 1), ("ETHUSDT", "LONG", 2), ("ETHUSDT", "SHORT", 3)
    ]  # fmt: skip
    assert (found["unmatched_fills"], found["open_before"]) == (0, [])
    assert abs(D(found["rest"])) < D("1e-7")
    assert run_verify(worker.db, worker.settings, VERIFY, datetime.now(UTC)) == 0
    stored = all_rows(worker)
    for since in (EPOCH, *(row["taken_at"] for row in worker.hours())):
        derive_again(worker.db, 1, Fetched(exchange="binance"), since=since)
        assert all_rows(worker) == stored, since
    assert verify(worker.db).differences == ()


def test_what_was_open_then_without_a_mark_is_in_no_trade(
    open_worker: WorkerOpener, venue: RunningVenue, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = begin(open_worker, venue, "short 3 ETHUSDT")
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        owner.execute("update positions set mark_price = 0")
    live(worker, venue)
    live(worker, venue, "long 5 ETHUSDT")
    found = listed(worker, capsys)

    assert [(one["side"], D(one["quantity"])) for one in found["trades"]] == [("LONG", 2)]
    assert found["unmatched_fills"] == 1
    assert found["open_before"] == [{"symbol": "ETHUSDT", "side": "SHORT", "quantity": "3"}]
    assert run_verify(worker.db, worker.settings, VERIFY, datetime.now(UTC)) == 0
    assert "Open when the history began, and in no trade" in capsys.readouterr().out
    assert verify(worker.db).differences == ()


def test_what_positions_made_before_the_first_known_fill_is_a_rest(
    open_worker: WorkerOpener, venue: RunningVenue, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """What opened the position after the first reading is in no list, what enlarges it hours later is."""
    worker = begin(open_worker, venue)
    venue.fault("/fapi/v1/userTrades", {"status": 503, "body": ""})
    live(worker, venue, "short 3 ETHUSDT")
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        owner.execute("delete from contracts_due")
    live(worker, venue)
    venue.clear_faults()
    live(worker, venue, "short 1 ETHUSDT")
    found = listed(worker, capsys)

    assert (found["trades"], found["unmatched_fills"], found["rest"]) == ([], 1, found["positions"])
    assert len(worker.rows("select from contract_hours")) == 3
    assert verify(worker.db).differences == ()
    assert run_verify(worker.db, worker.settings, VERIFY, datetime.now(UTC)) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update contract_hours set rest = rest + 1 where hour = (select max(hour) from contract_hours)", "stored with other amounts"),
        ("update contract_fills set price = price + 7 where symbol = 'ETHUSDT' and quantity > 2", "by the exchange's account it is"),
    ],
)  # fmt: skip
def test_the_proof_names_the_first_hour_that_fails(
    lived: Worker, database: Database, change: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        owner.execute(change)
        derive_again(owner, 1, Fetched(exchange="binance"), since=EPOCH) if "fills" in change else None
        assert (
            run_verify(owner, lived.settings, Namespace(account=None, portfolio=None, json=False), datetime.now(UTC))
            == 1
        )
        last = owner.execute("select max(hour) as hour from explanations where positions <> 0").fetchall()[0]["hour"]
    shown = capsys.readouterr().out
    assert f"{last:%Y-%m-%d %H:%M} UTC" in shown and said in shown
