"""All that a database holds, in a form in which two databases with the same history are equal.

Numbers that the database gave out are replaced by what they stand for; what tells of runs instead of accounts (runs,
the log, keys, ticker prices, which have the real time) is left out. New tables are compared without a change here.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sql.rows import Db

LEFT_OUT = {"runs", "system_logs", "api_credentials", "accounts", "benchmark_configs"}
NAMELESS = {"id", "run_id", "prices_at"}
READ_DIFFERENTLY = {
    # Which prices were written together is how they are kept, not what is known.
    "price_history": "select exchange, at, unnest(assets) as asset, unnest(prices) as price, unnest(routes) as route"
    " from monitor.price_history",
}
Contents = dict[str, list[str]]
Names = dict[Any, Any]


def read_contents(db: Db) -> Contents:
    """The rows of every table as text, in a fixed order."""
    names = _read_names(db)
    tables = db.execute("select tablename as name from pg_tables where schemaname = 'monitor' order by 1").fetchall()
    return {
        table["name"]: sorted(_tell(row, names) for row in _read_table(db, table["name"]))
        for table in tables
        if table["name"] not in LEFT_OUT
    }


def tell_differences(contents: Contents, expected: Contents, *, besides: Collection[str] = ()) -> str:
    """The rows that only one of the two has, a line each, in every table but `besides`."""
    assert contents.keys() == expected.keys()
    told = []
    for table in contents.keys() - set(besides):
        rows, others = Counter(contents[table]), Counter(expected[table])
        told += [f"+ {table} {row}" for row in rows - others] + [f"- {table} {row}" for row in others - rows]
    return "\n".join(sorted(told))


def _read_table(db: Db, table: str) -> list[dict[str, Any]]:
    query = READ_DIFFERENTLY.get(table, f"select * from monitor.{table}")  # the name is the database's own
    rows = db.execute(query).fetchall()
    return [row for row in rows if row.get("source") != "ticker"]


def _read_names(db: Db) -> dict[str, Names]:
    accounts = {row["id"]: row["label"] for row in db.execute("select * from accounts")}
    benchmarks = {
        r["id"]: (accounts[r["account_id"]], r["name"]) for r in db.execute("select * from benchmark_configs")
    }
    snapshots = {
        r["id"]: (accounts[r["account_id"]], r["hour"], r["taken_at"]) for r in db.execute("select * from snapshots")
    }
    flows = {
        r["id"]: (accounts[r["account_id"]], r["kind"], r["exchange_id"], r["revision"])
        for r in db.execute("select * from processed_transactions")
    }
    records = {f"d{number}": flow for number, flow in flows.items()} | {
        f"{kind}{r['id']}": (accounts[r["account_id"]], r["market"], r["exchange_id"])
        for kind, table in (("f", "fills"), ("i", "income"))
        for r in db.execute(
            f"select id, account_id, {'market' if kind == 'f' else 'kind as market'}, exchange_id from {table}"
        )
    }
    trades = {r["id"]: _name_trade(r["id"], records) for r in db.execute("select distinct id from trades")}
    by_column: dict[str, Names] = dict.fromkeys(("account_id", "master_id"), accounts)
    by_column |= dict.fromkeys(("transaction_id", "out_id", "in_id"), flows)
    return by_column | {"benchmark_id": benchmarks, "snapshot_id": snapshots, "row": records, "trade_id": trades}


def _name_trade(number: str, records: Names) -> object:
    """By the record that opened it."""
    record, _, coin = number.partition(".")
    return records.get(record, record), coin


def _tell(row: dict[str, Any], names: dict[str, Names]) -> str:
    told = {
        column: names[column].get(value) if column in names else value
        for column, value in row.items()
        if column not in NAMELESS
    }
    return str(told)
