"""Fills, only ever added to, and how far each pair's have been read."""

from collections.abc import Iterable
from datetime import UTC, datetime

from psycopg.types.json import Jsonb

from monitor.exchanges.contract import Pair
from monitor.exchanges.happenings import FillMarket, FillRecord
from monitor.explained.fills import BY_TIME, FillSource, SourceKey
from monitor.store import Db

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def record_fills(
    db: Db, account_id: int, fills: Iterable[FillRecord], *, seen_at: datetime, run_id: int | None
) -> datetime | None:
    """Add the `fills` that are not there yet; returns when the earliest of the new ones took place."""
    new = [fill.occurred_at for fill in fills if _insert(db, account_id, fill, seen_at, run_id)]
    return min(new, default=None)


def _insert(db: Db, account_id: int, fill: FillRecord, seen_at: datetime, run_id: int | None) -> int:
    return db.execute(
        "insert into fills (account_id, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset,"
        " quote_quantity, fee_asset, fee, occurred_at, first_seen_at, run_id, raw) values (%(account)s, %(market)s,"
        " %(symbol)s, %(exchange_id)s, %(order_id)s, %(base)s, %(base_quantity)s, %(quote)s, %(quote_quantity)s,"
        " %(fee_asset)s, %(fee)s, %(occurred_at)s, %(seen_at)s, %(run)s, %(raw)s) on conflict do nothing",
        {
            "account": account_id,
            "market": str(fill.market),
            "symbol": fill.symbol,
            "exchange_id": fill.exchange_id,
            "order_id": fill.order_id,
            "base": fill.base_asset,
            "base_quantity": fill.base_quantity,
            "quote": fill.quote_asset,
            "quote_quantity": fill.quote_quantity,
            "fee_asset": fill.fee_asset,
            "fee": fill.fee,
            "occurred_at": fill.occurred_at,
            "seen_at": seen_at,
            "run": run_id,
            "raw": Jsonb(fill.raw),
        },
    ).rowcount


def load_sources(db: Db, account_id: int) -> dict[SourceKey, FillSource]:
    """Every source of fills that was read before, the most recently traded pairs first."""
    rows = db.execute(
        "select t.*, f.base_asset, f.quote_asset from traded_pairs t left join lateral"
        " (select base_asset, quote_asset, occurred_at from fills f where f.account_id = t.account_id"
        " and f.market = any(%(paired)s) and f.symbol = t.symbol order by occurred_at desc limit 1) f on true"
        " where t.account_id = %(account)s order by f.occurred_at desc nulls last, t.market, t.symbol",
        {"account": account_id, "paired": [str(market) for market in FillMarket if market not in BY_TIME]},
    )
    sources = [
        FillSource(
            market=FillMarket(row["market"]),
            pair=Pair(symbol=row["symbol"], base=row["base_asset"] or "", quote=row["quote_asset"] or "")
            if row["symbol"]
            else None,
            last_id=row["last_id"],
            read_at=row["read_at"] if row["read_at"] > NEVER else None,
            has_fills=row["has_fills"],
        )
        for row in rows
    ]
    return {source.key: source for source in sources}


def record_sources(db: Db, account_id: int, sources: Iterable[FillSource]) -> None:
    """Remember how far sources were read."""
    db.cursor().executemany(
        "insert into traded_pairs (account_id, market, symbol, last_id, read_at, has_fills)"
        " values (%(account)s, %(market)s, %(symbol)s, %(last_id)s, %(read_at)s, %(has_fills)s)"
        " on conflict (account_id, market, symbol) do update set last_id = excluded.last_id,"
        " read_at = excluded.read_at, has_fills = excluded.has_fills",
        [
            {
                "account": account_id,
                "market": str(source.market),
                "symbol": source.pair.symbol if source.pair else "",
                "last_id": source.last_id,
                "read_at": source.read_at or NEVER,
                "has_fills": source.has_fills,
            }
            for source in sources
        ],
    )
