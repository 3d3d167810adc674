"""Prices at past full hours, from 1-hour klines: a thousand hours a call.

A kline's open is the price at its hour, the same as that of the minute that begins there. Where there is none, nothing
was traded: then it is what was traded last, as a run at that hour would have read it.
"""

from asyncio import gather
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from monitor.errors import UnknownSymbol
from monitor.exchanges.binance.minutes import KLINES, Kline, read_klines
from monitor.exchanges.binance.windows import milliseconds
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.public import LONGEST_STOP, MinutePrice

HOUR = timedelta(hours=1)
MOST_HOURS = 1000  # a call


async def fetch_hours(
    connection: Connection, symbol: str, hours: Collection[datetime]
) -> dict[datetime, MinutePrice | None]:
    """The last price of `symbol` known at each of `hours`; None where nobody traded for a week, or there is no symbol."""
    parts = await gather(*(_fetch_window(connection, symbol, window) for window in _windows(sorted(set(hours)))))
    klines = sorted((kline for part in parts for kline in part), key=_opened)
    return {hour: _find(symbol, klines, hour) for hour in hours}


def _windows(hours: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """First and last hour of runs that one call answers."""
    window: list[datetime] = []
    for hour in hours:
        if window and hour - window[0] >= MOST_HOURS * HOUR:
            yield window[0], window[-1]
            window = []
        window.append(hour)
    if window:
        yield window[0], window[-1]


async def _fetch_window(connection: Connection, symbol: str, window: tuple[datetime, datetime]) -> list[Kline]:
    first, _ = window
    try:
        klines = await _fetch_klines(connection, symbol, window, startTime=milliseconds(first), limit=MOST_HOURS)
        if klines and klines[0].opened == first:
            return klines
        return await _fetch_klines(connection, symbol, (first, first), limit=LONGEST_STOP // HOUR) + klines
    except UnknownSymbol:
        return []


async def _fetch_klines(
    connection: Connection, symbol: str, window: tuple[datetime, datetime], **parameters: int
) -> list[Kline]:
    first, last = window
    return await connection.call(
        KLINES,
        f"Reading the hourly prices of {symbol} from {first:%Y-%m-%d %H:%M} UTC on",
        lambda answer: read_klines(answer, last, HOUR),
        symbol=symbol,
        interval="1h",
        endTime=milliseconds(last),
        **parameters,
    )


def _opened(kline: Kline) -> datetime:
    return kline.opened


def _find(symbol: str, klines: Sequence[Kline], hour: datetime) -> MinutePrice | None:
    end = bisect_right(klines, hour, key=_opened)
    start = bisect_left(klines, hour - LONGEST_STOP, key=_opened)
    if start == end:
        return None
    if klines[end - 1].opened == hour:
        return MinutePrice(symbol=symbol, value=klines[end - 1].open, at=hour, known_at=hour, stale=False)
    last = next((kline for kline in reversed(klines[start:end]) if kline.volume), klines[end - 1])
    return MinutePrice(symbol=symbol, value=last.close, at=hour, known_at=last.opened, stale=True)
