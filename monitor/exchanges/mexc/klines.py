"""The klines of a symbol: of a pair what was traded, of a contract its fair price, which open positions are valued with.

Of pairs five hundred come at once, as many as asked for or fewer, so they are asked for by what came. Times of contracts are
seconds, and their figures come in columns.
"""

from asyncio import gather
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from monitor.errors import UnknownSymbol
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.gate import Malformed, a_moment, amount, an_object, seconds
from monitor.exchanges.kline_prices import Prices, group_moments, price_at_hour, price_at_minute, when_opened
from monitor.exchanges.mexc.dialect import contract_public, spot_public
from monitor.exchanges.mexc.symbols import exchange_contract
from monitor.exchanges.public import LONGEST_STOP, Kline, LastTrade
from monitor.exchanges.windows import Window, milliseconds, unix_seconds

KLINES = spot_public("klines")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STEPS = {MINUTE: "1m", HOUR: "60m"}
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

    full = sorted({minute.replace(second=0, microsecond=0) for minute in minutes})
    parts = await gather(*(fetch(wanted) for wanted in group_moments(full, MINUTE, MOST)))
    return {minute: price for part in parts for minute, price in part.items()}


def _as_kline(last: LastTrade) -> Kline:
    return Kline(opened=last.at, open=last.value, close=last.value, volume=last.value, taker_buy=None)


async def fetch_hours(connection: Connection, symbol: str, hours: Collection[datetime]) -> Prices:
    """The last price of `symbol` known at each of the full `hours`; None where nobody traded for a week, or there is no
    such symbol."""
    wanted = sorted(set(hours))
    klines: list[Kline] = []
    for group in group_moments(wanted, HOUR, MOST):
        klines += await _fetch(connection, symbol, HOUR, (group[0] - LONGEST_STOP, group[-1] + HOUR))
    unique = sorted({kline.opened: kline for kline in klines}.values(), key=when_opened)
    return {hour: price_at_hour(symbol, unique, hour) for hour in hours}


async def fetch_last_trade(connection: Connection, symbol: str, until: datetime) -> LastTrade | None:
    """What `symbol` last traded at up to `until`; None if it never did, or there is no such symbol."""
    for step, count in LOOKS:
        end = until - (until - until.replace(minute=0, second=0, microsecond=0)) % step + step
        klines = await _fetch(connection, symbol, step, (end - count * step, end))
        traded = [kline for kline in klines if kline.volume and kline.opened <= until]
        if traded:
            return LastTrade(symbol=symbol, value=traded[-1].close, at=traded[-1].opened)
    return None


async def fetch_klines(connection: Connection, symbol: str, step: timedelta, window: Window) -> tuple[Kline, ...]:
    """The finished klines of `step`, a minute or an hour, that opened in `window`, its end left out, oldest first."""
    since, until = window
    now = connection.now()
    finished = min(until, now - (now - since) % step)  # the one that is still open is no kline yet
    return tuple(await _fetch(connection, symbol, step, (since, finished)))


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
    klines = [_read_kline(row) for row in answer]
    if any(later.opened <= earlier.opened for earlier, later in pairwise(klines)):
        raise Malformed("klines out of order")
    return klines


def _read_kline(answer: object) -> Kline:
    if not isinstance(answer, list) or len(answer) < 6:
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


async def fetch_marks(connection: Connection, symbol: str, minutes: Collection[datetime]) -> Prices:
    """The fair price of the contract `symbol` at each of `minutes`; None where there was none, or no such contract."""
    name = exchange_contract(symbol)
    endpoint = contract_public(f"kline/fair_price/{name}")

    async def fetch(wanted: Sequence[datetime]) -> Prices:
        try:
            klines = await connection.call(
                endpoint,
                f"Reading the fair price of {symbol} at {wanted[-1]:%Y-%m-%d %H:%M} UTC",
                read_fair_klines,
                interval="Min1",
                start=unix_seconds(wanted[0] - 5 * MINUTE),
                end=unix_seconds(wanted[-1]),
            )
        except UnknownSymbol:
            klines = []
        return {minute: price_at_minute(symbol, klines, minute) for minute in wanted}

    full = sorted({minute.replace(second=0, microsecond=0) for minute in minutes})
    parts = await gather(*(fetch(wanted) for wanted in group_moments(full, MINUTE, MOST_FAIR - 5)))
    return {minute: price for part in parts for minute, price in part.items()}


def read_fair_klines(answer: object) -> list[Kline]:
    """Klines in columns: times in seconds, the fair price at the beginning and the end of each."""
    columns = an_object(answer, "time", "open", "close")
    lists = [columns[name] for name in ("time", "open", "close")]
    if not all(isinstance(one, list) and len(one) == len(lists[0]) for one in lists):
        raise Malformed("columns of different lengths")
    rows = [{"time": at, "open": first, "close": last} for at, first, last in zip(*lists, strict=True)]
    return [
        Kline(
            opened=seconds(row, "time"),
            open=amount(row, "open"),
            close=amount(row, "close"),
            volume=amount(row, "close"),
            taker_buy=None,
        )
        for row in rows
    ]
