"""Prices as they are stored: of the ticker, of past minutes, what the owner stated, and rates of other currencies. Only ever
added to.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from finance.flow_values import MARK, ValuationPrice, read_mark
from finance.prices import AssetPrice, StatedPrice
from sql.rows import Db, execute_each, list_moments, load_dict, load_rows, load_value, load_values


def record_ticker_prices(db: Db, exchange: str, at: datetime, prices: Iterable[AssetPrice]) -> None:
    """Add the prices a run valued with, but for those it has added for another account."""
    rows = [(price.asset, at, price.value, price.route_name) for price in prices]
    record_price_parts(db, exchange, rows)


def record_price_parts(db: Db, exchange: str, rows: Iterable[tuple[str, datetime, Decimal, str]]) -> None:
    """Add what is not known yet of prices that were true at a moment: asset, moment, price and route of each."""
    assets, moments, prices, routes = zip(*rows, strict=True) if (rows := list(rows)) else ((), (), (), ())
    db.execute(
        """
        insert into price_history (exchange, at, part, assets, prices, routes)
        select %(exchange)s, at,
          1 + (select count(*) from price_history p where p.exchange = %(exchange)s and p.at = new.at),
          array_agg(asset order by asset), array_agg(price order by asset), array_agg(route order by asset)
        from unnest(
          %(assets)s::text[], %(moments)s::timestamptz[], %(prices)s::numeric[], %(routes)s::text[]
        ) as new (asset, at, price, route)
        where not exists (
          select from ticker_prices p
          where p.exchange = %(exchange)s and p.at = new.at and p.asset = new.asset
        )
        group by at
        """,
        {
            "exchange": exchange,
            "assets": list(assets),
            "moments": list(moments),
            "prices": list(prices),
            "routes": list(routes),
        },
    )


def load_last_prices(db: Db, exchange: str, hour: datetime) -> dict[str, Decimal]:
    """By asset, the prices at which the exchange's accounts were last valued before `hour`; they were all believed."""
    return load_dict(
        db,
        """
        select distinct on (p.asset) p.asset, p.price
        from accounts a
        cross join lateral (
          select s.prices_at
          from snapshots s
          where s.account_id = a.id and s.hour < %(hour)s
          order by s.hour desc, s.id desc
          limit 1
        ) last
        join ticker_prices p on p.exchange = a.exchange and p.at = last.prices_at
        where a.exchange = %(exchange)s
        order by p.asset, p.at desc
        """,
        {"exchange": exchange, "hour": hour},
    )


def load_valued_prices(db: Db, exchange: str, assets: Collection[str]) -> dict[str, AssetPrice]:
    """By asset, the prices of those of `assets` that had one in the last NAVs that enabled accounts have by a reading."""
    found = load_rows(
        db,
        _read_valued,
        """
        select distinct on (p.asset) p.asset, p.price, p.route, p.at
        from accounts a
        cross join lateral (
          select n.prices_at
          from nav_history n
          where n.account_id = a.id and n.status = 'COMPLETE'
          order by n.hour desc
          limit 1
        ) last
        join ticker_prices p on p.exchange = a.exchange and p.at = last.prices_at
        where a.exchange = %(exchange)s and a.enabled and p.asset = any(%(assets)s)
        order by p.asset, p.at desc
        """,
        {"exchange": exchange, "assets": list(assets)},
    )
    return {price.asset: price for price in found}


def _read_valued(*, asset: str, price: Decimal, route: str, at: datetime) -> AssetPrice:
    return AssetPrice(asset=asset, value=price, origin=route, traded_at=at)


def record_minute_prices(db: Db, exchange: str, prices: Mapping[tuple[str, datetime], ValuationPrice]) -> None:
    """Add prices of past minutes; marks are of this exchange."""
    execute_each(
        db,
        """
        insert into minute_prices (exchange, asset, at, price, route, stale)
        values (%(exchange)s, %(asset)s, %(at)s, %(price)s, %(route)s, %(stale)s)
        on conflict do nothing
        """,
        [
            {
                "exchange": exchange,
                "asset": _name_stored(asset),
                "at": minute,
                "price": price.value,
                "route": price.route,
                "stale": price.stale,
            }
            for (asset, minute), price in prices.items()
        ],
    )


