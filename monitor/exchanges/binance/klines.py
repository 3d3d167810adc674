"""Finished klines with their volumes, a thousand a call."""

from asyncio import gather
from datetime import timedelta
from itertools import pairwise

from monitor.errors import UnknownSymbol
from monitor.exchanges.binance.minutes import KLINES, is_full
from monitor.exchanges.binance.windows import Window, milliseconds, windows
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.gate import Malformed, a_moment, amount
from monitor.exchanges.public import Kline

STEPS = {timedelta(minutes=1): "1m", timedelta(hours=1): "1h"}
MOST_KLINES = 1000


async def fetch_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The finished klines of `step` that opened in `window`, its end left out, oldest first."""
    since, until = window
    now = connection.now()
    finished = min(until, now - (now - since) % step)  # the one that is still open is no kline yet
    parts = await gather(
        *(_fetch_part(connection, symbol, step, part) for part in windows(since, finished, MOST_KLINES * step))
    )
    return tuple(kline for part in parts for kline in part)


async def _fetch_part(connection: Connection, symbol: str, step: timedelta, part: Window) -> list[Kline]:
    since, until = part
    try:
        return await connection.call(
            KLINES,
            f"Reading the klines of {symbol} from {since:%Y-%m-%d %H:%M} UTC on",
            lambda answer: _read_klines(answer, part, step),
            symbol=symbol,
            interval=STEPS[step],
            startTime=milliseconds(since),
            endTime=milliseconds(until) - 1,
            limit=MOST_KLINES,
        )
    except UnknownSymbol:
        return []


def _read_klines(answer: object, part: Window, step: timedelta) -> list[Kline]:
    """Those of `part`, without any that does not begin at a full `step`: nobody could store it under an hour's name."""
    if not isinstance(answer, list):
        raise Malformed("klines are not a list")
    klines = [_read_kline(row) for row in answer]
    opened = [kline.opened for kline in klines]
    if any(later <= earlier for earlier, later in pairwise(opened)):
        raise Malformed("klines out of order")
    if opened and not (part[0] <= opened[0] and opened[-1] < part[1]):
        raise Malformed("klines of another time")
    return [kline for kline in klines if is_full(kline.opened, step)]


def _read_kline(answer: object) -> Kline:
    if not isinstance(answer, list) or len(answer) < 10:
        raise Malformed("a kline is not a list of figures")
    row = {"opened": answer[0], "close": answer[4], "volume": answer[5], "taker_buy": answer[9]}
    kline = Kline(
        opened=a_moment(row, "opened"),
        close=amount(row, "close"),
        volume=amount(row, "volume"),
        taker_buy=amount(row, "taker_buy"),
    )
    if kline.close <= 0 or kline.taker_buy > kline.volume:
        raise Malformed("a kline with a price of zero, or more bought than traded")
    return kline
