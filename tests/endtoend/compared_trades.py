"""Every stored trade and fee of an account against the independent ones, to the last digit."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from finance.trade_metrics import compute_metrics
from monitor.trading.metrics import load_countable
from tests.independent.metrics import measure
from tests.independent.portfolio import NOTHING
from tests.independent.trades import Cycle, Paid, Trades
from tests.worker import Worker

END = datetime.max.replace(tzinfo=UTC)
Compare = Callable[[str, Any, Fraction], None]
AMOUNTS = ("entered", "entry_value", "exited", "exit_value", "gross", "transferred", "fees", "interest", "funding")
SETTLED = ("settled_entry", "settled_exit", "settled_gross", "stated")  # of contracts


def compare_trades(
    compare: Compare, worker: Worker, account_id: int, expected: Trades, contracts: Sequence[Cycle]
) -> None:
    """Each trade with its figures and moments, each fee with its trade, and what was realised outside of trades."""
    name = f"account {account_id}"
    rows = worker.rows(
        "select * from trades where account_id = %(id)s order by opened_at, asset, closed_at", id=account_id
    )
    cycles = sorted([*expected.cycles, *contracts], key=_order_cycle)
    compare(f"{name} number of trades", len(rows), Fraction(len(cycles)))
    names = {}
    for row, cycle in zip(rows, cycles, strict=False):
        names[row["id"]] = cycle
        _compare_trade(compare, f"{name} trade {row['id']} of {row['asset']}", row, cycle)
    _compare_fees(compare, worker, account_id, expected.paid, names)
    realised = worker.rows(
        "select (select coalesce(sum(realised), 0) from explanations where account_id = %(id)s)"
        " - (select coalesce(sum(gross), 0) from trades where account_id = %(id)s and settle is null) as outside",
        id=account_id,
    )
    compare(f"{name} realised outside of trades", realised[0]["outside"], expected.outside)
    _compare_metrics(compare, worker, account_id, cycles)


def _compare_metrics(compare: Compare, worker: Worker, account_id: int, cycles: Iterable[Cycle]) -> None:
    """What closed trades say together; divisions are compared to the 40th decimal."""
    found = compute_metrics(load_countable(worker.db, account_id, "", "", END).trades)
    for name, expected in measure(cycles).items():
        figure = Fraction(getattr(found.streaks if name.startswith("longest") else found, name))
        is_near = abs(figure - expected) < Fraction(1, 10**40)
        compare(f"account {account_id} {name} of trades", expected if is_near else figure, expected)


def _order_cycle(cycle: Cycle) -> tuple[datetime, str, bool, datetime]:
    return cycle.opened, cycle.asset, cycle.closed is None, cycle.closed or cycle.opened


def _compare_trade(compare: Compare, name: str, row: dict[str, Any], cycle: Cycle) -> None:
    told = (row["asset"].replace("_", ""), row["side"] == "SHORT", row["opened_at"], row["closed_at"])
    compare(
        f"{name} {told}",
        told == (cycle.asset.replace("_", ""), cycle.is_short, cycle.opened, cycle.closed),
        Fraction(1),
    )
    for column in (*AMOUNTS, *(SETTLED if row["settle"] else ())):
        compare(f"{name} {column}", row[column], Fraction(cycle.amounts[column]))
    compare(f"{name} net", row["net"], cycle.net)


def _compare_fees(
    compare: Compare, worker: Worker, account_id: int, paid: Iterable[Paid], names: dict[str, Cycle]
) -> None:
    rows = worker.rows("select * from fees where account_id = %(id)s order by hour, number", id=account_id)
    expected = [one for one in paid if one.quantity]
    compare(f"account {account_id} number of fees", len(rows), Fraction(len(expected)))
    for row, one in zip(rows, expected, strict=False):
        name = f"account {account_id} fee {row['row']} at {row['at']}"
        told = (row["asset"], row["at"])
        compare(f"{name} {told} {(one.asset, one.at)}", told == (one.asset, one.at), Fraction(1))
        compare(f"{name} quantity", row["quantity"], one.quantity)
        compare(f"{name} value", row["value"], one.value)
        compare(f"{name} {row['trade_id']}", names.get(row["trade_id"]) is one.cycle, Fraction(1))
    compare(
        f"account {account_id} fees in all", sum(row["value"] for row in rows), sum((p.value for p in paid), NOTHING)
    )