def load_minute_prices(
    db: Db, exchanges: Sequence[str], needed: Iterable[tuple[str, datetime]]
) -> dict[tuple[str, datetime], ValuationPrice]:
    """Those of the `needed` (asset, minute) prices that are already stored, of the first of `exchanges` that has one.

    A mark is the price of the exchange in its name. Where none is needed the server is not asked.
    """
    wanted: defaultdict[str, list[datetime]] = defaultdict(list)
    for name, minute in needed:
        wanted[name].append(minute)
    if not wanted:
        return {}
    found = load_rows(
        db,
        _read_price,
        """
        select distinct on (w.name, p.at) w.name as asset, p.at, p.price, p.route, p.stale
        from minute_prices p
        join unnest(%(names)s::text[], %(assets)s::text[], %(minutes)s::text[], %(marked)s::text[])
          as w (name, asset, minutes, marked)
          on p.asset = w.asset
          and p.at = any(w.minutes::timestamptz[])
        where p.exchange = any(case w.marked when '' then %(exchanges)s::text[] else array[w.marked] end)
        order by w.name, p.at, array_position(%(exchanges)s::text[], p.exchange)
        """,
        {
            "exchanges": list(exchanges),
            "names": list(wanted),
            "assets": [_name_stored(name) for name in wanted],
            "minutes": [list_moments(minutes) for minutes in wanted.values()],
            "marked": [read_mark(name)[1] for name in wanted],
        },
    )
    return dict(found)


def _name_stored(name: str) -> str:
    """Without the exchange, which has a column of its own."""
    contract, _ = read_mark(name)
    return MARK + contract if contract else name


def _read_price(
    *, asset: str, at: datetime, price: Decimal, route: str, stale: bool
) -> tuple[tuple[str, datetime], ValuationPrice]:
    return (asset, at), ValuationPrice(value=price, route=route, stale=stale)


def record_stated_price(db: Db, exchange: str, word: StatedPrice) -> None:
    """Add the owner's word, or that it has ended."""
    db.execute(
        """
        insert into stated_prices (exchange, asset, price, currency, since, stated_at, note)
        values (%(exchange)s, %(asset)s, %(price)s, %(currency)s, %(since)s, %(stated_at)s, %(note)s)
        """,
        {
            "exchange": exchange,
            "asset": word.asset,
            "price": word.price,
            "currency": word.currency,
            "since": word.since,
            "stated_at": word.stated_at,
            "note": word.note,
        },
    )


def load_stated_prices(db: Db, exchange: str) -> tuple[StatedPrice, ...]:
    """Every word about coins of an exchange, in the order in which they were said."""
    return load_rows(
        db,
        StatedPrice,
        """
        select asset, price, currency, since, stated_at, note
        from stated_prices
        where exchange = %(exchange)s
        order by id
        """,
        {"exchange": exchange},
    )


def record_rates(db: Db, currency: str, rates: Mapping[datetime, Decimal | None], source: str) -> None:
    """Add the rates of hours that have none yet; None: the exchange has none of that hour."""
    db.execute(
        """
        insert into rates (currency, hour, rate, source)
        select %(currency)s, hour, rate, %(source)s
        from unnest(%(hours)s::timestamptz[], %(rates)s::numeric[]) as new (hour, rate)
        on conflict do nothing
        """,
        {"currency": currency, "hours": list(rates), "rates": list(rates.values()), "source": source},
    )


def load_last_rates(db: Db, since: datetime, before: datetime) -> dict[str, Decimal]:
    """By currency, its newest rate of the hours from `since` on and before `before`."""
    return load_dict(
        db,
        """
        select distinct on (currency) currency, rate
        from rates
        where hour >= %(since)s and hour < %(before)s and rate is not null
        order by currency, hour desc
        """,
        {"since": since, "before": before},
    )


def is_any_rate_known(db: Db) -> bool:
    """Whether there is a rate of any hour."""
    return bool(load_value(db, "select exists (select from rates)"))


def load_hours_without_rate(db: Db, currency: str, since: datetime, limit: int) -> list[datetime]:
    """Valued hours from `since` on of which nobody has asked for the currency's rate, the newest first."""
    return load_values(
        db,
        """
        select distinct n.hour::timestamptz as hour
        from nav_history n
        where n.unit_price is not null
          and n.hour >= %(since)s
          and not exists (select from rates r where r.currency = %(currency)s and r.hour = n.hour)
        order by hour desc
        limit %(limit)s
        """,
        {"currency": currency, "since": since, "limit": limit},
    )
