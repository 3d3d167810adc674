"""The candles of a pair or a contract: for prices at past minutes and hours, last trades, volumes. Times are seconds.

A call is asked for a stretch of at most a thousand candles, and for no more than the last ten thousand of a step. What is older
is known by the hour, and before that by the day: the price then is the one at which that hour or day began, and stale.
Of contracts it is the mark price (`mark_BTC_USDT`), with which the exchange values what is open.
"""

from asyncio import gather
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from finance.decimals import ZERO
from finance.moments import EPOCH
from monitor.errors import UnknownSymbol
from monitor.exchanges.gate import endpoints
from monitor.exchanges.gate.symbols import INVERSE, exchange_contract, is_delivered
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, amount, an_object, seconds
from monitor.exchanges.kline_prices import (
    HOUR,
    MINUTE,
    Prices,
    end_of_finished,
    find_last_trade,
    gather_hours,
    gather_minutes,
    group_moments,
    make_kline,
    price_at_minute,
    refuse_disorder,
    when_opened,
)
from monitor.exchanges.public import LONGEST_STOP, STALE_AFTER, Kline, LastTrade, MinutePrice
from monitor.exchanges.windows import Window, unix_seconds, windows

DAY = timedelta(days=1)
INTERVALS = {MINUTE: "1m", HOUR: "1h", DAY: "1d"}
MOST_KLINES = 990  # of 1,000 a call
MEMORY = 9_900  # of 10,000 of a step
REACH = 12 * HOUR  # how far before a minute without a candle one is looked for
LOOKS = ((MINUTE, 5), (MINUTE, MOST_KLINES), (HOUR, MOST_KLINES), (DAY, MOST_KLINES))  # for the last trade
COLUMNS = ("t", "quote", "c", "h", "l", "o", "v")
FIGURES = {"opened": "t", "open": "o", "high": "h", "low": "l", "close": "c"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candles:
    """Where the candles of one thing are."""

    endpoint: Endpoint
    asked: dict[str, str]
    symbol: str  # ours


def of_pair(symbol: str, name: str) -> Candles:
    """Those of a pair, which the exchange calls `name`."""
    return Candles(endpoint=endpoints.CANDLES, asked={"currency_pair": name}, symbol=symbol)


def of_contract(symbol: str) -> Candles:
    """Those of the mark price of a contract."""
    endpoint = endpoints.BTC_MARKS if symbol.endswith(INVERSE) else endpoints.USDT_MARKS
    endpoint = endpoints.DELIVERY_MARKS if is_delivered(symbol) else endpoint
    return Candles(endpoint=endpoint, asked={"contract": f"mark_{exchange_contract(symbol)}"}, symbol=symbol)


async def fetch_minutes(connection: Connection, candles: Candles, minutes: Collection[datetime]) -> Prices:
    """The last price known at each of `minutes`; None where there was none for a week, or no such thing."""
    full = sorted({minute.replace(second=0, microsecond=0) for minute in minutes})
    recent = [minute for minute in full if minute - REACH > _oldest(connection, MINUTE)]
    most = MOST_KLINES - REACH // MINUTE
    found = dict.fromkeys(full) | await gather_minutes(
        recent, most, lambda wanted: _fetch_minutes(connection, candles, wanted)
    )
    left = [minute for minute, price in found.items() if price is None]
    return found | await _fetch_coarse(connection, candles, left)


async def _fetch_minutes(connection: Connection, candles: Candles, wanted: Sequence[datetime]) -> Prices:
    klines = await _fetch(connection, candles, MINUTE, (wanted[0], wanted[-1]))
    if not klines or klines[0].opened > wanted[0]:
        klines = await _fetch(connection, candles, MINUTE, (wanted[0] - REACH, wanted[-1]))
    return {minute: price_at_minute(candles.symbol, klines, minute) for minute in wanted}


async def _fetch_coarse(connection: Connection, candles: Candles, minutes: Sequence[datetime]) -> Prices:
    """The prices at which the hours, or the days, of `minutes` began."""
    found: Prices = {}
    for step in (HOUR, DAY):
        reach = max(LONGEST_STOP, step)
        left = [m for m in minutes if m not in found and (step is DAY or m - reach > _oldest(connection, step))]
        for wanted in group_moments(left, step, MOST_KLINES - reach // step):
            klines = await _fetch(connection, candles, step, (wanted[0] - reach, wanted[-1]))
            found |= {minute: _began(candles.symbol, klines, minute, step) for minute in wanted}
    return found


def _began(symbol: str, klines: Sequence[Kline], minute: datetime, step: timedelta) -> MinutePrice | None:
    price = price_at_minute(symbol, klines, minute - (minute - EPOCH) % step)
    return replace(price, at=minute, stale=minute - price.known_at > STALE_AFTER) if price else None


async def fetch_hours(connection: Connection, candles: Candles, hours: Collection[datetime]) -> Prices:
    """The last price known at each of the full `hours`; None where nobody traded for a week, or there is no such thing."""
    recent = sorted(hour for hour in set(hours) if hour - LONGEST_STOP > _oldest(connection, HOUR))

    async def fetch(wanted: Sequence[datetime]) -> list[Kline]:
        return await _fetch(connection, candles, HOUR, (wanted[0] - LONGEST_STOP, wanted[-1]))

    found = await gather_hours(candles.symbol, recent, MOST_KLINES - LONGEST_STOP // HOUR, fetch)
    return found | await _fetch_coarse(connection, candles, sorted(set(hours) - set(recent)))


async def fetch_last_trade(connection: Connection, candles: Candles, until: datetime) -> LastTrade | None:
    """What it last traded at up to `until`; None if it never did, as far as that is known, or there is no such thing."""
    klines: list[Kline] = []
    for step, count in LOOKS:
        since = until - count * step
        klines = await _fetch(connection, candles, step, (since, until)) if step is DAY or since > _oldest(connection, step) else []  # fmt: skip
        last = find_last_trade(candles.symbol, klines)
        if last:
            return last
    return LastTrade(symbol=candles.symbol, value=klines[0].close, at=klines[0].opened) if klines else None


async def fetch_klines(connection: Connection, candles: Candles, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The finished candles of `step` that opened in `window`, its end left out, oldest first, as far as the exchange has them."""
    since, until = max(window[0], _oldest(connection, step)), window[1]
    finished = end_of_finished(connection.now(), step, (since, until))
    parts = await gather(
        *(_fetch(connection, candles, step, part) for part in windows(since, finished, MOST_KLINES * step))
    )
    unique = {kline.opened: kline for part in parts for kline in part if kline.opened < finished}
    return tuple(sorted(unique.values(), key=when_opened))


def _oldest(connection: Connection, step: timedelta) -> datetime:
    return connection.now() - MEMORY * step


async def _fetch(connection: Connection, candles: Candles, step: timedelta, window: Window) -> list[Kline]:
    """The candles that opened in `window`, both ends inside; none of what does not exist."""
    since, until = window
    doing = f"Reading the prices of {candles.symbol} up to {until:%Y-%m-%d %H:%M} UTC"
    asked = {**candles.asked, "interval": INTERVALS[step], "from": unix_seconds(since), "to": unix_seconds(until)}
    try:
        found = await connection.call(candles.endpoint, doing, read_candles, **asked)
    except UnknownSymbol:
        return []
    return [kline for kline in found if since <= kline.opened <= until and not (kline.opened - EPOCH) % step]


def read_candles(answer: object) -> list[Kline]:
    """The candles of an answer, in order: lists of columns of a pair, objects of a contract. Raises Malformed."""
    if not isinstance(answer, list):
        raise Malformed("candles are not a list")
    klines = [_read_candle(row) for row in answer]
    refuse_disorder(klines)
    return klines


def _read_candle(answer: object) -> Kline:
    if isinstance(answer, list):
        if len(answer) < len(COLUMNS):
            raise Malformed("a candle is not a list of figures")
        answer = dict(zip(COLUMNS, answer, strict=False))
    candle = an_object(answer, "t", "o", "c")
    row = {name: candle[letter] for name, letter in FIGURES.items() if letter in candle}
    return make_kline(row, seconds, volume=amount(candle, "v", default=ZERO))
