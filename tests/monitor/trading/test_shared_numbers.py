"""Orders that have one number, in two pairs or at two accounts of a portfolio: neither their exits nor what they were given for is one."""

from decimal import Decimal as D
from typing import Any

import pytest

from dashboard.history.groups import load_group
from finance.order_roles import pick_roles
from finance.records import OrderRole
from monitor.trading.groups import group_all
from monitor.trading.store.groups import mark_all
from monitor.trading.store.one_trade import load_moves_of
from monitor.trading.trades import load_account_trades
from sql.connect import connect
from sql.rows import Db
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

SHARED = (
    "update fills set order_id = '7' where base_asset = 'SOL' and base_quantity < 0",
    "update trade_moves set order_id = '7' where trade_id like 'f%' and effect = 'exit'",
)
IN_ANOTHER_PAIR = "update fills set symbol = 'SOLFDUSD' where id = (select max(id) from fills where base_asset = 'SOL')"
OF_ANOTHER_ACCOUNT = "update fills set account_id = 0 where id = (select max(id) from fills where base_asset = 'SOL')"
ORDERS = """
    insert into order_revisions (
      account_id, market, symbol, exchange_id, base_asset, quote_asset, side, type, quantity, price, trigger_price,
      executed_quantity, state, ordered_at, updated_at, first_seen_at
    )
    select account_id, market, symbol, order_id, base_asset, quote_asset, 'sell', case when number = 1 then 'take_profit' else 'stop_loss' end,
      -base_quantity, 100, 100, -base_quantity, 'filled', occurred_at, occurred_at, now()
    from (
      select f.*, row_number() over (order by id) as number
      from fills f
      where base_asset = 'SOL' and base_quantity < 0
    ) f
    """


def exits(owner: Db, venue: RunningVenue) -> list[tuple[Any, ...]]:
    found = load_account_trades(owner, 1, venue.now())
    (trade,) = [one for one in found.trades if one.asset == "SOL"]
    return [(one.order, one.kind, one.quantity) for one in found.exits[trade.id]]


@pytest.mark.usefixtures("first_hour")
def test_orders_of_one_number_are_two(worker: Worker, venue: RunningVenue, database: Database) -> None:
    for lines in (("buy 5 SOLUSDT",), ("sell 2 SOLUSDT",), ("sell 2.99 SOLUSDT",)):
        venue.advance(minutes=30)
        for line in lines:
            venue.do(line)
        venue.advance(minutes=30)
        worker.run(venue.now())
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        for statement in SHARED:
            owner.execute(statement)
        assert [one[0] for one in exits(owner, venue)] == ["7"]  # parts of one order
        for apart in (IN_ANOTHER_PAIR, OF_ANOTHER_ACCOUNT):
            with owner.transaction(force_rollback=True):
                owner.execute(apart)
                assert [(order, quantity) for order, _, quantity in exits(owner, venue)] == [
                    ("7", 2),
                    ("7", D("2.99")),
                ], apart
                assert len({one.place for one in load_moves_of(owner, 1, _trade(owner)) if one.place}) == 2

                owner.execute(ORDERS)
                mark_all(owner, 1)
                group_all(owner, ())
                roles = owner.execute(
                    "select role, symbol from trade_orders where order_id = '7' and account_id = 1"
                ).fetchall()
                assert sorted(row["role"] for row in roles if row["symbol"]) == ["sl", "tp"], apart
                ended = owner.execute("select ended_as from trades where asset = 'SOL' and account_id = 1").fetchone()
                assert ended and ended["ended_as"] == "sl", apart
                assert [kind for _, kind, _ in exits(owner, venue)] == ["tp", "sl"], apart
                _compare_orders(owner)


def _compare_orders(owner: Db) -> None:
    """Each of the two is the order of its own account: the one of the trade that closed so much, on its page and in the group."""
    owner.execute("set local search_path = reading")
    shown = [one for one in load_group(owner, 1, _trade(owner)) if one.order_id == "7"]
    assert [(one.kind, one.executed_quantity) for one in shown] == [("tp", 2), ("sl", D("2.99"))]
    owner.execute("set local search_path = monitor")


def _trade(owner: Db) -> str:
    row = owner.execute("select id from trades where asset = 'SOL' and account_id = 1").fetchone()
    assert row
    return str(row["id"])


def test_a_number_of_several_roles_has_none() -> None:
    tp, sl, entry = OrderRole.TAKE_PROFIT, OrderRole.STOP_LOSS, OrderRole.ENTRY
    assert pick_roles([("1", tp), ("2", tp), ("2", sl), ("3", entry), ("3", sl), ("4", entry)]) == {
        "1": tp,
        "3": sl,
        "4": entry,
    }
