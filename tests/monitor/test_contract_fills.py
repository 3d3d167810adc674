"""Fills of contracts: what is asked for and when, and what is stored of them; over HTTP, to a real Postgres."""

from decimal import Decimal as D
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitor.commands.trade_sync import sync_all
from monitor.exchanges.binance import fills
from monitor.recovery import contract_fills, syncing
from paper.wire.binance import contracts
from tests.lived_once import Relive
from tests.postgres import Database
from tests.venue import KEY, SECRET, Opener, RunningVenue
from tests.worker import Opener as WorkerOpener
from tests.worker import Worker

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 50000 USDT
+0m deposit 2 BTC
+0m transfer 20000 USDT from spot to futures
+0m transfer 1 BTC from spot to coin_m
"""
SETTLED_IN = Path(__file__).parents[2] / "sql/migrations/0049_settled_in.sql"
STORED = "select symbol, side, quantity, price, settle, order_id, exchange_id from contract_fills order by id"


@pytest.fixture
def venue(open_venue: Opener) -> RunningVenue:
    return open_venue(STORY)


@pytest.fixture
def worker(open_worker: WorkerOpener, venue: RunningVenue, relive: Relive) -> Worker:
    """One that has read everything there is."""
    return relive(open_worker(venue), venue, read_everything)


def read_everything(worker: Worker, venue: RunningVenue) -> None:
    """The account's first hour."""
    worker.add("test", KEY, SECRET)
    worker.run(venue.now())


def asked(venue: RunningVenue) -> list[str]:
    """Which contracts' fills were answered since the last look, and where. Where a run takes more than a second, the venue's
    clock, which stands, refuses a call, and it is made again."""
    calls = [call for call in venue.requests() if call["path"].endswith("/userTrades") and call["status"] == 200]
    venue.control("/requests", method="DELETE")
    return sorted(call["path"].split("/")[1] for call in calls)


def live(worker: Worker, venue: RunningVenue, *lines: str) -> list[str]:
    """An hour in which something happens, and its run; returns where it asked for fills."""
    venue.advance(minutes=30)
    for line in lines:
        venue.do(line)
    venue.advance(minutes=30)
    venue.control("/requests", method="DELETE")
    worker.run(venue.now())
    return asked(venue)


def stored(worker: Worker) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in worker.rows(STORED)]


def traded(venue: RunningVenue) -> list[tuple[Any, ...]]:
    """The same by the venue's own books."""
    return [
        (one.symbol, one.side.lower(), one.quantity, one.price, one.asset, str(one.id), str(one.id))
        for one in venue.exchange.venue.accounts["test"].contract_fills
    ]


def test_a_contract_is_asked_for_once_it_was_traded_and_never_otherwise(worker: Worker, venue: RunningVenue) -> None:
    assert live(worker, venue) == []
    assert live(worker, venue, "long 0.2 BTCUSDT", "short 3 BTCUSD_PERP") == ["dapi", "fapi"]
    assert live(worker, venue, "deposit 10 USDT") == []
    assert live(worker, venue, "close 0.05 BTCUSDT", "short 0.4 BTCUSDT", "long 1 ETHUSDT") == ["fapi", "fapi"]
    assert live(worker, venue, "close BTCUSDT", "close ETHUSDT") == ["fapi", "fapi"]
    assert live(worker, venue) == []

    assert sorted(stored(worker)) == sorted(traded(venue))
    assert len(stored(worker)) == 7
    assert worker.rows("select * from contracts_due") == []


def test_fills_of_before_say_by_their_names_what_they_settle_in(
    worker: Worker, venue: RunningVenue, database: Database
) -> None:
    live(worker, venue, "long 0.2 BTCUSDT", "short 3 ETHUSD_PERP")
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("update monitor.contract_fills set settle = ''")
        owner.execute(SETTLED_IN.read_bytes())

    assert sorted(stored(worker)) == sorted(traded(venue))


