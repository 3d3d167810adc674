"""Fills of pairs and of contracts, only ever added to, and how far those of each pair have been read."""

from collections.abc import Iterable
from datetime import datetime

from psycopg.types.json import Jsonb

from finance.records import ContractFill, FillRecord
from sql.rows import Db, load_rows


def record_fills(
    db: Db, account_id: int, fills: Iterable[FillRecord], *, seen_at: datetime, run_id: int | None
) -> datetime | None:
    """Add the `fills` that are not there yet; returns when the earliest of the new ones took place.

    What was known before the account was switched to another system is there also where that one has another id or market
    for it (`record_income` does the same).
    """
    new = [fill.occurred_at for fill in fills if _insert(db, account_id, fill, seen_at, run_id)]
    return min(new, default=None)


def _insert(db: Db, account_id: int, fill: FillRecord, seen_at: datetime, run_id: int | None) -> int:
    return db.execute(
        """
        insert into fills (
          account_id, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset,
          quote_quantity, fee_asset, fee, occurred_at, first_seen_at, run_id, raw
        )
        select %(account)s, %(market)s, %(symbol)s, %(exchange_id)s, %(order_id)s, %(base)s, %(base_quantity)s,
          %(quote)s, %(quote_quantity)s, %(fee_asset)s, %(fee)s, %(occurred_at)s, %(seen_at)s, %(run)s, %(raw)s
        where not exists (
          select from accounts a
          join fills f on f.account_id = a.id and f.occurred_at < a.switched_at and f.first_seen_at < a.switched_at
          where a.id = %(account)s
            and f.base_asset = %(base)s
            and f.base_quantity = %(base_quantity)s
            and f.quote_asset = %(quote)s
            and f.quote_quantity = %(quote_quantity)s
            and f.fee_asset = %(fee_asset)s
            and f.fee = %(fee)s
            and f.occurred_at = %(occurred_at)s
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


def record_contract_fills(db: Db, account_id: int, fills: Iterable[ContractFill]) -> None:
    """Add the `fills` that are not there yet."""
    db.cursor().executemany(
        """
        insert into contract_fills (
          account_id, wallet, symbol, exchange_id, side, quantity, price, occurred_at, raw
        )
        values (
          %(account)s, %(wallet)s, %(symbol)s, %(exchange_id)s, %(side)s, %(quantity)s, %(price)s, %(at)s,
          %(raw)s
        )
        on conflict (account_id, symbol, exchange_id) do nothing
        """,
        [
            {
                "account": account_id,
                "wallet": fill.wallet,
                "symbol": fill.symbol,
                "exchange_id": fill.exchange_id,
                "side": fill.side,
                "quantity": fill.quantity,
                "price": fill.price,
                "at": fill.occurred_at,
                "raw": Jsonb(fill.raw),
            }
            for fill in fills
        ],
    )


def load_contract_fills(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[ContractFill, ...]:
    """The account's executions in [since, until), in time order."""
    return load_rows(
        db,
        ContractFill,
        """
        select wallet, symbol, exchange_id, side, quantity, price, occurred_at
        from contract_fills
        where account_id = %(account)s and occurred_at >= %(since)s and occurred_at < %(until)s
        order by occurred_at, id
        """,
        {"account": account_id, "since": since, "until": until},
    )
