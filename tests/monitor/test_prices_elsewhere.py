"""Prices of other exchanges: of coins that the own one does not trade, now and at past moments, and where the own one is far off."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from finance.exchanges import NAMES
from finance.prices import AssetPrice, describe_far
from monitor.errors import ExchangeError, MonitorError
from monitor.exchanges.public import Ticker
from monitor.market.other_prices import RunPrices, compare_prices
from monitor.market.store.prices import load_valued_prices
from sql.vault import Credentials, Secret
from tests.monitor.notation import D, at
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+0m account other on mexc key mx0-key-of-other secret secret-of-other
+0m deposit 2000 USDT
+1m buy for 500 ETHUSDT
"""
UNKNOWN = {"status": 400, "body": '{"code": -1121, "msg": "Invalid symbol."}'}
NOW = at("2026-05-01 10:00")


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    return open_venue(STORY)


@pytest.fixture
def both(open_worker: Opener, venue: RunningVenue) -> Worker:
    """An account at Binance and one at MEXC."""
    worker = open_worker(venue)
    worker.add("test")
    worker.add_at("mexc", "other", Credentials(key=Secret("mx0-key-of-other"), secret=Secret("secret-of-other")))
    return worker


def tell_prices(venue: RunningVenue, without: str = "", exchange: str = "mexc", **told: str) -> None:
    """Let an exchange list a coin no more, others at a factor of what they cost, and such as it lacks at a price."""
    symbols = [name for name in venue.exchange.venue.market.symbols if not without or not name.startswith(without)]
    prices = {name: venue.exchange.venue.price(name, venue.now()) * D(told.get(name, "1")) for name in symbols}
    prices |= {name: D(price) for name, price in told.items() if name not in prices}
    rows = [{"symbol": name, "price": f"{price:f}"} for name, price in prices.items()]
    venue.fault("/api/v3/ticker/price", {"status": 200, "body": json.dumps(rows)}, exchange=exchange)
    venue.fault("/api/v3/klines", UNKNOWN, exchange=exchange, of=f"symbol={without}") if without else None


def last(worker: Worker, account: int = 2) -> dict[str, Any]:
    return worker.hours(account)[-1]


def test_a_price_far_from_the_one_elsewhere_counts_as_an_estimate_that_says_so(
    both: Worker, venue: RunningVenue
) -> None:
    both.run(venue.now())
    held = {asset: D(amount) for asset, amount in venue.truth("other")["wallets"]["spot"].items()}
    for factor, far in (("0.94", "below"), ("1.07", "above"), ("1.04", "")):
        venue.advance(hours=1)
        tell_prices(venue, ETHUSDT=factor)
        both.run(venue.now())
        venue.clear_faults()
        hour = last(both)
        price = venue.exchange.venue.price("ETHUSDT", venue.now()) * D(factor)
        assert (hour["status"], hour["nav"], hour["estimated"]) == (
            "COMPLETE",
            held["USDT"] + held["ETH"] * price,
            bool(far),
        )
        assert ("more than 5 % " + far + " ETHUSDT at Binance" in hour["reason"]) == bool(far), hour["reason"]
        assert last(both, 1)["estimated"] is False  # which has none of it


def test_a_coin_that_is_not_traded_here_is_priced_elsewhere_at_past_moments_too(
    both: Worker, venue: RunningVenue
) -> None:
    both.run(venue.now())
    venue.advance(minutes=40)
    venue.do("deposit 5 SOL", "other")
    came = venue.now()
    venue.advance(hours=4)
    tell_prices(venue, without="SOL")
    both.run(venue.now())

    (row,) = both.rows("select price, route from minute_prices where asset = 'SOL'")
    price = venue.exchange.venue.price("SOLUSDT", came.replace(second=0))
    assert (row["price"], row["route"]) == (price, "SOLUSDT at Binance")
    assert [hour["status"] for hour in both.hours(2)][1:] == ["RECONSTRUCTED"] * 3 + ["COMPLETE"]
    routes = both.rows("select distinct route from ticker_prices where exchange = 'mexc' and asset = 'SOL'")
    assert [row["route"] for row in routes] == ["SOLUSDT at Binance"]
    assert [hour["flows"] for hour in both.hours(2)][1:] == [5 * price, 0, 0, 0]