def test_weeks_without_a_trade_are_passed_over(worker: Worker, venue: RunningVenue) -> None:
    live(worker, venue, "long 0.1 BTCUSDT")
    venue.fault("/fapi/v1/userTrades", {"status": 503, "body": ""})
    live(worker, venue, "close BTCUSDT")
    for _ in range(3):
        venue.advance(days=12)
        venue.do("long 0.1 BTCUSDT")
        venue.advance(hours=1)
        worker.run(venue.now())
    venue.clear_faults()

    assert live(worker, venue) == ["fapi"] * 4
    assert sorted(stored(worker)) == sorted(traded(venue))


def test_a_run_reads_as_far_as_its_calls_reach(
    worker: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract_fills, "MOST_CALLS", 1)

    assert live(worker, venue, "long 0.1 BTCUSDT", "long 1 ETHUSDT") == ["fapi"]
    assert (len(stored(worker)), len(worker.rows("select * from contracts_due"))) == (1, 1)
    assert worker.rows("select * from history_changes") == []
    assert live(worker, venue) == ["fapi"]
    [change] = worker.rows("select since_hour, hours, reason from history_changes")
    since, hours = worker.hours()[1]["hour"], 2
    assert (change["since_hour"], change["hours"]) == (
        since,
        hours,
    )  # of the hour that had been shown without it, and this one
    assert change["reason"].startswith("an execution of ETHUSDT became visible 1 h late")
    assert (sorted(stored(worker)), worker.rows("select * from contracts_due")) == (sorted(traded(venue)), [])


def test_a_command_reads_all_that_is_due_at_once(
    worker: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(syncing, "PAUSE_SECONDS", 0)
    venue.fault("/fapi/v1/userTrades", {"status": 503, "body": ""})
    for line in ("long 0.1 BTCUSDT", "long 1 ETHUSDT", "close BTCUSDT"):
        live(worker, venue, line)
        venue.advance(days=9)
    venue.clear_faults()

    assert sync_all(worker.db, worker.settings, None, venue.now()) == 0
    assert sorted(stored(worker)) == sorted(traded(venue))
    said = [line for line in capsys.readouterr().out.splitlines() if "trades, contract" in line]
    assert said == ["test: trades, contract 1 of 2: BTCUSDT"] * 2 + ["test: trades, contract 2 of 2: ETHUSDT"]
    assert live(worker, venue) == []


def test_what_income_names_and_no_list_has_is_asked_for_again_for_a_day(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("long 0.1 BTCUSDT")
    venue.exchange.venue.accounts["test"].contract_fills.clear()

    assert live(worker, venue) == live(worker, venue) == ["fapi"]
    assert "though income names it" in worker.rows("select message from system_logs order by id")[-1]["message"]
    venue.advance(days=1)
    assert live(worker, venue) == ["fapi"]
    assert live(worker, venue) == []
    assert (stored(worker), worker.rows("select * from contracts_due")) == ([], [])


def test_portfolio_margin_has_the_fills_of_before(worker: Worker, venue: RunningVenue) -> None:
    venue.fault("/fapi/v1/userTrades", {"status": 503, "body": ""})
    live(worker, venue, "long 0.1 BTCUSDT")
    assert live(worker, venue, "unify", "close BTCUSDT") == ["papi"]

    assert [row[:5] for row in sorted(stored(worker))] == [row[:5] for row in sorted(traded(venue))]
    assert live(worker, venue) == []


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_all_fills_come_however_many_fit_into_an_answer(
    count: int, worker: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three fit. All of them, or all but two, are of one moment, and alike but for their ids."""
    monkeypatch.setattr(fills, "MOST_ROWS", 3)
    monkeypatch.setattr(contracts, "MOST_TRADES", 3)
    for number in range(count):
        venue.advance(minutes=number // 5)
        venue.do("long 0.1 BTCUSDT")

    live(worker, venue)
    assert sorted(stored(worker)) == sorted(traded(venue))
    assert [row[2] for row in stored(worker)] == [D("0.1")] * count
