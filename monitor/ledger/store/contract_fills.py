"""Executions of derivatives, only ever added to."""

from collections.abc import Iterable
from datetime import datetime

from psycopg.types.json import Jsonb

from finance.records import ContractFill
from sql.rows import Db, load_rows


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
