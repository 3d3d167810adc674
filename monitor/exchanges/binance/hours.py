"""Prices at past full hours, from 1-hour klines: a thousand hours a call.

A kline's open is the price at its hour, the same as that of the minute that begins there. An hour in which nobody
traded has none: nothing is made up for it.
"""

from asyncio import gather
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from monitor.exchanges.binance.minutes import KLINES, Kline, read_klines
from monitor.exchanges.connection import Connection, UnknownSymbol
from monitor.exchanges.contract import MinutePrice

MOST_KLINES = 1000
HOUR = timedelta(hours=1)


async def fetch_hours(
    connection: Connection, symbol: str, hours: Collection[datetime]
) -> dict[datetime, MinutePrice | None]:
    """The price of `symbol` at each of `hours`; None where nobody traded in that hour, or there is no such symbol."""
    parts = await gather(*(_fetch_window(connection, symbol, window) for window in _windows(sorted(set(hours)))))
    opened = {kline.opened: kline for part in parts for kline in part}
    return {hour: _price(symbol, opened[hour]) if hour in opened else None for hour in hours}


def _windows(hours: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """First and last hour of runs that one call answers."""
    window: list[datetime] = []
    for hour in hours:
        if window and hour - window[0] >= MOST_KLINES * HOUR:
            yield window[0], window[-1]
            window = []
        window.append(hour)
    if window:
        yield window[0], window[-1]


async def _fetch_window(connection: Connection, symbol: str, window: tuple[datetime, datetime]) -> list[Kline]:
    first, last = window
    try:
        return await connection.call(
            KLINES,
            f"Reading the hourly prices of {symbol} from {first:%Y-%m-%d %H:%M} UTC on",
            lambda answer: read_klines(answer, last),
            symbol=symbol,
            interval="1h",
            startTime=int(first.timestamp()) * 1000,
            endTime=int(last.timestamp()) * 1000,
            limit=MOST_KLINES,
        )
    except UnknownSymbol:
        return []


def _price(symbol: str, kline: Kline) -> MinutePrice:
    return MinutePrice(symbol=symbol, value=kline.open, at=kline.opened, known_at=kline.opened, stale=False)
