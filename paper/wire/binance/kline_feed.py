"""The kline stream of a pair: the interval that goes on, as far as it has been traded, and each one once it is over."""

from datetime import datetime, timedelta
from typing import Any

from paper.engine.tape import MOMENTS, Tick, list_ticks, ticking
from paper.engine.venue import Venue
from paper.market.klines import EPOCH, MINUTE, Kline, floor_time, join, roll_up
from paper.trading.orders import ZERO
from paper.wire.binance.request import milliseconds
from paper.wire.binance.spot import INTERVALS, write_kline

EVERY = timedelta(seconds=2)
JUST_BEFORE = timedelta(microseconds=1)
NAMES = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")  # of what stands in a row of REST's


class Klines:
    """Those of one interval."""

    def __init__(self, venue: Venue, symbol: str, interval: str, now: datetime) -> None:
        self._venue, self._symbol, self._interval = venue, symbol, interval
        self._step = INTERVALS[interval]
        self._opened, self._told_at = floor_time(now, self._step), now
        self._told: dict[str, Any] | None = None

    def show(self, now: datetime) -> list[Any]:
        """The one that goes on."""
        found = self._read(floor_time(now, self._step), now)
        return [self._write(found, now, is_closed=False)] if found else []

    def look(self, now: datetime) -> list[Any]:
        """The last one that is over, and the one that goes on, if it has changed."""
        if now - self._told_at < EVERY:
            return []
        self._told_at, before = now, self._opened
        self._opened = floor_time(now, self._step)
        found = [self._write(one, now, is_closed=True) for one in [self._ended()] if before < self._opened and one]
        if running := self._read(self._opened, now):
            written = self._write(running, now, is_closed=False)
            if written["k"] != self._told:
                found.append(written)
            self._told = written["k"]
        return found

    def _ended(self) -> Kline | None:
        return roll_up(self._venue.market, self._symbol, self._opened - self._step, self._step, self._opened)

    def _read(self, opened: datetime, now: datetime) -> Kline | None:
        """The kline from `opened` on, of whole minutes and of what was traded in this one."""
        minute = floor_time(now, MINUTE)
        whole = roll_up(self._venue.market, self._symbol, opened, self._step, minute) if opened < minute else None
        ticks = list(list_ticks(self._venue.market, self._symbol, minute - JUST_BEFORE, now))
        return join(opened, [whole, _of_ticks(minute, ticks)])

    def _write(self, found: Kline, now: datetime, *, is_closed: bool) -> dict[str, Any]:
        figures = (found.open, found.high, found.low, found.close, found.volume)
        row = dict(zip(NAMES, write_kline(found.opened, self._step, figures), strict=True))
        first = (found.opened - EPOCH) // MINUTE * len(MOMENTS)
        count = self._step // MINUTE * len(MOMENTS) if is_closed else _count_trades(found.opened, now)
        numbers = {"f": first, "L": first + count - 1, "n": count}
        if ticking(self._venue.market):  # nobody told how many there were
            numbers = {"f": -1, "L": -1, "n": 0}
        told = row | numbers | {"s": self._symbol, "i": self._interval, "x": is_closed}
        return {"e": "kline", "E": milliseconds(now), "s": self._symbol, "k": told}


def _count_trades(opened: datetime, until: datetime) -> int:
    """How often the market has traded from a full minute on."""
    minutes, rest = divmod(until - opened, MINUTE)
    return minutes * len(MOMENTS) + sum(moment <= rest for moment in MOMENTS)


def _of_ticks(opened: datetime, ticks: list[Tick]) -> Kline | None:
    if not ticks:
        return None
    prices = [one.traded.price for one in ticks]
    first, high, low, last = (f"{price:f}" for price in (prices[0], max(prices), min(prices), prices[-1]))
    volume = sum((one.traded.quantity for one in ticks), ZERO)
    return Kline(opened=opened, open=first, high=high, low=low, close=last, volume=f"{volume:f}")
