"""Prices at moments, found in klines: for every adapter the same.

A kline's open is the price at its moment. Where nobody traded there may be no kline: then the price is the close of the
last one before, marked as stale where that says too little of the moment.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from monitor.exchanges.public import LONGEST_STOP, STALE_AFTER, Kline, MinutePrice

Prices = dict[datetime, MinutePrice | None]


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
