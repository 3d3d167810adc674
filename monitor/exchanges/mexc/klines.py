"""The klines of a symbol: of a pair what was traded, of a contract its fair price, which open positions are valued with.

Of pairs five hundred come at once, as many as asked for or fewer, so they are asked for by what came. Times of contracts are
seconds, and their figures come in columns.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from monitor.errors import UnknownSymbol
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, amount, an_object, seconds
from monitor.exchanges.kline_prices import (
    HOUR,
    MINUTE,
    Prices,
    end_of_finished,
    find_last_trade,
    gather_hours,
    gather_klines,
    gather_minutes,
    make_kline,
    price_at_minute,
    read_kline,
    refuse_disorder,
)
from monitor.exchanges.mexc.dialect import contract_public, spot_public
from monitor.exchanges.mexc.symbols import exchange_contract
from monitor.exchanges.public import LONGEST_STOP, Kline, LastTrade
from monitor.exchanges.windows import Window, milliseconds, unix_seconds

KLINES = spot_public("klines")
STEPS = {MINUTE: "1m", HOUR: "60m"}
FAIR_STEPS = {MINUTE: "Min1", HOUR: "Min60"}
FAIR_COLUMNS = ("time", "open", "close", "low", "high")
MOST, MOST_FAIR = 500, 2000
LOOKS = ((MINUTE, 5), (MINUTE, MOST), (HOUR, MOST))  # for the last trade: minutes, hours, weeks


async def fetch_minutes(connection: Connection, symbol: str, minutes: Collection[datetime]) -> Prices:
    """The last price of `symbol` known at each of `minutes`; None where there was none, or no such symbol."""

    async def fetch(wanted: Sequence[datetime]) -> Prices:
        """With five minutes before the first, for one in which nobody traded."""
        klines = await _fetch(connection, symbol, MINUTE, (wanted[0] - 5 * MINUTE, wanted[-1] + MINUTE))
        if not klines or klines[0].opened > wanted[0]:
            last = await fetch_last_trade(connection, symbol, wanted[0])
            klines = ([_as_kline(last)] if last else []) + klines
        return {minute: price_at_minute(symbol, klines, minute) for minute in wanted}

    return await gather_minutes(minutes, MOST, fetch)


def _as_kline(last: LastTrade) -> Kline:
    return Kline(opened=last.at, open=last.value, close=last.value, volume=last.value, taker_buy=None)


async def fetch_hours(connection: Connection, symbol: str, hours: Collection[datetime]) -> Prices:
    """The last price of `symbol` known at each of the full `hours`; None where nobody traded for a week, or there is no
    such symbol."""

    async def fetch(wanted: Sequence[datetime]) -> list[Kline]:
        return await _fetch(connection, symbol, HOUR, (wanted[0] - LONGEST_STOP, wanted[-1] + HOUR))

    return await gather_hours(symbol, hours, MOST, fetch)


async def fetch_last_trade(connection: Connection, symbol: str, until: datetime) -> LastTrade | None:
    """What `symbol` last traded at up to `until`; None if it never did, or there is no such symbol."""
    for step, count in LOOKS:
        end = until - (until - until.replace(minute=0, second=0, microsecond=0)) % step + step
        klines = await _fetch(connection, symbol, step, (end - count * step, end))
        last = find_last_trade(symbol, [kline for kline in klines if kline.opened <= until])
        if last:
            return last
    return None


async def fetch_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The finished klines of `step`, a minute or an hour, that opened in `window`, its end left out, oldest first."""
    finished = end_of_finished(connection.now(), step, window)
    return tuple(await _fetch(connection, symbol, step, (window[0], finished)))


async def _fetch(connection: Connection, symbol: str, step: timedelta, window: Window) -> list[Kline]:
    """The klines that opened in `window`, its end left out, oldest first; none where there is no such symbol."""
    since, until = window
    doing = f"Reading the klines of {symbol} from {since:%Y-%m-%d %H:%M} UTC on"
    found: list[Kline] = []
    while since < until:
        try:
            part = await connection.call(
                KLINES,
                doing,
                read_klines,
                symbol=symbol,
                interval=STEPS[step],
                startTime=milliseconds(since),
                endTime=milliseconds(until),
                limit=MOST,
            )
        except UnknownSymbol:
            return []
        new = [kline for kline in part if since <= kline.opened < until]
        found += new
        if not new or len(part) < 2:
            break
        since = new[-1].opened + step
    return found


def read_klines(answer: object) -> list[Kline]:
    """The klines of an answer, oldest first. Raises Malformed."""
    if not isinstance(answer, list):
        raise Malformed("klines are not a list")
    klines = [read_kline(row, columns=6) for row in answer]
    refuse_disorder(klines)
    return klines


async def fetch_marks(connection: Connection, symbol: str, minutes: Collection[datetime]) -> Prices:
    """The fair price of the contract `symbol` at each of `minutes`; None where there was none, or no such contract."""

    async def fetch(wanted: Sequence[datetime]) -> Prices:
        klines = await _fetch_fair(connection, symbol, MINUTE, (wanted[0] - 5 * MINUTE, wanted[-1]))
        return {minute: price_at_minute(symbol, klines, minute) for minute in wanted}

    return await gather_minutes(minutes, MOST_FAIR - 5, fetch)


async def fetch_mark_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The finished klines of the fair price of the contract `symbol` that opened in `window`, its end left out, oldest first."""
    finished = end_of_finished(connection.now(), step, window)

    async def fetch(start: datetime, end: datetime) -> list[Kline]:
        found = await _fetch_fair(connection, symbol, step, (start, end))
        return [kline for kline in found if start <= kline.opened < end]

    return await gather_klines((window[0], finished), step, MOST_FAIR - 1, fetch)


async def _fetch_fair(connection: Connection, symbol: str, step: timedelta, window: Window) -> list[Kline]:
    """The klines that opened in `window`, both ends inside, oldest first; none where there is no such contract."""
    since, until = window
    try:
        return await connection.call(
            contract_public(f"kline/fair_price/{exchange_contract(symbol)}"),
            f"Reading the fair price of {symbol} up to {until:%Y-%m-%d %H:%M} UTC",
            read_fair_klines,
            interval=FAIR_STEPS[step],
            start=unix_seconds(since),
            end=unix_seconds(until),
        )
    except UnknownSymbol:
        return []


def read_fair_klines(answer: object) -> list[Kline]:
    """Klines in columns: times in seconds, the fair price at the beginning and the end of each, the lowest and the highest."""
    columns = an_object(answer, *FAIR_COLUMNS)
    lists = [columns[name] for name in FAIR_COLUMNS]
    if not all(isinstance(one, list) and len(one) == len(lists[0]) for one in lists):
        raise Malformed("columns of different lengths")
    rows = [dict(zip(("opened", *FAIR_COLUMNS[1:]), one, strict=True)) for one in zip(*lists, strict=True)]
    klines = [make_kline(row, seconds, volume=amount(row, "close")) for row in rows]
    refuse_disorder(klines)
    return klines
