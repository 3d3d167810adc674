"""Pairs that stop trading: no klines, the last price stays; and what margin that trades nowhere is worth."""

import json
import urllib.request
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.venue import START, RunningVenue

MINUTE = timedelta(minutes=1)


def ask(venue: RunningVenue, path: str) -> Any:
    with urllib.request.urlopen(venue.url + path) as answer:
        return json.load(answer)


def last_price(venue: RunningVenue, symbol: str) -> str:
    price: str = ask(venue, f"/api/v3/ticker/price?symbol={symbol}")["price"]
    return price


def trading(venue: RunningVenue) -> set[str]:
    return {row["symbol"] for row in ask(venue, "/api/v3/ticker/price?symbolStatus=TRADING")}


def minutes(venue: RunningVenue, symbol: str, asked: str) -> list[int]:
    """The numbers of the minutes since the venue's start that have klines."""
    rows = ask(venue, f"/api/v3/klines?symbol={symbol}&interval=1m&{asked}")
    return [(row[0] // 1000 - int(START.timestamp())) // 60 for row in rows]


def test_a_pair_that_was_delisted_keeps_its_last_price_and_has_no_klines(venue: RunningVenue) -> None:
    venue.do("delist ADAUSDT")
    stopped = last_price(venue, "ADAUSDT")
    venue.advance(days=9)

    assert last_price(venue, "ADAUSDT") == stopped
    assert {"ADAUSDT"} == {row["symbol"] for row in ask(venue, "/api/v3/ticker/price")} - trading(venue)
    assert minutes(venue, "ADAUSDT", "limit=3") == [59, 60, 61]
    assert minutes(venue, "ADAUSDT", f"limit=3&startTime={int(START.timestamp()) * 1000 + 3_660_000}") == [61]


def test_a_pair_that_trades_again_has_a_gap_in_its_klines(venue: RunningVenue) -> None:
    venue.do("delist everything")
    venue.advance(minutes=3)
    venue.do("list everything")
    venue.advance(minutes=1)

    assert minutes(venue, "BTCUSDT", "limit=4") == [60, 61, 65, 66]
    assert "BTCUSDT" in trading(venue)


def test_a_pair_that_was_announced_has_never_been_traded(venue: RunningVenue) -> None:
    venue.do("announce XMRBTC")

    assert "XMRBTC" not in {row["symbol"] for row in ask(venue, "/api/v3/ticker/price")}
    assert minutes(venue, "XMRBTC", "limit=3") == []
    venue.do("list XMRBTC")
    venue.advance(minutes=2)
    assert minutes(venue, "XMRBTC", "limit=5") == [62, 63, 64]


def test_what_trades_nowhere_has_an_index_price(venue: RunningVenue) -> None:
    rows = {row["symbol"]: row for row in ask(venue, "/fapi/v1/assetIndex")}

    assert {"LDUSDTUSD", "BNFCRUSD", "BFUSDUSD", "USDTUSD", "BTCUSD"} <= rows.keys()
    assert Decimal(rows["LDUSDTUSD"]["index"]) > Decimal(rows["USDTUSD"]["index"])
    assert ask(venue, "/fapi/v1/assetIndex?symbol=BNFCRUSD") == rows["BNFCRUSD"]