def test_while_the_other_exchange_is_away_such_a_coin_is_no_zero(both: Worker, venue: RunningVenue) -> None:
    both.run(venue.now())
    venue.advance(minutes=40)
    venue.do("deposit 5 SOL", "other")
    venue.advance(minutes=20)
    tell_prices(venue, without="SOL")
    venue.fault("/api/v3/klines", {"status": 503, "body": "down"}, exchange="binance", of="SOLUSDT")
    both.run(venue.now())
    assert (last(both)["status"], last(both)["nav"]) == ("PARTIAL", None)
    assert (last(both, 1)["status"]) == "COMPLETE"

    venue.clear_faults()
    tell_prices(venue, without="SOL")
    both.run(venue.now())
    assert last(both)["status"] == "COMPLETE"
    assert both.rows("select 1 from deferred_flows") == []


def test_a_coin_that_only_another_exchange_prices_is_no_nothing_while_that_one_is_away(
    both: Worker, venue: RunningVenue
) -> None:
    both.run(venue.now())
    venue.advance(minutes=30)
    venue.do("deposit 1000 XYZ")  # which Binance's own total is without
    opened = round(venue.now().replace(second=0).timestamp() * 1000)
    kline = json.dumps([[opened, "2", "2", "2", "2", "5", opened + 59999, "10"]])
    venue.advance(minutes=30)
    price = json.dumps([{"symbol": "XYZUSDT", "price": "2"}, {"symbol": "ETHUSDT", "price": "3000"}])
    venue.fault("/api/v3/ticker/price", {"status": 200, "body": price}, exchange="mexc")
    venue.fault("/api/v3/klines", {"status": 200, "body": kline}, exchange="mexc", of="symbol=XYZUSDT")
    both.run(venue.now())
    assert (last(both, 1)["status"], last(both, 1)["nav"], last(both, 1)["unit_price"]) == ("COMPLETE", 12000, 100)

    venue.clear_faults()
    venue.fault("/api/v3/ticker/price", {"status": 503, "body": "down"}, exchange="mexc")
    for _ in range(2):
        venue.advance(hours=1)
        both.run(venue.now())
        assert (last(both, 1)["status"], last(both, 1)["nav"]) == ("PARTIAL", None)
        assert "it was worth 2,000.00 USDT" in last(both, 1)["reason"]
        assert "by XYZUSDT at MEXC, which can't be had now" in last(both, 1)["reason"]
    assert [price.value for price in load_valued_prices(both.db, "binance", ["XYZ"]).values()] == [2]
    both.db.execute("update accounts set enabled = false where id = 1")
    assert load_valued_prices(both.db, "binance", ["XYZ"]) == {}


def test_an_exchange_whose_accounts_are_disabled_keeps_nobody_waiting(both: Worker, venue: RunningVenue) -> None:
    both.run(venue.now())
    both.db.execute("update accounts set enabled = false where id = 2")
    venue.fault("/api/v3/ticker/price", {"status": 503, "body": "gone"}, exchange="mexc")
    venue.do("deposit 1000 WORTHLESS")
    venue.advance(hours=1)
    both.run(venue.now())

    assert (last(both, 1)["status"], last(both, 1)["nav"]) == ("COMPLETE", 10000)


def test_a_worthless_coin_stops_no_hour_while_another_exchange_is_away(both: Worker, venue: RunningVenue) -> None:
    both.run(venue.now())
    venue.do("deposit 1000 WORTHLESS")
    venue.fault("/api/v3/ticker/price", {"status": 503, "body": "down"}, exchange="mexc")
    venue.advance(hours=1)
    both.run(venue.now())
    assert (last(both, 1)["status"], last(both, 1)["nav"]) == ("COMPLETE", 10000)

    venue.clear_faults()
    venue.advance(hours=1)
    tell_prices(venue, WORTHLESSUSDT="2")
    both.run(venue.now())
    assert (last(both, 1)["nav"], last(both, 1)["flows"], last(both, 1)["unit_price"]) == (12000, 2000, 100)


