"""The market's hours: one row a symbol and hour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sql.rows import Db, execute_each, load_rows, load_value


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketHour:
    """What was traded of a symbol in an hour."""

    hour: datetime
    close: Decimal
    volume: Decimal
    taker_buy: Decimal | None  # where the exchange says it
    minutes: int  # how many one-minute klines were read
    minute_closes: Decimal  # the sum of their closes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHours:
    """What is stored of a symbol."""

    newest: datetime | None
    whole: frozenset[datetime]  # recent hours that have their minutes


def load_stored_hours(db: Db, exchange: str, recent: datetime) -> dict[str, StoredHours]:
    """What is stored of every symbol; its whole hours since `recent`."""
    found = load_rows(
        db,
        _read_stored,
        """
        select m.symbol, newest.hour as newest,
          array(
            select h.hour::timestamptz
            from market_hours h
            where h.market_id = m.id and h.hour >= %(recent)s and h.minutes > 0
          ) as whole
        from markets m
        left join lateral (
          select hour from market_hours h where h.market_id = m.id order by hour desc limit 1
        ) newest
          on true
        where m.exchange = %(exchange)s
        """,
        {"exchange": exchange, "recent": recent},
    )
    return dict(found)


def _read_stored(*, symbol: str, newest: datetime | None, whole: list[datetime]) -> tuple[str, StoredHours]:
    return symbol, StoredHours(newest=newest, whole=frozenset(whole))


def record_market_hours(db: Db, exchange: str, symbol: str, hours: Iterable[MarketHour]) -> None:
    """Write the hours of a symbol; one that is known keeps the minutes that this reading lacks."""
    market = {"exchange": exchange, "symbol": symbol}
    db.execute(
        "insert into markets (exchange, symbol) values (%(exchange)s, %(symbol)s) on conflict do nothing", market
    )
    market_id = load_value(db, "select id from markets where exchange = %(exchange)s and symbol = %(symbol)s", market)
    execute_each(
        db,
        """
        insert into market_hours as known (market_id, hour, close, volume, taker_buy, minutes, minute_closes)
        values (%(market)s, %(hour)s, %(close)s, %(volume)s, %(taker_buy)s, %(minutes)s, %(minute_closes)s)
        on conflict (market_id, hour) do update
        set close = excluded.close, volume = excluded.volume, taker_buy = excluded.taker_buy,
          minutes = greatest(known.minutes, excluded.minutes),
          minute_closes = case when excluded.minutes >= known.minutes then excluded.minute_closes else
            known.minute_closes end
        where excluded.minutes > known.minutes
          or (known.close, known.volume, known.taker_buy) is distinct from (
            excluded.close, excluded.volume, excluded.taker_buy
          )
        """,
        [
            {
                "market": market_id,
                "hour": hour.hour,
                "close": hour.close,
                "volume": hour.volume,
                "taker_buy": hour.taker_buy,
                "minutes": hour.minutes,
                "minute_closes": hour.minute_closes,
            }
            for hour in hours
        ],
    )


def load_hours_without_minutes(db: Db, exchange: str, now: datetime) -> dict[str, list[datetime]]:
    """The hours of every symbol that no run reads again, have no minutes and were not asked for them, oldest first."""
    found = load_rows(
        db,
        _read_hours,
        """
        select m.symbol, array_agg(h.hour::timestamptz order by h.hour) as hours
        from market_hours h
        join markets m on m.id = h.market_id
        where m.exchange = %(exchange)s
          and h.minutes = 0
          and h.hour < %(now)s - interval '25 hours'
          and h.hour >= coalesce(m.minutes_through, '-infinity')
        group by m.symbol
        order by m.symbol
        """,
        {"exchange": exchange, "now": now},
    )
    return dict(found)


def _read_hours(*, symbol: str, hours: list[datetime]) -> tuple[str, list[datetime]]:
    return symbol, hours


def record_minutes(db: Db, exchange: str, symbol: str, minutes: Mapping[datetime, tuple[int, Decimal]]) -> None:
    """Add how many minutes hours have, and the sum of their closes, where none are known."""
    execute_each(
        db,
        """
        update market_hours h
        set minutes = %(minutes)s, minute_closes = %(closes)s
        from markets m
        where m.id = h.market_id
          and m.exchange = %(exchange)s
          and m.symbol = %(symbol)s
          and h.hour = %(hour)s
          and h.minutes = 0
        """,
        [
            {"exchange": exchange, "symbol": symbol, "hour": hour, "minutes": count, "closes": closes}
            for hour, (count, closes) in minutes.items()
        ],
    )


def record_minutes_through(db: Db, exchange: str, symbol: str, through: datetime) -> None:
    """Remember that the minutes of hours before a moment were asked for: what lacks then has none."""
    db.execute(
        "update markets set minutes_through = %(through)s where exchange = %(exchange)s and symbol = %(symbol)s",
        {"exchange": exchange, "symbol": symbol, "through": through},
    )


def forget_market_hours(db: Db, exchange: str, before: datetime) -> None:
    """Remove the hours before a moment."""
    db.execute(
        """
        delete from market_hours h
        using markets m
        where m.exchange = %(exchange)s and h.market_id = m.id and h.hour < %(before)s
        """,
        {"exchange": exchange, "before": before},
    )
