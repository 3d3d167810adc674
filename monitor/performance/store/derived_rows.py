"""Everything that is derived from an account's stored hours, as far as it takes to see whether rows are others than before."""

from collections import Counter
from typing import LiteralString, NamedTuple

from monitor.performance.store.trades import TRADE_COLUMNS
from sql.rows import Db, load_rows

OF_BENCHMARKS: LiteralString = "join benchmark_configs b on b.id = h.benchmark_id where b.account_id = %(account)s"
DERIVED: dict[str, LiteralString] = {  # by what the rows are of; what only says that work is to be done is left out
    "units": "select h from nav_history h where h.account_id = %(account)s",
    "flows": "select h from flow_valuations h where h.account_id = %(account)s",
    "benchmarks": f"select h::text from benchmark_history h {OF_BENCHMARKS}"
    f" union all select h::text from benchmark_flows h {OF_BENCHMARKS}",
    "gains": "select h from explanations h where h.account_id = %(account)s",
    "trades": f"select row({TRADE_COLUMNS}, opened_hour, closed_hour, stop, stop_source, ended_as) from trades"
    " where account_id = %(account)s",
    "exits and entries": "select row(hour, number, trade_id, at, effect, kind, row, order_id, quantity, value, gain, worth,"
    " settled_value, settled_gain, stated) from trade_moves where account_id = %(account)s",
    "fees": "select h from fees h where h.account_id = %(account)s",
    "contracts": "select h from contract_hours h where h.account_id = %(account)s",
    "orders": "select h from trade_orders h where h.account_id = %(account)s",
}


class _Number(NamedTuple):
    number: int


def load_derived_rows(db: Db, account_id: int) -> dict[str, Counter[int]]:
    """The rows of an account or a portfolio by what they are of: of each a number that another row does not have."""
    found = {}
    for name, rows in DERIVED.items():
        statement: LiteralString = f"select hashtextextended(r::text, 0) as number from ({rows}) t (r)"
        found[name] = Counter(one.number for one in load_rows(db, _Number, statement, {"account": account_id}))
    return found
