"""Klines, read and judged, and prices at moments found in them: for every adapter the same.

A kline's open is the price at its moment. Where nobody traded there may be no kline: then the price is the close of the
last one before, marked as stale where that says too little of the moment.
"""

from asyncio import gather
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount
from monitor.exchanges.public import LONGEST_STOP, STALE_AFTER, Kline, LastTrade, MinutePrice
from monitor.exchanges.windows import Window, windows

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
COLUMNS = ("opened", "open", "high", "low", "close", "volume")
Prices = dict[datetime, MinutePrice | None]


def read_kline(answer: object, columns: int, taker_buy: int | None = None) -> Kline:
    """A kline of at least `columns` figures: when it opened, open, high, low, close, volume, and more.

    `taker_buy` is the column of what buyers took, where the exchange says it. Raises Malformed.
    """
    if not isinstance(answer, list) or len(answer) < columns:
        raise Malformed("a kline is not a list of figures")
    row = dict(zip(COLUMNS, answer, strict=False))
    kline = make_kline(row, a_moment, amount(row, "volume"))
    if taker_buy is None:
        return kline
    bought = amount({"taker_buy": answer[taker_buy]}, "taker_buy")
    if bought > kline.volume:
        raise Malformed("a kline with more bought than traded")
    return replace(kline, taker_buy=bought)


def make_kline(row: Row, when: Callable[[Row, str], datetime], volume: Decimal) -> Kline:
    """The kline of a row with `opened`, `open` and `close`, and maybe `low` and `high`. Raises Malformed at a price of zero."""
    kline = Kline(
        opened=when(row, "opened"),
        open=amount(row, "open"),
        close=amount(row, "close"),
        volume=volume,
        taker_buy=None,
        low=amount(row, "low") if "low" in row else None,
        high=amount(row, "high") if "high" in row else None,
    )
    if kline.open <= 0 or kline.close <= 0:
        raise Malformed("a kline with a price of zero")
    return kline


def refuse_disorder(klines: Sequence[Kline]) -> None:
    """Raises Malformed unless each of `klines` opened after the one before it."""
    if any(later.opened <= earlier.opened for earlier, later in pairwise(klines)):
        raise Malformed("klines out of order")


async def gather_minutes(
    minutes: Iterable[datetime], most: int, fetch: Callable[[Sequence[datetime]], Awaitable[Prices]]
) -> Prices:
    """What `fetch` finds at the full minutes of `minutes`, in groups of which each spans at most `most` minutes."""
    full = sorted({minute.replace(second=0, microsecond=0) for minute in minutes})
    parts = await gather(*(fetch(wanted) for wanted in group_moments(full, MINUTE, most)))
    return {minute: price for part in parts for minute, price in part.items()}


async def gather_hours(
    symbol: str, hours: Collection[datetime], most: int, fetch: Callable[[Sequence[datetime]], Awaitable[list[Kline]]]
) -> Prices:
    """The prices at the full `hours`, from the hourly klines that `fetch` finds for groups of at most `most` hours; a
    group's first hour needs the klines of the week before, where it has none of its own."""
    groups = group_moments(sorted(set(hours)), HOUR, most)
    parts = await gather(*(fetch(wanted) for wanted in groups))
    unique = {kline.opened: kline for part in parts for kline in part}
    klines = sorted(unique.values(), key=when_opened)
    return {hour: price_at_hour(symbol, klines, hour) for hour in hours}


def end_of_finished(now: datetime, step: timedelta, window: Window) -> datetime:
    """The end of `window`, or the opening of the kline that is still open at `now`: that one is none yet."""
    since, until = window
    return min(until, now - (now - since) % step)


async def gather_klines(
    window: Window, step: timedelta, most: int, fetch: Callable[[datetime, datetime], Awaitable[Sequence[Kline]]]
) -> tuple[Kline, ...]:
    """The klines that opened in `window`, oldest first, from windows of at most `most` of them, read side by side."""
    parts = await gather(*(fetch(*part) for part in windows(*window, most * step)))
    return tuple(kline for part in parts for kline in part)


def find_last_trade(symbol: str, klines: Sequence[Kline]) -> LastTrade | None:
    """The last one in which anything was traded; None if none is."""
    traded = next((kline for kline in reversed(klines) if kline.volume), None)
    return LastTrade(symbol=symbol, value=traded.close, at=traded.opened) if traded else None


async def search_last_trade(
    symbol: str, looks: Iterable[tuple[timedelta, int]], fetch: Callable[[timedelta, int], Awaitable[Sequence[Kline]]]
) -> LastTrade | None:
    """What `symbol` last traded at, of an exchange whose answer is as many klines as asked for, however old.

    `fetch` is asked for more and longer klines (`looks`) until something was traded in one. Where nothing was at all, it is
    what the earliest says; None where there is no kline.
    """
    klines: Sequence[Kline] = ()
    for step, limit in looks:
        klines = await fetch(step, limit)
        found = find_last_trade(symbol, klines)
        if found or not klines:
            return found
    return LastTrade(symbol=symbol, value=klines[0].close, at=klines[0].opened) if klines else None


def group_moments(moments: Iterable[datetime], step: timedelta, most: int) -> Iterator[list[datetime]]:
    """`moments`, oldest first, in runs that one call for `most` klines of `step` answers."""
    group: list[datetime] = []
    for moment in moments:
        if group and moment - group[0] >= most * step:
            yield group
            group = []
        group.append(moment)
    if group:
        yield group


def when_opened(kline: Kline) -> datetime:
    """What klines are sorted by."""
    return kline.opened


def price_at_minute(symbol: str, klines: Sequence[Kline], minute: datetime) -> MinutePrice | None:
    """The open of the minute's kline, else the close of the last one before it; None where `klines` begin later."""
    index = bisect_right(klines, minute, key=when_opened) - 1
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


def price_at_hour(symbol: str, klines: Sequence[Kline], hour: datetime) -> MinutePrice | None:
    """The open of the hour's kline, the same as that of its first minute; else what was traded last in the week before."""
    end = bisect_right(klines, hour, key=when_opened)
    start = bisect_left(klines, hour - LONGEST_STOP, key=when_opened)
    if start == end:
        return None
    if klines[end - 1].opened == hour:
        return MinutePrice(symbol=symbol, value=klines[end - 1].open, at=hour, known_at=hour, stale=False)
    last = next((kline for kline in reversed(klines[start:end]) if kline.volume), klines[end - 1])
    return MinutePrice(symbol=symbol, value=last.close, at=hour, known_at=last.opened, stale=True)
