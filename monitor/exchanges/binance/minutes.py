"""The last price known at past minutes, from 1-minute klines; minutes that are near each other share a call.

Of a pair that is what was traded, of a contract the mark price, with which the exchange values open positions.

A kline's open is the price at its minute. Where nobody traded in a minute there may be no kline: then it is the close
of the last one before, marked as stale when that is more than five minutes old.
"""

from asyncio import gather
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from monitor.errors import UnknownSymbol
from monitor.exchanges.binance.positions import is_inverse
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, a_moment, amount
from monitor.exchanges.public import STALE_AFTER, LastTrade, MinutePrice

KLINES = Endpoint(family="public", path="klines", weight=2, bucket="api", signed=False)
# The weight of a call for 1,000 minutes; one for less than a hundred weighs 1.
USD_M_MARKS = Endpoint(family="fapiPublic", path="markPriceKlines", weight=5, bucket="fapi", signed=False)
COIN_M_MARKS = Endpoint(family="dapiPublic", path="markPriceKlines", weight=5, bucket="dapi", signed=False)
MOST_KLINES = 1000
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOOKS = (("1m", 5), ("1m", MOST_KLINES), ("1h", MOST_KLINES))  # for the last trade: minutes, hours, weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Kline:
    """The first and last price of a stretch of time."""

    opened: datetime
    open: Decimal
    close: Decimal
    volume: Decimal  # 0: nothing was traded in it, and it repeats the price before


async def fetch_minutes(
    connection: Connection, symbol: str, minutes: Collection[datetime]
) -> dict[datetime, MinutePrice | None]:
    """The last price of `symbol` known at each of `minutes`; None where there was none, or no such symbol."""
    return await _fetch(connection, KLINES, symbol, minutes)


async def fetch_marks(
    connection: Connection, symbol: str, minutes: Collection[datetime]
) -> dict[datetime, MinutePrice | None]:
    """The mark price of the contract `symbol` at each of `minutes`; None where there was none, or no such contract."""
    return await _fetch(connection, COIN_M_MARKS if is_inverse(symbol) else USD_M_MARKS, symbol, minutes)


async def _fetch(
    connection: Connection, endpoint: Endpoint, symbol: str, minutes: Collection[datetime]
) -> dict[datetime, MinutePrice | None]:
    wanted = sorted({minute.replace(second=0, microsecond=0) for minute in minutes})
    parts = await gather(*(_fetch_window(connection, endpoint, symbol, window) for window in _windows(wanted)))
    return {minute: price for part in parts for minute, price in part.items()}


def _windows(minutes: Iterable[datetime]) -> Iterator[list[datetime]]:
    """`minutes` in runs that one call answers."""
    window: list[datetime] = []
    for minute in minutes:
        if window and minute - window[0] >= MOST_KLINES * MINUTE:
            yield window
            window = []
        window.append(minute)
    if window:
        yield window


async def _fetch_window(
    connection: Connection, endpoint: Endpoint, symbol: str, minutes: Sequence[datetime]
) -> dict[datetime, MinutePrice | None]:
    limit = int((minutes[-1] - minutes[0]) / MINUTE) + 1  # where klines are missing, it reaches further back
    klines = await _fetch_klines(connection, endpoint, symbol, minutes[-1], limit)
    return {minute: _find(symbol, klines, minute) for minute in minutes}


async def fetch_last_trade(connection: Connection, symbol: str, until: datetime) -> LastTrade | None:
    """What `symbol` last traded at up to `until`; None if it never did, or there is no such symbol."""
    klines: list[Kline] = []
    for interval, limit in LOOKS:
        klines = await _fetch_klines(connection, KLINES, symbol, until, limit, interval)
        traded = [kline for kline in klines if kline.volume]
        if traded or not klines:
            break
    if not klines:
        return None
    last = traded[-1] if traded else klines[0]
    return LastTrade(symbol=symbol, value=last.close, at=last.opened)


async def _fetch_klines(
    connection: Connection, endpoint: Endpoint, symbol: str, until: datetime, limit: int, interval: str = "1m"
) -> list[Kline]:
    try:
        return await connection.call(
            endpoint,
            f"Reading the price of {symbol} at {until:%Y-%m-%d %H:%M} UTC",
            lambda answer: read_klines(answer, until),
            symbol=symbol,
            interval=interval,
            endTime=int(until.timestamp()) * 1000,
            limit=limit,
        )
    except UnknownSymbol:
        return []


def read_klines(answer: object, until: datetime, step: timedelta = MINUTE) -> list[Kline]:
    """The klines of an answer, none of which may have opened after `until`.

    One that does not begin at a full `step` is left out: it says nothing of the moments that are asked for.
    """
    if not isinstance(answer, list):
        raise Malformed("klines are not a list")
    klines = [_read_kline(row) for row in answer]
    times = [kline.opened for kline in klines]
    if times != sorted(set(times)) or (times and times[-1] > until):
        raise Malformed("klines of another time")
    return [kline for kline in klines if is_full(kline.opened, step)]


def is_full(moment: datetime, step: timedelta) -> bool:
    """Whether `moment` is a full minute, hour or other `step` since the epoch."""
    return not (moment - EPOCH) % step


def _read_kline(answer: object) -> Kline:
    if not isinstance(answer, list) or len(answer) < 6:
        raise Malformed("a kline is not a list of figures")
    row = {"opened": answer[0], "open": answer[1], "close": answer[4], "volume": answer[5]}
    kline = Kline(
        opened=a_moment(row, "opened"),
        open=amount(row, "open"),
        close=amount(row, "close"),
        volume=amount(row, "volume"),
    )
    if kline.open <= 0 or kline.close <= 0:
        raise Malformed("a kline with a price of zero")
    return kline


def _find(symbol: str, klines: Sequence[Kline], minute: datetime) -> MinutePrice | None:
    index = bisect_right([kline.opened for kline in klines], minute) - 1
    if index < 0:
        return None
    kline = klines[index]
    return MinutePrice(
        symbol=symbol,
        value=kline.open if kline.opened == minute else kline.close,
        at=minute,
        known_at=kline.opened,
        stale=minute - kline.opened > STALE_AFTER,
    )