def test_hours_are_rebuilt_while_an_exchange_is_away_that_may_price_what_counts_as_nothing(
    both: Worker, venue: RunningVenue
) -> None:
    venue.do("deposit 1000 WORTHLESS")
    both.run(venue.now())
    venue.advance(hours=2)
    venue.fault("/api/v3/ticker/price", {"status": 503, "body": "down"}, exchange="mexc")
    both.run(venue.now())

    assert [(hour["status"], hour["nav"]) for hour in both.hours(1)][1:] == [
        ("RECONSTRUCTED", 10000),
        ("COMPLETE", 10000),
    ]


def test_a_coin_of_the_same_name_elsewhere_prices_nothing(both: Worker, venue: RunningVenue) -> None:
    both.run(venue.now())
    venue.do("deposit 100000 XYZ", "other")
    opened = round(venue.now().replace(second=0).timestamp() * 1000)
    klines = [[opened + 60000 * n, *["0.001"] * 4, "5", opened + 60000 * n + 59999, "10"] for n in range(61)]
    venue.advance(hours=1)
    tell_prices(venue, XYZUSDT="0.001")
    venue.fault("/api/v3/klines", {"status": 200, "body": json.dumps(klines)}, exchange="mexc", of="symbol=XYZUSDT")
    both.run(venue.now())
    before = last(both)
    assert (before["status"], before["flows"]) == ("COMPLETE", 100)

    venue.clear_faults()
    venue.advance(hours=1)
    tell_prices(venue, without="XYZ")
    tell_prices(venue, exchange="binance", XYZUSDT="50")
    both.run(venue.now())
    assert (last(both)["status"], last(both)["nav"]) == ("PARTIAL", None)
    assert "it was worth 100.00 USDT" in last(both)["reason"]


def prices(closed_since: datetime | None = None, doubts: tuple[str, ...] = (), **known: str) -> RunPrices:
    found = {f"{asset}USDT": D(price) for asset, price in known.items()}
    return RunPrices(
        ticker=Ticker(at=NOW, prices=found, closed_since=closed_since, doubts=dict.fromkeys(doubts, "not believed"))
    )


def find_far(asset: str, **others: RunPrices | MonitorError) -> str:
    """Where the price of Bitget is far from, by the name of the route."""
    found: dict[str, RunPrices | MonitorError] = {**others, "bitget": prices(BTC="50000", XYZ="2")}
    ordered = {name: found[name] for name in NAMES if name in found}
    prices_of_bitget = compare_prices(ordered, {name: [asset] for name in ordered})["bitget"]
    assert isinstance(prices_of_bitget, RunPrices)
    return prices_of_bitget.far[asset].route_name if asset in prices_of_bitget.far else ""


def test_a_price_is_compared_with_that_of_the_first_other_exchange_that_trades_the_coin_now() -> None:
    assert find_far("XYZ", binance=prices(XYZ="2.2"), gate=prices(XYZ="2")) == "XYZUSDT at Binance"
    assert find_far("XYZ", binance=prices(XYZ="2.1"), gate=prices(XYZ="3")) == ""
    assert find_far("XYZ", binance=prices(BTC="50000"), gate=prices(XYZ="3")) == "XYZUSDT at Gate.io"
    assert find_far("XYZ", binance=ExchangeError("down"), mexc=prices(XYZ="1.8")) == "XYZUSDT at MEXC"
    assert find_far("XYZ", binance=prices(NOW - timedelta(hours=1), XYZ="3")) == ""
    assert find_far("XYZ", binance=prices(None, ("XYZ",), XYZ="3")) == ""
    assert find_far("USDT", binance=prices(XYZ="3")) == ""
    assert find_far("ABC", binance=prices(ABC="3")) == ""


@pytest.mark.parametrize(("quantity", "is_said"), [("10", False), ("11", True), ("-11", True)])
def test_what_makes_less_of_a_difference_than_dust_is_not_said(quantity: str, is_said: bool) -> None:
    own, there = (
        AssetPrice(asset="XYZ", value=D("2")),
        AssetPrice(asset="XYZ", value=D("1.5"), origin="XYZUSDT at MEXC"),
    )
    said = describe_far([("XYZ", D(quantity)), ("ABC", D("9"))], {"XYZ": own}, {"XYZ": there}, D(5))

    assert bool(said) is is_said
    assert not is_said or "above XYZUSDT at MEXC" in said[0]
