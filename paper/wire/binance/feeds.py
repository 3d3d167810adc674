"""What each market stream tells: a feed is looked at as time passes, and says what is new since it was looked at last.

A feed that shows how things are (a book, a ticker, a kline) shows that to whoever begins to listen; one of what happens
(trades, changes of a book) begins with what happens next.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from paper.engine.depths import Depth, list_changes
from paper.engine.tape import Tick, list_ticks
from paper.engine.venue import Venue
from paper.wire.binance import book, tickers
from paper.wire.binance.request import Asked, milliseconds, plain
from paper.wire.refusal import Refusal

Payload = Any
LONGEST_LOOK = timedelta(minutes=1)  # of trades, where the clock has been moved
ZERO = timedelta(0)


class Feed(Protocol):
    """One stream."""

    def show(self, now: datetime) -> list[Payload]:
        """How things are, for who begins to listen."""

    def look(self, now: datetime) -> list[Payload]:
        """What is new."""


class Trades:
    """What the market trades of a pair."""

    def __init__(
        self, venue: Venue, symbol: str, now: datetime, write: Callable[[str, Tick, datetime], Payload]
    ) -> None:
        self._venue, self._symbol, self._write, self._seen = venue, symbol, write, now

    def show(self, now: datetime) -> list[Payload]:
        """Nothing that was."""
        return []

    def look(self, now: datetime) -> list[Payload]:
        """The trades since the last look."""
        since, self._seen = max(self._seen, now - LONGEST_LOOK), now
        if since == now:
            return []
        return [
            self._write(self._symbol, tick, now) for tick in list_ticks(self._venue.market, self._symbol, since, now)
        ]


class States:
    """Something that is told again whenever it has become another, at most so often."""

    def __init__(self, write: Callable[[datetime], Payload], every: timedelta = ZERO) -> None:
        self._write, self._every = write, every
        self._told_at: datetime | None = None
        self._told: Payload = None

    def show(self, now: datetime) -> list[Payload]:
        """How it is."""
        return [stamp(found, now)] if (found := self._read(now)) else []

    def _read(self, now: datetime) -> Payload:
        """How it is; nothing, of a pair that has never been traded."""
        try:
            return self._write(now)
        except Refusal:
            return None

    def look(self, now: datetime) -> list[Payload]:
        """How it is, if that is another."""
        if self._told_at is not None and (now == self._told_at or now - self._told_at < self._every):
            return []
        found, told = self._read(now), self._told
        if found == told:
            return []
        is_first, self._told, self._told_at = self._told_at is None, found, now
        return [] if is_first or not found else [stamp(found, now)]


def stamp(payload: Payload, now: datetime) -> Payload:
    """An event with its time, which alone is no news."""
    if isinstance(payload, list):
        return [stamp(row, now) for row in payload]
    return payload | {"E": milliseconds(now)} if "E" in payload else payload


class Changes:
    """What changes in a pair's book: each message goes on where the one before ended."""

    def __init__(self, venue: Venue, symbol: str, now: datetime, every: timedelta) -> None:
        self._venue, self._symbol, self._every = venue, symbol, every
        self._told, self._told_at = venue.depths.look(symbol, now), now

    def show(self, now: datetime) -> list[Payload]:
        """Nothing that was."""
        return []

    def look(self, now: datetime) -> list[Payload]:
        """The prices at which something else could be had."""
        if now - self._told_at < self._every:
            return []
        before, self._told, self._told_at = self._told, self._venue.depths.look(self._symbol, now), now
        if self._told.number == before.number:
            return []
        return [self._write(before, now)]

    def _write(self, before: Depth, now: datetime) -> Payload:
        return {
            "e": "depthUpdate",
            "E": milliseconds(now),
            "s": self._symbol,
            "U": before.number + 1,
            "u": self._told.number,
            "b": book.write_quotes(list_changes(before.bids, self._told.bids)),
            "a": book.write_quotes(list_changes(before.asks, self._told.asks)),
        }


def write_trade(symbol: str, tick: Tick, now: datetime) -> Payload:
    """trade"""
    numbers = {"t": tick.number}
    return {"e": "trade", "E": milliseconds(now), "s": symbol} | numbers | _write_tick(tick)


def write_aggregate(symbol: str, tick: Tick, now: datetime) -> Payload:
    """aggTrade: each trade is one by itself"""
    row = {"e": "aggTrade", "E": milliseconds(now), "s": symbol, "a": tick.number}
    return row | _write_tick(tick) | {"f": tick.number, "l": tick.number}


def _write_tick(tick: Tick) -> Payload:
    return {
        "p": plain(tick.traded.price),
        "q": plain(tick.traded.quantity),
        "T": milliseconds(tick.at),
        "m": tick.hits_bids,
        "M": True,
    }


def write_best(venue: Venue, symbol: str, now: datetime) -> Payload:
    """bookTicker"""
    found = venue.depths.look(symbol, now)
    bid, ask = book.list_best(found)
    prices = {"b": plain(bid.price), "B": plain(bid.quantity), "a": plain(ask.price), "A": plain(ask.quantity)}
    return {"u": found.number, "s": symbol} | prices


def write_levels(venue: Venue, symbol: str, now: datetime, most: int) -> Payload:
    """depth5, depth10, depth20"""
    found = venue.depths.look(symbol, now)
    return {"lastUpdateId": found.number, **book.write_sides(found, most)}


def write_average(venue: Venue, symbol: str, now: datetime) -> Payload:
    """avgPrice"""
    found = book.average_price(_ask(venue, symbol, now))
    minutes = f"{found['mins']}m"
    return {"e": "avgPrice", "E": 0, "s": symbol, "i": minutes, "w": found["price"], "T": found["closeTime"]}


MINI = {"c": "lastPrice", "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume", "q": "quoteVolume"}
FULL = {
    "p": "priceChange",
    "P": "priceChangePercent",
    "w": "weightedAvgPrice",
    "x": "prevClosePrice",
    "Q": "lastQty",
    **MINI,
    "O": "openTime",
    "C": "closeTime",
    "F": "firstId",
    "L": "lastId",
    "n": "count",
}


def write_mini(venue: Venue, symbol: str, now: datetime) -> Payload:
    """miniTicker"""
    row = tickers.write_day(_ask(venue, symbol, now), symbol)
    return {"e": "24hrMiniTicker", "E": 0, "s": symbol} | {name: row[told] for name, told in MINI.items()}


def write_minis(venue: Venue, now: datetime) -> Payload:
    """!miniTicker@arr"""
    return [write_mini(venue, symbol, now) for symbol in venue.market.symbols if not venue.market.is_halted(symbol)]


def write_ticker(venue: Venue, symbol: str, now: datetime) -> Payload:
    """ticker"""
    row = tickers.write_day(_ask(venue, symbol, now), symbol)
    best = {name: told for name, told in write_best(venue, symbol, now).items() if name in "bBaA"}
    return {"e": "24hrTicker", "E": 0, "s": symbol} | {name: row[told] for name, told in FULL.items()} | best


def _ask(venue: Venue, symbol: str, now: datetime) -> Asked:
    """The question that REST would be asked."""
    return Asked(venue=venue, now=now, parameters={"symbol": symbol})
