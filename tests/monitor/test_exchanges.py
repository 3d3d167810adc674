"""Accounts at several exchanges: each exchange's trouble is its own, and prices may come from another."""

import json
from decimal import Decimal

import pytest

from finance.moments import minute_of
from finance.prices import AssetPrice
from monitor.cycle import run as cycle
from monitor.errors import ExchangeError, MonitorError
from monitor.exchanges.public import Ticker
from monitor.ledger.store.transfers_by_amount import load_unclear_transfers
from monitor.market.other_prices import RunPrices, share_prices
from monitor.performance.verification import verify
from sql.vault import Credentials, Secret
from tests.monitor.notation import at
from tests.monitor.test_backfill import backfill
from tests.monitor.test_transfer_matching import say
from tests.venue import KEY, SECRET, START, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+0m deposit 1 ETH
+1m buy for 4000 BTCUSDT
+0m account other on mexc key mx0-key-of-other secret secret-of-other
+0m deposit 2000 USDT
+1m buy for 500 ETHUSDT
"""


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    return open_venue(STORY)


@pytest.fixture
def both(open_worker: Opener, venue: RunningVenue) -> Worker:
    """An account at each of two exchanges, read once."""
    worker = open_worker(venue)
    worker.add("test")
    worker.add_at("mexc", "other", Credentials(key=Secret("mx0-key-of-other"), secret=Secret("secret-of-other")))
    worker.run(venue.now())
    return worker


def statuses(worker: Worker) -> list[str]:
    return [worker.hours(account)[-1]["status"] for account in (1, 2, 0)]


def test_they_are_complete_side_by_side_and_together(both: Worker, venue: RunningVenue) -> None:
    assert statuses(both) == ["COMPLETE"] * 3
    one, other, whole = (both.hours(account)[-1] for account in (1, 2, 0))
    assert whole["nav"] == one["nav"] + other["nav"]
    venue.advance(minutes=20)
    venue.do("send 1000 USDT to other fee 1 arriving after 70m", account="test")
    for minutes in (40, 60, 60):
        venue.advance(minutes=minutes)
        both.run(venue.now())

    assert [hour["flows"] for hour in both.hours(0)[1:]] == [0, 0, 0]  # the fee is a cost of the whole, not a flow
    assert {hour["units"] for hour in both.hours(0)} == {whole["units"]}
    assert 1000 in [hour["in_transit"] for hour in both.hours(0)]
    assert verify(both.db).differences == ()


def test_what_only_another_exchange_prices_is_known_at_a_flow_of_the_whole(both: Worker, venue: RunningVenue) -> None:
    """A position at MEXC is marked there when money comes to Binance, whose contract of that name is another one."""
    venue.do("transfer 900 USDT from spot to futures", account="other")
    venue.do("long 0.05 BTCUSDT", account="other")
    venue.advance(hours=1)
    both.run(venue.now())
    venue.advance(minutes=20)
    venue.do("deposit 500 USDT", account="test")
    minute = int(minute_of(venue.now()).timestamp() * 1000)
    other = [minute, *["7"] * 4, "0", minute + 59_999, "0", 60, "0", "0", "0"]
    venue.fault("/fapi/v1/markPriceKlines", {"status": 200, "body": json.dumps([other])}, exchange="binance")
    venue.advance(minutes=40)
    both.run(venue.now())

    assert [(hour["flows"], hour["estimated"]) for hour in both.hours(0)[1:]] == [(0, False), (500, False)]
    marks = both.rows("select exchange, price from minute_prices where asset like 'mark %%'")
    assert [(mark["exchange"], mark["price"] > 7) for mark in marks] == [("mexc", True)]
    assert verify(both.db).differences == ()


def test_a_transfer_that_the_owner_matches_is_priced_at_each_end_by_its_own_exchange(
    both: Worker, venue: RunningVenue
) -> None:
    venue.do("transfer 900 USDT from spot to futures", account="other")
    venue.do("long 0.05 BTCUSDT", account="other")
    venue.advance(hours=1)
    both.run(venue.now())
    venue.advance(minutes=20)
    venue.do("withdraw 300 USDT tx none", account="test")
    venue.do("withdraw 300 USDT tx none", account="test")
    venue.advance(minutes=1)
    venue.do("deposit 300 USDT tx none", account="other")
    venue.advance(minutes=39)
    both.run(venue.now())
    unclear = load_unclear_transfers(both.db, 0)[0]
    say(both, "match", str(unclear.out_id), str(unclear.in_id))

    assert not both.hours(2)[-1]["estimated"]
    assert verify(both.db).differences == ()


@pytest.mark.parametrize(("down", "expected"), [
    ("mexc", ["COMPLETE", "PARTIAL", "PARTIAL"]), ("binance", ["PARTIAL", "COMPLETE", "PARTIAL"]),
])  # fmt: skip
def test_while_one_exchange_is_down_the_accounts_at_the_other_are_complete(
    both: Worker, venue: RunningVenue, down: str, expected: list[str]
) -> None:
    venue.advance(hours=1)
    venue.fault("*", {"status": 503, "body": "down"}, exchange=down)
    both.run(venue.now())
    assert statuses(both) == expected

    venue.clear_faults()
    both.run(venue.now())
    assert statuses(both) == ["COMPLETE"] * 3
    assert verify(both.db).differences == ()


def test_a_ban_at_one_exchange_is_no_pause_at_the_other(both: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=1)
    venue.fault("/api/v3/account", {"status": 429, "headers": {"Retry-After": "600"}, "body": "{}"}, exchange="mexc")
    both.run(venue.now())

    assert [row["exchange"] for row in both.rows("select exchange from exchange_pauses")] == ["mexc"]
    assert statuses(both) == ["COMPLETE", "PARTIAL", "PARTIAL"]


def test_an_account_at_an_exchange_that_is_not_read_any_more_costs_nobody_else_an_hour(
    both: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycle, "EXCHANGES", ("binance",))
    venue.advance(hours=1)
    both.run(venue.now())

    assert statuses(both) == ["COMPLETE", "PARTIAL", "PARTIAL"]
    assert "does not read mexc" in both.hours(2)[-1]["reason"]


def test_history_is_rebuilt_at_the_exchange_that_answers(
    both: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    venue.fault("*", {"status": 503, "body": "down"}, exchange="binance")

    assert backfill(both, START) == 1
    assert [len(both.hours(account)) for account in (1, 2)] == [1, 2]
    assert "Binance: " in capsys.readouterr().out


def prices(**known: str) -> RunPrices:
    return RunPrices(
        ticker=Ticker(at=at("2026-05-01 10:00"), prices={f"{k}USDT": Decimal(v) for k, v in known.items()})
    )


def test_what_an_exchange_does_not_trade_has_the_price_of_the_first_other_that_does() -> None:
    found: dict[str, RunPrices | MonitorError] = {
        "binance": prices(BTC="50000"),
        "bitget": ExchangeError("down"),
        "gate": prices(BTC="50100", XYZ="2"),
        "mexc": prices(XYZ="3", ABC="4"),
    }
    shared = share_prices(found, {"binance": ["BTC", "XYZ"], "bitget": ["ABC"], "gate": ["ABC"], "mexc": ["NONE"]})

    binance, bitget, gate, mexc = shared.values()
    assert isinstance(binance, RunPrices) and isinstance(gate, RunPrices) and isinstance(mexc, RunPrices)
    assert binance.find("XYZ") == AssetPrice(asset="XYZ", value=Decimal(2), origin="XYZUSDT at Gate.io")
    assert binance.find("BTC") == prices(BTC="50000").find("BTC")
    assert gate.find("ABC") == AssetPrice(asset="ABC", value=Decimal(4), origin="ABCUSDT at MEXC")
    assert isinstance(bitget, ExchangeError)
    assert mexc.find("NONE") is None
