"""The market's hours, averaged over windows of an hour, a day and a week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.history.database import Db, Row

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


def load_symbols(db: Db) -> list[Row]:
    """Every symbol with stored hours: `symbol`, the `first` and the `last` of them."""
    return db.execute(
        """
        select symbol, min(hour) as first, max(hour) as last
        from market_hours
        group by symbol
        order by symbol
        """
    ).fetchall()


def load_windows(
    db: Db, symbols: Sequence[str], window: MarketWindow, since: datetime, until: datetime, limit: int | None = None
) -> list[Row]:
    """The windows of `symbols` that end in [since, until], oldest first: `window_start`, `window_end`, `average`,
    `previous_average`, `change_percent`, `volume`, `taker_buy_share`, and how many `closes` are averaged.

    A window with fewer than nine tenths of its closes has no average; a change needs the window just before.
    """
    return db.execute(
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
    ).fetchall()


def load_closes(db: Db, symbols: Sequence[str], since: datetime) -> list[Row]:
    """`symbol`, `hour` and `close` of every stored hour since a moment, oldest first."""
    return db.execute(
        """
        select symbol, hour, close::float8
        from market_hours
        where symbol = any(%(symbols)s) and hour >= %(since)s
        order by hour
        """,
        {"symbols": list(symbols), "since": since},
    ).fetchall()
