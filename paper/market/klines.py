"""What a market is to the venue: minute klines as text, and everything else rolled up from them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
INTERVALS = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_GAP = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A pair that trades."""

    base: str
    quote: str
    decimals: int = 2  # of its prices
    step: Decimal = Decimal("0.000001")  # of its quantities
    least_value: Decimal = Decimal(5)  # of an order, in the quote

    @property
    def name(self) -> str:
        """Binance's name of it."""
        return self.base + self.quote

    @property
    def tick(self) -> Decimal:
        """The step of its prices."""
        return Decimal(1).scaleb(-self.decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kline:
    """Prices of an interval, as text."""

    opened: datetime
    open: str
    high: str
    low: str
    close: str
    volume: str = "0"


class Market(Protocol):
    """Minute klines of every symbol, the same answer every time."""

    symbols: dict[str, Symbol]

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of the minute that opens at `opened`; None when nothing traded."""

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """The last minute up to `minute` in which it may have traded."""

    def hour(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of a whole hour; None when nothing traded."""
        return join(opened, (self.minute(symbol, opened + number * MINUTE) for number in range(60)))

    def last_price(self, symbol: str, moment: datetime) -> Decimal:
        """The last price at `moment`. Raises KeyError if none is known."""
        return price_at(self, symbol, moment)

    def is_silent(self) -> bool:
        """Whether it can't be known what is traded now."""
        return False


def floor_time(moment: datetime, step: timedelta) -> datetime:
    """The start of the interval that contains `moment`."""
    return moment - (moment - EPOCH) % step


def price_at(market: Market, symbol: str, moment: datetime) -> Decimal:
    """The last price at `moment`: the open of its minute, or the last close before a gap. Raises KeyError if none."""
    minute = floor_time(moment, MINUTE)
    if kline := market.minute(symbol, minute):
        return Decimal(kline.open)
    last = last_minute(market, symbol, minute)
    if last is None:
        raise KeyError(f"{symbol} has no price at {moment.isoformat()}")
    return Decimal(last.close)


def last_minute(market: Market, symbol: str, minute: datetime) -> Kline | None:
    """The last kline that opened at or before `minute`, looking back three days of trading."""
    opened = minute = market.last_open(symbol, minute)
    while opened > minute - LONGEST_GAP:
        if kline := market.minute(symbol, opened):
            return kline
        opened -= MINUTE
    return None


def roll_up(market: Market, symbol: str, opened: datetime, step: timedelta, until: datetime) -> Kline | None:
    """The kline of [opened, opened + step), as far as `until`; None when nothing traded."""
    parts = []
    moment, end = opened, min(opened + step, until)
    while moment < end:
        is_whole = step >= HOUR and moment + HOUR <= end
        parts.append(market.hour(symbol, moment) if is_whole else market.minute(symbol, moment))
        moment += HOUR if is_whole else MINUTE
    return join(opened, parts)


def join(opened: datetime, klines: Iterable[Kline | None]) -> Kline | None:
    """The kline from `opened` on that `klines` are parts of; None when nothing traded in any."""
    parts = [kline for kline in klines if kline]
    if not parts:
        return None
    return Kline(
        opened=opened,
        open=parts[0].open,
        high=max((part.high for part in parts), key=Decimal),
        low=min((part.low for part in parts), key=Decimal),
        close=parts[-1].close,
        volume=str(sum((Decimal(part.volume) for part in parts), Decimal(0))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KlineQuery:
    """What /api/v3/klines was asked."""

    symbol: str
    step: timedelta
    start: datetime | None
    end: datetime | None
    limit: int


def find_klines(market: Market, query: KlineQuery, now: datetime) -> list[Kline]:
    """Klines as Binance chooses them: the first `limit` from start on, or without a start the last ones up to end."""
    end = min(query.end or now, now)
    if query.start is None and query.limit == 1 and query.step == MINUTE:
        found = last_minute(market, query.symbol, floor_time(end, MINUTE))
        return [found] if found else []
    forward = query.start is not None
    end = end if forward else market.last_open(query.symbol, floor_time(end, MINUTE))
    klines: list[Kline] = []
    for opened in _openings(query, end, forward=forward):
        if kline := _unfinished(market, query, opened, now):
            klines.append(kline)
        if len(klines) >= query.limit:
            break
    return klines if forward else klines[::-1]


def _unfinished(market: Market, query: KlineQuery, opened: datetime, now: datetime) -> Kline | None:
    if query.step == MINUTE:
        return market.minute(query.symbol, opened)
    return roll_up(market, query.symbol, opened, query.step, floor_time(now, MINUTE) + MINUTE)


def _openings(query: KlineQuery, end: datetime, *, forward: bool) -> Iterator[datetime]:
    if forward and query.start is not None:
        opened = floor_time(query.start, query.step)
        opened += query.step if opened < query.start else timedelta()
        while opened <= end:
            yield opened
            opened += query.step
        return
    opened = floor_time(end, query.step)
    oldest = opened - max(LONGEST_GAP, query.step * query.limit)
    while opened > oldest:
        yield opened
        opened -= query.step
