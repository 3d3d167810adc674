"""`trades list` of contracts: over HTTP from the paper exchange, to a real Postgres, beside the exchange's own profit."""

import json
from argparse import Namespace
from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from monitor.commands.trades import run_verify
from monitor.trading.contracts import load_contract_trades
from tests.monitor.test_contract_fills import STORY, live
from tests.monitor.trading.test_trade_list import trades_list
from tests.postgres import Database
from tests.venue import KEY, SECRET, Opener, RunningVenue
from tests.worker import Opener as WorkerOpener
from tests.worker import Worker

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
def lived(open_worker: WorkerOpener, venue: RunningVenue) -> Worker:
    worker = open_worker(venue)
    worker.add("test", KEY, SECRET)
    worker.run(venue.now())
    for lines in LIFE:
        live(worker, venue, *lines)
    return worker


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
    stated = lived.rows("select sum(amount) as profit from income where kind = 'realised_profit' and asset = 'USDT'")
    linear = [one for one in trades if one["settle_asset"] == "USDT"]
    assert abs(sum(D(one["gross_pnl"]) for one in linear) - stated[0]["profit"]) <= D("1e-7")
    assert sum(D(one["gross_pnl"]) for one in trades) + D(found["rest"]) == D(found["exchange_pnl"])
    assert abs(D(found["rest"])) < D("0.01")  # eight decimals of a bitcoin


def test_the_proof_says_what_positions_realised(lived: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"account": None, "json": True}
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
    assert "Positions realised" in shown


def test_a_contract_of_which_a_fill_is_not_known_has_no_trades(
    lived: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    venue.fault("/fapi/v1/userTrades", {"status": 503, "body": ""})
    live(lived, venue, "close ETHUSDT")
    found = listed(lived, capsys)

    assert found["incomplete"] == ["ETHUSDT"]
    assert {one["symbol"] for one in found["trades"]} == {"BTCUSDT", "BTCUSD_PERP"}
    venue.clear_faults()
    live(lived, venue)
    assert listed(lived, capsys)["incomplete"] == []


def test_what_was_open_before_the_first_known_fill_is_in_no_trade(lived: Worker, database: Database) -> None:
    now = datetime.now(UTC)
    whole = load_contract_trades(lived.db, 1, now)
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("delete from monitor.contract_fills where symbol = 'ETHUSDT' and quantity = -3")
        owner.execute(
            """
            delete from monitor.income i
            where raw ->> 'symbol' = 'ETHUSDT' and not exists (select from monitor.contract_fills where exchange_id = i.raw ->> 'tradeId')
            """
        )
    cut = load_contract_trades(lived.db, 1, now)

    assert whole and cut
    assert [one.side for one in cut.trades if one.asset == "ETHUSDT"] == ["LONG"]
    assert (cut.unmatched, cut.stated) == (1, whole.stated)
