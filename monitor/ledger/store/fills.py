"""Fills, only ever added to, and how far each pair's have been read."""

from collections.abc import Iterable
from datetime import datetime

from psycopg.types.json import Jsonb

from finance.records import FillRecord
from sql.rows import Db


def record_fills(
    db: Db, account_id: int, fills: Iterable[FillRecord], *, seen_at: datetime, run_id: int | None
) -> datetime | None:
    """Add the `fills` that are not there yet; returns when the earliest of the new ones took place."""
    new = [fill.occurred_at for fill in fills if _insert(db, account_id, fill, seen_at, run_id)]
    return min(new, default=None)


def _insert(db: Db, account_id: int, fill: FillRecord, seen_at: datetime, run_id: int | None) -> int:
    return db.execute(
        """
        insert into fills (
          account_id, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset,
          quote_quantity, fee_asset, fee, occurred_at, first_seen_at, run_id, raw
        )
        values (
          %(account)s, %(market)s, %(symbol)s, %(exchange_id)s, %(order_id)s, %(base)s, %(base_quantity)s,
          %(quote)s, %(quote_quantity)s, %(fee_asset)s, %(fee)s, %(occurred_at)s, %(seen_at)s, %(run)s, %(raw)s
        )
        on conflict do nothing
        """,
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
