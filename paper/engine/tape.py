"""The market as traders see it: what a simulated or recorded market displays and trades within its minutes.

Each minute is a fixed path of four trades: its open, the nearer extreme, the other one, its close, each with a quarter of
its volume. After each the market displays, around the price, a share of the minute's volume on both sides. The same minute
gives the same trades, whoever looks and when.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from paper.market.halts import HaltingMarket
from paper.market.klines import EPOCH, MINUTE, Kline, Market, floor_time
from paper.trading.ladder import Quote

MOMENTS = (timedelta(0), timedelta(seconds=20), timedelta(seconds=40), timedelta(seconds=59))
SPREAD = Decimal("0.0001")  # of the price, between both sides; or one tick, if that is more
DISPLAYED = Decimal("0.02")  # of a minute's volume, at each price
PRICES = 10  # on each side


Sides = tuple[tuple[Quote, ...], tuple[Quote, ...]]  # bids and asks, the best first


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A trade of the market, and what it displays after it, the best prices first."""

    number: int  # of the pair's trades since 1970, four a minute
    at: datetime
    traded: Quote
    hits_bids: bool  # it was sold to who wanted to buy
    bids: tuple[Quote, ...]
    asks: tuple[Quote, ...]


class Ticking:
    """A market that knows its trades itself."""

    def list_ticks(self, symbol: str, since: datetime, until: datetime) -> Iterator[Tick]:
        """The ticks in (since, until], in time order."""
        raise NotImplementedError

    def last_tick(self, symbol: str, now: datetime) -> Tick | None:
        """The last tick up to now."""
        raise NotImplementedError

    def displayed(self, symbol: str) -> Sides | None:
        """What is displayed now; None where nothing is known."""
        raise NotImplementedError


def ticking(market: Market) -> Ticking | None:
    """The market behind this one, if it knows its trades itself."""
    source = market.source if isinstance(market, HaltingMarket) else market
    return source if isinstance(source, Ticking) else None


def list_ticks(market: Market, symbol: str, since: datetime, until: datetime) -> Iterator[Tick]:
    """The ticks in (since, until], in time order."""
    if source := ticking(market):
        yield from source.list_ticks(symbol, since, until)
        return
    opened = floor_time(since, MINUTE)
    while opened <= until:
        is_asked_for = any(since < opened + moment <= until for moment in MOMENTS)  # most looks are within a second
        if is_asked_for and (kline := market.minute(symbol, opened)):
            yield from (one for one in _ticks_of(market, symbol, kline) if since < one.at <= until)
        opened += MINUTE


def last_tick(market: Market, symbol: str, now: datetime) -> Tick | None:
    """The last tick up to now, if there was one in this or the last minute."""
    if source := ticking(market):
        return source.last_tick(symbol, now)
    found = list(list_ticks(market, symbol, floor_time(now, MINUTE) - MINUTE - timedelta(seconds=1), now))
    return found[-1] if found else None


def _ticks_of(market: Market, symbol: str, kline: Kline) -> Iterator[Tick]:
    tick = market.symbols[symbol].tick
    first, high, low, last = (Decimal(price) for price in (kline.open, kline.high, kline.low, kline.close))
    extremes = (high, low) if high - first <= first - low else (low, high)
    volume, step = Decimal(kline.volume), market.symbols[symbol].step
    before = first
    numbers = (kline.opened - EPOCH) // MINUTE * len(MOMENTS)
    for place, (moment, price) in enumerate(zip(MOMENTS, (first, *extremes, last), strict=True)):
        falls = price < before
        bid, ask = _sides(price, tick, falls=falls)
        shown = max(step, (volume * DISPLAYED).quantize(step))
        yield Tick(
            number=numbers + place,
            at=kline.opened + moment,
            traded=Quote(price, max(step, (volume / len(MOMENTS)).quantize(step))),
            hits_bids=falls,
            bids=tuple(Quote(bid - number * tick, shown) for number in range(PRICES) if bid > number * tick),
            asks=tuple(Quote(ask + number * tick, shown) for number in range(PRICES)),
        )
        before = price


def _sides(price: Decimal, tick: Decimal, *, falls: bool) -> tuple[Decimal, Decimal]:
    """The best bid and ask: what was traded is the one that was hit, and the other is a spread away."""
    if falls:
        return price, _on_tick(price + max(tick, price * SPREAD), tick, ROUND_CEILING)
    return _on_tick(price - max(tick, price * SPREAD), tick, ROUND_FLOOR), price


def _on_tick(price: Decimal, tick: Decimal, rounding: str) -> Decimal:
    return (price / tick).to_integral_value(rounding) * tick
