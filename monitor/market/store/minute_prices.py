"""Prices of minutes and of the ticker, as they are stored."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from finance.flow_values import KnownPrice
from finance.prices import AssetPrice
from monitor.database import Db


def record_ticker_prices(db: Db, exchange: str, at: datetime, prices: Iterable[AssetPrice]) -> None:
    """Add the prices a run valued with, but for those it has added for another account."""
    rows = [(price.asset, at, price.value, price.route_name) for price in prices]
    record_price_parts(db, exchange, rows)


def record_price_parts(db: Db, exchange: str, rows: Iterable[tuple[str, datetime, Decimal, str]]) -> None:
    """Add what is not known yet of prices that were true at a moment: asset, moment, price and route of each."""
    assets, moments, prices, routes = zip(*rows, strict=True) if (rows := list(rows)) else ((), (), (), ())
    db.execute(
        "insert into price_history (exchange, at, part, assets, prices, routes) select %(exchange)s, at,"
        " 1 + (select count(*) from price_history p where p.exchange = %(exchange)s and p.at = new.at),"
        " array_agg(asset order by asset), array_agg(price order by asset), array_agg(route order by asset)"
        " from unnest(%(assets)s::text[], %(moments)s::timestamptz[], %(prices)s::numeric[], %(routes)s::text[])"
        " as new (asset, at, price, route) where not exists (select from ticker_prices p"
        " where p.exchange = %(exchange)s and p.at = new.at and p.asset = new.asset) group by at",
        {
            "exchange": exchange,
            "assets": list(assets),
            "moments": list(moments),
            "prices": list(prices),
            "routes": list(routes),
        },
    )


def record_minute_prices(db: Db, exchange: str, prices: Mapping[tuple[str, datetime], KnownPrice]) -> None:
    """Add prices of past minutes."""
    db.cursor().executemany(
        "insert into minute_prices (exchange, asset, at, price, route, stale)"
        " values (%(exchange)s, %(asset)s, %(at)s, %(price)s, %(route)s, %(stale)s)"
        " on conflict do nothing",
        [
            {
                "exchange": exchange,
                "asset": asset,
                "at": minute,
                "price": price.value,
                "route": price.route,
                "stale": price.stale,
            }
            for (asset, minute), price in prices.items()
        ],
    )


def load_minute_prices(
    db: Db, exchange: str, needed: Iterable[tuple[str, datetime]]
) -> dict[tuple[str, datetime], KnownPrice]:
    """Those of the `needed` (asset, minute) prices that are already stored."""
    wanted = list(needed)
    rows = db.execute(
        "select p.asset, p.at, p.price, p.route, p.stale from minute_prices p"
        " join unnest(%(assets)s::text[], %(minutes)s::timestamptz[]) as w (asset, at)"
        " on p.asset = w.asset and p.at = w.at"
        " where p.exchange = %(exchange)s",
        {"exchange": exchange, "assets": [a for a, _ in wanted], "minutes": [m for _, m in wanted]},
    )
    return {
        (row["asset"], row["at"]): KnownPrice(value=row["price"], route=row["route"], stale=row["stale"])
        for row in rows
    }
