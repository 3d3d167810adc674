"""The klines of a symbol, read in one way: for prices at past minutes and hours, for last trades, for volumes.

Of a pair they are what was traded, of a contract the mark price, with which the exchange values open positions. A
kline's open is the price at its moment. Where nobody traded there may be no kline: then the price is the close of the
last one before, marked as stale where that says too little of the moment.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finance.moments import EPOCH
from monitor.errors import UnknownSymbol
from monitor.exchanges.binance.futures import is_inverse
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed
from monitor.exchanges.kline_prices import (
    HOUR,
    MINUTE,
    Prices,
    end_of_finished,
    gather_hours,
    gather_klines,
    gather_minutes,
    price_at_minute,
    read_kline,
    refuse_disorder,
    search_last_trade,
)
from monitor.exchanges.public import LONGEST_STOP, Kline, LastTrade
from monitor.exchanges.windows import Window, milliseconds

# The weights of a call for 1,000 klines; one for less than a hundred weighs 1.
KLINES = Endpoint(family="public", path="klines", weight=2, bucket="api", signed=False)
USD_M_MARKS = Endpoint(family="fapiPublic", path="markPriceKlines", weight=5, bucket="fapi", signed=False)
COIN_M_MARKS = Endpoint(family="dapiPublic", path="markPriceKlines", weight=5, bucket="dapi", signed=False)
INTERVALS = {MINUTE: "1m", HOUR: "1h"}
MOST_KLINES = 1000
LOOKS = ((MINUTE, 5), (MINUTE, MOST_KLINES), (HOUR, MOST_KLINES))  # for the last trade: minutes, hours, weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class KlineQuery:
    """At most `limit` klines: from `since` on the oldest, without it the newest up to `until`."""

    endpoint: Endpoint = KLINES
    symbol: str
    step: timedelta
    since: datetime | None = None
    until: datetime
    is_until_open: bool = False  # one that opens at `until` is left out
    limit: int = MOST_KLINES


async def fetch_minutes(connection: Connection, symbol: str, minutes: Collection[datetime]) -> Prices:
    """The last price of `symbol` known at each of `minutes`; None where there was none, or no such symbol."""
    return await _fetch_minutes(connection, KLINES, symbol, minutes)


async def fetch_marks(connection: Connection, symbol: str, minutes: Collection[datetime]) -> Prices:
    """The mark price of the contract `symbol` at each of `minutes`; None where there was none, or no such contract."""
    return await _fetch_minutes(connection, _find_marks(symbol), symbol, minutes)


def _find_marks(symbol: str) -> Endpoint:
    return COIN_M_MARKS if is_inverse(symbol) else USD_M_MARKS


async def _fetch_minutes(
    connection: Connection, endpoint: Endpoint, symbol: str, minutes: Collection[datetime]
) -> Prices:
    async def fetch(wanted: Sequence[datetime]) -> Prices:
        limit = (wanted[-1] - wanted[0]) // MINUTE + 1  # where klines are missing, it reaches further back
        doing = f"Reading the price of {symbol} at {wanted[-1]:%Y-%m-%d %H:%M} UTC"
        query = KlineQuery(endpoint=endpoint, symbol=symbol, step=MINUTE, until=wanted[-1], limit=limit)
        klines = await _fetch(connection, query, doing)
        return {minute: price_at_minute(symbol, klines, minute) for minute in wanted}

    return await gather_minutes(minutes, MOST_KLINES, fetch)


async def fetch_hours(connection: Connection, symbol: str, hours: Collection[datetime]) -> Prices:
    """The last price of `symbol` known at each of the full `hours`; None where nobody traded for a week, or there is no
    such symbol."""
    return await gather_hours(symbol, hours, MOST_KLINES, lambda wanted: _fetch_hours(connection, symbol, wanted))


async def _fetch_hours(connection: Connection, symbol: str, wanted: Sequence[datetime]) -> list[Kline]:
    """The klines of `wanted`; where its first hour has none, with those of the week before."""
    first, last = wanted[0], wanted[-1]
    doing = f"Reading the hourly prices of {symbol} from {first:%Y-%m-%d %H:%M} UTC on"
    klines = await _fetch(connection, KlineQuery(symbol=symbol, step=HOUR, since=first, until=last), doing)
    if klines and klines[0].opened == first:
        return klines
    before = KlineQuery(symbol=symbol, step=HOUR, until=first, limit=LONGEST_STOP // HOUR)
    return await _fetch(connection, before, doing) + klines


async def fetch_last_trade(connection: Connection, symbol: str, until: datetime) -> LastTrade | None:
    """What `symbol` last traded at up to `until`; None if it never did, or there is no such symbol."""
    doing = f"Reading the price of {symbol} at {until:%Y-%m-%d %H:%M} UTC"

    async def fetch(step: timedelta, limit: int) -> list[Kline]:
        return await _fetch(connection, KlineQuery(symbol=symbol, step=step, until=until, limit=limit), doing)

    return await search_last_trade(symbol, LOOKS, fetch)


async def fetch_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The finished klines of `step`, a minute or an hour, that opened in `window`, its end left out, oldest first."""
    return await _fetch_klines(connection, KLINES, symbol, step, window)


async def fetch_mark_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The same of the mark prices of the contract `symbol`."""
    return await _fetch_klines(connection, _find_marks(symbol), symbol, step, window)


async def _fetch_klines(
    connection: Connection, endpoint: Endpoint, symbol: str, step: timedelta, window: Window
) -> tuple[Kline, ...]:
    finished = end_of_finished(connection.now(), step, window)

    async def fetch(start: datetime, end: datetime) -> list[Kline]:
        doing = f"Reading the klines of {symbol} from {start:%Y-%m-%d %H:%M} UTC on"
        query = KlineQuery(endpoint=endpoint, symbol=symbol, step=step, since=start, until=end, is_until_open=True)
        return await _fetch(connection, query, doing)

    return await gather_klines((window[0], finished), step, MOST_KLINES, fetch)


async def _fetch(connection: Connection, query: KlineQuery, doing: str) -> list[Kline]:
    """The klines of `query`; none where there is no such symbol. Raises ExchangeError."""
    start = {} if query.since is None else {"startTime": milliseconds(query.since)}
    try:
        return await connection.call(
            query.endpoint,
            doing,
            lambda answer: read_klines(answer, query),
            symbol=query.symbol,
            interval=INTERVALS[query.step],
            **start,
            endTime=milliseconds(query.until) - query.is_until_open,
            limit=query.limit,
        )
    except UnknownSymbol:
        return []


def read_klines(answer: object, query: KlineQuery) -> list[Kline]:
    """The klines of an answer, in order, those that begin at a full step. Raises Malformed.

    One between two steps says nothing of the moments that are asked for, and nobody could store it under an hour's name.
    """
    if not isinstance(answer, list):
        raise Malformed("klines are not a list")
    klines = [read_kline(row, columns=10, taker_buy=9) for row in answer]
    refuse_disorder(klines)
    if klines and not _is_within(query, klines[0].opened, klines[-1].opened):
        raise Malformed("klines of another time")
    return [kline for kline in klines if not (kline.opened - EPOCH) % query.step]


def _is_within(query: KlineQuery, first: datetime, last: datetime) -> bool:
    is_late = last >= query.until if query.is_until_open else last > query.until
    return not is_late and (query.since is None or first >= query.since)
