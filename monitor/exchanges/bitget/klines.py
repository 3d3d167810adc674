"""The klines of a symbol: of a pair what was traded, of a contract the mark price, which open positions are valued with.

Recent ones come by the thousand. Older ones come by the two hundred before a moment, so they are read backwards.
"""

from asyncio import gather
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from finance.moments import EPOCH
from monitor.errors import UnknownSymbol
from monitor.exchanges.bitget.dialect import public
from monitor.exchanges.bitget.futures import COIN_FUTURES, PRODUCTS, product_of
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, a_moment, amount
from monitor.exchanges.kline_prices import Prices, group_moments, price_at_hour, price_at_minute, when_opened
from monitor.exchanges.public import LONGEST_STOP, Kline, LastTrade
from monitor.exchanges.windows import Window, milliseconds, windows

RECENT = public("v2/spot/market/candles")
EARLIER = public("v2/spot/market/history-candles")
RECENT_MARKS = public("v2/mix/market/candles")
EARLIER_MARKS = public("v2/mix/market/history-mark-candles")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
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

    full = sorted({minute.replace(second=0, microsecond=0) for minute in minutes})
    parts = await gather(*(fetch(wanted) for wanted in group_moments(full, MINUTE, MOST_RECENT)))
    return {minute: price for part in parts for minute, price in part.items()}


async def fetch_hours(connection: Connection, symbol: str, hours: Collection[datetime]) -> Prices:
    """The last price of `symbol` known at each of the full `hours`; None where nobody traded for a week, or there is no
    such symbol."""
    groups = group_moments(sorted(set(hours)), HOUR, MOST_RECENT)
    parts = await gather(*(_fetch_hours(connection, symbol, wanted) for wanted in groups))
    klines = sorted((kline for part in parts for kline in part), key=when_opened)
    return {hour: price_at_hour(symbol, klines, hour) for hour in hours}


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
    klines: list[Kline] = []
    for step, limit in LOOKS:
        query = KlineQuery(symbol=symbol, step=step, before=until + step, since=EPOCH, limit=limit)
        klines = await _fetch(connection, query, doing)
        traded = [kline for kline in klines if kline.volume]
        if traded or not klines:
            break
    if not klines:
        return None
    last = traded[-1] if traded else klines[0]
    return LastTrade(symbol=symbol, value=last.close, at=last.opened)


async def fetch_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The finished klines of `step`, a minute or an hour, that opened in `window`, its end left out, oldest first."""
    since, until = window
    now = connection.now()
    finished = min(until, now - (now - since) % step)  # the one that is still open is no kline yet

    async def fetch(start: datetime, end: datetime) -> list[Kline]:
        doing = f"Reading the klines of {symbol} from {start:%Y-%m-%d %H:%M} UTC on"
        query = KlineQuery(symbol=symbol, step=step, before=end, since=start, limit=MOST_RECENT)
        return await _fetch(connection, query, doing)

    parts = await gather(*(fetch(*part) for part in windows(since, finished, MOST_RECENT * step)))
    return tuple(kline for part in parts for kline in part)


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
    klines = [_read_kline(row) for row in data]
    opened = [kline.opened for kline in klines]
    if opened and opened[0] > opened[-1]:
        klines, opened = klines[::-1], opened[::-1]
    if any(later <= earlier for earlier, later in pairwise(opened)):
        raise Malformed("klines out of order")
    if opened and opened[-1] > query.before:
        raise Malformed("klines of another time")
    return [kline for kline in klines if query.since <= kline.opened < query.before]


def _read_kline(answer: object) -> Kline:
    if not isinstance(answer, list) or len(answer) < 7:
        raise Malformed("a kline is not a list of figures")
    row = {"opened": answer[0], "open": answer[1], "close": answer[4], "volume": answer[5]}
    kline = Kline(
        opened=a_moment(row, "opened"),
        open=amount(row, "open"),
        close=amount(row, "close"),
        volume=amount(row, "volume"),
        taker_buy=None,
    )
    if kline.open <= 0 or kline.close <= 0:
        raise Malformed("a kline with a price of zero")
    return kline
