"""The klines of a symbol: of a pair what was traded, of a contract the mark price, which open positions are valued with.

Recent ones come by the thousand. Older ones come by the two hundred before a moment, so they are read backwards.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from finance.moments import EPOCH
from monitor.errors import UnknownSymbol
from monitor.exchanges.bitget.dialect import public
from monitor.exchanges.bitget.futures import COIN_FUTURES, PRODUCTS, product_of
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

RECENT = public("v2/spot/market/candles")
EARLIER = public("v2/spot/market/history-candles")
RECENT_MARKS = public("v2/mix/market/candles")
EARLIER_MARKS = public("v2/mix/market/history-mark-candles")
SPOT_STEPS = {MINUTE: "1min", HOUR: "1h"}
MARK_STEPS = {MINUTE: "1m", HOUR: "1H"}  # the same in another spelling
DEPTHS = {MINUTE: timedelta(days=28), HOUR: timedelta(days=80)}  # of what counts as recent
MOST_RECENT, MOST_EARLIER = 1000, 200
LOOKS = ((MINUTE, 5), (MINUTE, MOST_RECENT), (HOUR, MOST_RECENT))  # for the last trade: minutes, hours, weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class KlineQuery:
    """The newest klines that opened before `before`, at most `limit`, none of them before `since`."""

    symbol: str
    step: timedelta
    before: datetime
    since: datetime
    limit: int
    is_mark: bool = False


async def fetch_minutes(connection: Connection, symbol: str, minutes: Collection[datetime]) -> Prices:
    """The last price of `symbol` known at each of `minutes`; None where there was none, or no such symbol."""
    return await _fetch_minutes(connection, symbol, minutes, is_mark=False)


async def fetch_marks(connection: Connection, symbol: str, minutes: Collection[datetime]) -> Prices:
    """The mark price of the contract `symbol` at each of `minutes`; None where there was none, or no such contract.

    Of one that is settled in its own coin it says nothing of what a position was worth: in what its size is counted, and by
    which formula its profit goes, is not documented. Without a mark it counts as it was read, and says that it is estimated.
    """
    if product_of(symbol) == PRODUCTS[COIN_FUTURES]:
        return dict.fromkeys(minutes)
    return await _fetch_minutes(connection, symbol, minutes, is_mark=True)


async def _fetch_minutes(
    connection: Connection, symbol: str, minutes: Collection[datetime], *, is_mark: bool
) -> Prices:
    async def fetch(wanted: Sequence[datetime]) -> Prices:
        limit = (wanted[-1] - wanted[0]) // MINUTE + 1
        doing = f"Reading the price of {symbol} at {wanted[-1]:%Y-%m-%d %H:%M} UTC"
        query = KlineQuery(
            symbol=symbol, step=MINUTE, before=wanted[-1] + MINUTE, since=EPOCH, limit=limit, is_mark=is_mark
        )
        klines = await _fetch(connection, query, doing)
        return {minute: price_at_minute(symbol, klines, minute) for minute in wanted}

    return await gather_minutes(minutes, MOST_RECENT, fetch)


async def fetch_hours(connection: Connection, symbol: str, hours: Collection[datetime]) -> Prices:
    """The last price of `symbol` known at each of the full `hours`; None where nobody traded for a week, or there is no
    such symbol."""
    return await gather_hours(symbol, hours, MOST_RECENT, lambda wanted: _fetch_hours(connection, symbol, wanted))


async def _fetch_hours(connection: Connection, symbol: str, wanted: Sequence[datetime]) -> list[Kline]:
    """The klines of `wanted`; where its first hour has none, with those of the week before."""
    first, last = wanted[0], wanted[-1]
    doing = f"Reading the hourly prices of {symbol} from {first:%Y-%m-%d %H:%M} UTC on"
    query = KlineQuery(symbol=symbol, step=HOUR, before=last + HOUR, since=first, limit=(last - first) // HOUR + 1)
    klines = await _fetch(connection, query, doing)
    if klines and klines[0].opened == first:
        return klines
    before = replace(query, before=first, since=first - LONGEST_STOP, limit=LONGEST_STOP // HOUR)
    return await _fetch(connection, before, doing) + klines


async def fetch_last_trade(connection: Connection, symbol: str, until: datetime) -> LastTrade | None:
    """What `symbol` last traded at up to `until`; None if it never did, or there is no such symbol."""
    doing = f"Reading the price of {symbol} at {until:%Y-%m-%d %H:%M} UTC"

    async def fetch(step: timedelta, limit: int) -> list[Kline]:
        query = KlineQuery(symbol=symbol, step=step, before=until + step, since=EPOCH, limit=limit)
        return await _fetch(connection, query, doing)

    return await search_last_trade(symbol, LOOKS, fetch)


async def fetch_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The finished klines of `step`, a minute or an hour, that opened in `window`, its end left out, oldest first."""
    return await _fetch_klines(connection, symbol, step, window, is_mark=False)


