"""An older system's database with all of its faults, made by hand, as CSV files or in a Postgres."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "orders": {
        "id": "integer",
        "order_id": "bigint not null",
        "client_order_id": "varchar(50)",
        "exchange": "varchar(20)",
        "symbol": "varchar(20)",
        "side": "varchar(10)",
        "type": "varchar(20)",
        "quantity": "decimal(20,8)",
        "price": "decimal(20,8)",
        "executed_qty": "decimal(20,8)",
        "status": "varchar(20)",
        "parent_order_id": "bigint",
        "order_group_id": "varchar(50)",
        "order_role": "varchar(10)",
        "tp_levels": "jsonb",
        "sl_price": "decimal(20,8)",
        "order_timestamp": "timestamptz",
        "filled_timestamp": "timestamptz",
        "note": "text",
        "user_id": "integer",
    },
    "processed_orders": {
        "id": "integer",
        "symbol": "varchar(20)",
        "side": "varchar(10)",
        "entry_price": "numeric(10,4)",
        "stop_loss": "numeric(10,4)",
        "take_profit_levels": "jsonb",
        "quantity": "numeric(15,6)",
        "notional": "numeric(15,6)",
        "leverage": "varchar(10)",
        "confidence": "varchar(10)",
        "timeframe": "varchar(10)",
        "analysis_type": "varchar(20)",
        "order_type": "varchar(10)",
        "force": "varchar(10)",
        "margin_mode": "varchar(20)",
        "timestamp": "timestamptz",
        "amount_percentage": "numeric(5,2)",
    },
    "trade_history": {
        "id": "bigint",
        "exchange": "varchar(20)",
        "symbol": "varchar(20)",
        "side": "varchar(10)",
        "entry_order_id": "bigint",
        "entry_price": "numeric(20,8)",
        "entry_quantity": "numeric(20,8)",
        "exit_order_id": "bigint",
        "exit_price": "numeric(20,8)",
        "exit_time": "timestamptz",
        "exit_quantity": "numeric(20,8)",
        "exit_type": "varchar(20)",
        "gross_pnl": "numeric(20,8)",
        "net_pnl": "numeric(20,8)",
        "pnl_percentage": "numeric(10,4)",
        "roi_percentage": "numeric(10,4)",
        "leverage": "integer",
    },
    "performance_metrics": {
        "period_start": "timestamptz",
        "period_end": "timestamptz",
        "id": "bigint",
        "exchange": "varchar(20)",
        "total_trades": "integer",
        "win_rate": "numeric(10,4)",
        "total_gross_pnl": "numeric(20,8)",
        "total_net_pnl": "numeric(20,8)",
        "gross_profit": "numeric(20,8)",
        "gross_loss": "numeric(20,8)",
        "profit_factor": "numeric(10,4)",
        "roi_percentage": "numeric(10,4)",
    },
    "portfolio_snapshots": {
        "id": "bigint",
        "exchange": "varchar(20)",
        "total_balance": "numeric(20,8)",
        "snapshot_date": "date",
    },
    "fees_tracking": {
        "symbol": "varchar(20)",
        "id": "bigint",
        "order_id": "bigint",
        "exchange": "varchar(20)",
        "fee_amount": "numeric(20,8)",
        "fee_currency": "varchar(10)",
        "fee_type": "varchar(20)",
    },
    "positions": {
        "id": "bigint",
        "exchange": "varchar(20)",
        "symbol": "varchar(20)",
        "side": "varchar(10)",
        "entry_order_id": "bigint",
        "quantity": "numeric(20,8)",
        "leverage": "integer",
        "status": "varchar(20)",
    },
    "api_credentials": {"id": "integer", "api_key": "text", "api_secret": "text"},
}
Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def order(number: int, order_id: int | str, **others: Any) -> dict[str, Any]:
    """A filled order of BTC at the market's price, unless `others` say otherwise."""
    usual = {
        "id": number,
        "order_id": order_id,
        "exchange": "binance",
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "MARKET",
        "status": "FILLED",
        "order_timestamp": "2025-01-10 10:00:00+00",
        "user_id": 7,
    }
    found = usual | others
    return {"executed_qty": found.get("quantity")} | found


def write_folder(folder: Path, tables: Tables) -> None:
    """A CSV file for each table."""
    folder.mkdir(exist_ok=True)
    for table, rows in tables.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, list(COLUMNS[table]), restval="")
        writer.writeheader()
        writer.writerows(rows)
        (folder / f"{table}.csv").write_text(text.getvalue(), encoding="utf-8")


def write_postgres(db: Connection[Any], tables: Tables) -> None:
    """The same as tables of a database."""
    for table, rows in tables.items():
        columns = COLUMNS[table]
        made = sql.SQL(", ").join(sql.SQL(f"{name} {kind}") for name, kind in columns.items())
        db.execute(sql.SQL("create table public.{} ({})").format(sql.Identifier(table), made))
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        places = sql.SQL(", ").join(sql.Placeholder() * len(columns))
        statement = sql.SQL("insert into public.{} ({}) values ({})").format(sql.Identifier(table), names, places)
        for row in rows:
            db.execute(statement, [row.get(name) for name in columns])
