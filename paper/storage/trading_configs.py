"""How users trade, as rows."""

from typing import Any

from psycopg.rows import tuple_row

from paper.storage.arrays import Table
from paper.users.records import TradingConfig, TradingType
from sql.rows import Db

CONFIGS = Table(
    """
    insert into user_trading_configs (
      "user", account, trading_type, dry_run_mode, paper_balance_usdt, created_at, updated_at
    )
    select * from unnest(
      %s::uuid[], %s::integer[], %s::text[], %s::boolean[], %s::numeric[], %s::timestamptz[], %s::timestamptz[]
    )
    on conflict ("user", trading_type) do update set dry_run_mode = excluded.dry_run_mode,
      paper_balance_usdt = excluded.paper_balance_usdt, updated_at = excluded.updated_at
    """,
    frozenset([2]),
    replaces=True,
)
ALL = """
    select "user", trading_type, dry_run_mode, paper_balance_usdt, created_at, updated_at
    from user_trading_configs
    """


def write_config(c: TradingConfig, account: int) -> tuple[Any, ...]:
    """Its row."""
    return (c.user, account, c.trading_type.value, c.dry_run_mode, c.paper_balance_usdt, c.created_at, c.updated_at)


def load_configs(db: Db) -> list[TradingConfig]:
    """All of them."""
    rows = db.cursor(row_factory=tuple_row).execute(ALL).fetchall()
    return [
        TradingConfig(
            user=user,
            trading_type=TradingType(kind),
            dry_run_mode=is_on,
            paper_balance_usdt=balance,
            created_at=made,
            updated_at=changed,
        )
        for user, kind, is_on, balance, made, changed in rows
    ]
