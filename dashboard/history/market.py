"""The market's hours, averaged over windows of an hour, a day and a week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sql.rows import Db, load_rows

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketWindow:
    """A length of time over which closes are averaged."""

    name: str
    length: timedelta
    closes: int  # of one-minute klines for an hour, of one-hour klines for the others


WINDOWS: Mapping[str, MarketWindow] = {
    window.name: window
    for window in (
        MarketWindow(name="1h", length=HOUR, closes=60),
        MarketWindow(name="1d", length=timedelta(days=1), closes=24),
        MarketWindow(name="1w", length=timedelta(days=7), closes=168),
    )
}


class Symbol(NamedTuple):
    """A symbol with stored hours, and the first and the last of them."""

    symbol: str
    first: datetime
    last: datetime


class Averages(NamedTuple):
    """What a symbol's closes were on average in a window, and how that moved; None: it is not known."""

    symbol: str
    window_start: datetime
    window_end: datetime
    average: Decimal | None
    previous_average: Decimal | None
    change_percent: Decimal | None
    volume: Decimal
    taker_buy_share: Decimal | None
    closes: int  # how many are averaged


class Close(NamedTuple):
    """The last price of an hour."""

    symbol: str
    hour: datetime
    close: float


def load_symbols(db: Db) -> tuple[Symbol, ...]:
    """Every symbol with stored hours."""
    return load_rows(
        db,
        Symbol,
        """
        select symbol, min(hour) as first, max(hour) as last
        from market_hours
        group by symbol
        order by symbol
        """,
    )


def load_windows(
    db: Db, symbols: Sequence[str], window: MarketWindow, since: datetime, until: datetime, limit: int | None = None
) -> tuple[Averages, ...]:
    """The windows of `symbols` that end in [since, until], oldest first.

    A window with fewer than nine tenths of its closes has no average; a change needs the window just before.
    """
    return load_rows(
        db,
        Averages,
        """
        with hours as (
          select symbol, hour + interval '1 hour' as at, volume, taker_buy,
            case when %(closes)s = 60 then minutes else 1 end as closes,
            case when %(closes)s = 60 then minute_closes else close end as total
          from market_hours
          where symbol = any(%(symbols)s)
            and hour >= %(since)s::timestamptz - 2 * %(length)s::interval
            and hour < %(until)s
        ),
          sums as (
            select symbol, at, sum(closes) over w as closes, sum(total) over w as total,
              sum(volume) over w as volume, sum(taker_buy) over w as taker_buy
            from hours window w as (
              partition by symbol
              order by at range between %(length)s::interval - interval '1 hour' preceding and current row
            )
          ),
          windows as (
            select *, case when closes * 10 >= %(closes)s * 9 then round(total / closes, 12) end as average
            from sums
          )
        select w.symbol, w.at - %(length)s::interval as window_start, w.at as window_end, w.average,
          p.average as previous_average, round((w.average / p.average - 1) * 100, 6) as change_percent,
          w.volume, round(w.taker_buy / nullif(w.volume, 0), 6) as taker_buy_share, w.closes
        from windows w
        left join windows p on p.symbol = w.symbol and p.at = w.at - %(length)s::interval
        where w.at between %(since)s and %(until)s
        order by w.at, w.symbol
        limit %(limit)s
        """,
        {
            "symbols": list(symbols),
            "closes": window.closes,
            "length": window.length,
            "since": since,
            "until": until,
            "limit": limit,
        },
    )


def load_closes(db: Db, symbols: Sequence[str], since: datetime) -> tuple[Close, ...]:
    """The closes of every stored hour since a moment, oldest first."""
    return load_rows(
        db,
        Close,
        """
        select symbol, hour, close::float8
        from market_hours
        where symbol = any(%(symbols)s) and hour >= %(since)s
        order by hour
        """,
        {"symbols": list(symbols), "since": since},
    )