async def fetch_mark_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The same of the mark prices of the contract `symbol`; none of one that is settled in its own coin, see `fetch_marks`."""
    if product_of(symbol) == PRODUCTS[COIN_FUTURES]:
        return ()
    return await _fetch_klines(connection, symbol, step, window, is_mark=True)


async def _fetch_klines(
    connection: Connection, symbol: str, step: timedelta, window: Window, *, is_mark: bool
) -> tuple[Kline, ...]:
    finished = end_of_finished(connection.now(), step, window)

    async def fetch(start: datetime, end: datetime) -> list[Kline]:
        doing = f"Reading the klines of {symbol} from {start:%Y-%m-%d %H:%M} UTC on"
        query = KlineQuery(
            symbol=symbol, step=step, before=end, since=start, limit=(end - start) // step, is_mark=is_mark
        )
        return await _fetch(connection, query, doing)

    return await gather_klines((window[0], finished), step, MOST_RECENT, fetch)


async def _fetch(connection: Connection, query: KlineQuery, doing: str) -> list[Kline]:
    """The klines of `query`, oldest first; none where there is no such symbol. Raises ExchangeError."""
    oldest = max(query.since, query.before - query.limit * query.step)
    is_recent = oldest > connection.now() - DEPTHS[query.step]
    endpoint, most = _choose(query, is_recent=is_recent)
    found: list[Kline] = []
    before, left = query.before, query.limit
    while left > 0 and before > query.since:
        part = await _fetch_part(connection, endpoint, replace(query, before=before, limit=min(left, most)), doing)
        found = part + found
        if len(part) < min(left, most):
            break
        before, left = part[0].opened, left - len(part)
    return [kline for kline in found if not (kline.opened - EPOCH) % query.step]


def _choose(query: KlineQuery, *, is_recent: bool) -> tuple[Endpoint, int]:
    if query.is_mark:
        return (RECENT_MARKS, MOST_RECENT) if is_recent else (EARLIER_MARKS, MOST_EARLIER)
    return (RECENT, MOST_RECENT) if is_recent else (EARLIER, MOST_EARLIER)


async def _fetch_part(connection: Connection, endpoint: Endpoint, query: KlineQuery, doing: str) -> list[Kline]:
    asked: dict[str, object] = {"granularity": (MARK_STEPS if query.is_mark else SPOT_STEPS)[query.step]}
    if query.is_mark:
        asked["productType"] = product_of(query.symbol)
    if endpoint is RECENT_MARKS:
        asked["kLineType"] = "MARK"
    try:
        return await connection.call(
            endpoint,
            doing,
            lambda answer: read_klines(answer, query),
            symbol=query.symbol,
            endTime=milliseconds(query.before),
            limit=query.limit,
            **asked,
        )
    except UnknownSymbol:
        return []


def read_klines(data: object, query: KlineQuery) -> list[Kline]:
    """The klines of an answer, oldest first, those that opened in the time of `query`. Raises Malformed.

    Whether the end of the time is inside it differs between endpoints: one that opened there is left out.
    """
    if not isinstance(data, list):
        raise Malformed("klines are not a list")
    klines = [read_kline(row, columns=7) for row in data]
    if klines and klines[0].opened > klines[-1].opened:
        klines.reverse()
    refuse_disorder(klines)
    if klines and klines[-1].opened > query.before:
        raise Malformed("klines of another time")
    return [kline for kline in klines if query.since <= kline.opened < query.before]
