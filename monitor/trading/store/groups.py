"""Trades whose orders are to be grouped anew, and what the orders came to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from finance.order_groups import GroupedOrder, OrderGroup
from finance.orders import OrderRecord
from finance.trades import MoveKind, Trade
from monitor.performance.store.trades import TRADE_COLUMNS, read_trade
from sql.rows import Db, copy_rows, execute_each, load_rows


def mark_orders(db: Db, account_id: int, orders: Iterable[OrderRecord]) -> None:
    """Have the trades that were open once `orders` were given grouped anew."""
    since: dict[tuple[str, str], datetime] = {}
    for order in orders:
        key = order.base_asset, order.symbol
        since[key] = min(order.ordered_at, since.get(key, order.ordered_at))
    execute_each(
        db,
        """
        update trades
        set grouped_by = null
        where (account_id = %(account)s or account_id <= 0)
          and asset in (%(asset)s, %(symbol)s)
          and grouped_by is not null
          and (closed_at is null or closed_at >= %(since)s)
        """,
        [
            {"account": account_id, "asset": asset, "symbol": symbol, "since": moment}
            for (asset, symbol), moment in since.items()
        ],
    )


def mark_all(db: Db, account_id: int) -> None:
    """Have all trades of an account, and of portfolios, grouped anew."""
    db.execute(
        "update trades set grouped_by = null where account_id = %(account)s or account_id <= 0", {"account": account_id}
    )


def mark_trades(db: Db, account_id: int, orders: Collection[str], trade_id: str = "") -> None:
    """Have the trades of an account, and of portfolios, in which one of `orders` did something grouped anew; and one trade."""
    db.execute(
        """
        update trades t
        set grouped_by = null
        where (account_id = %(account)s or account_id <= 0)
          and (
            id = %(trade)s
            or (account_id, id) in (
              select account_id, trade_id from trade_moves where order_id <> '' and order_id = any(%(orders)s)
            )
            or (account_id, id) in (select account_id, trade_id from trade_orders where order_id = any(%(orders)s))
          )
        """,
        {"account": account_id, "orders": list(orders), "trade": trade_id},
    )


class Book(NamedTuple):
    """An account or a portfolio, and the accounts whose orders are its."""

    number: int
    accounts: Sequence[int]
    label: str = ""


def load_books(db: Db) -> tuple[Book, ...]:
    """Every account and portfolio."""
    return load_rows(
        db,
        Book,
        """
        select b.id as number, array_agg(distinct m.account_id order by m.account_id) as accounts, b.label
        from accounts b
        join (
          select portfolio_id, account_id
          from memberships
          union all
          select id, id
          from accounts
          where id > 0
        ) m on m.portfolio_id = b.id
        group by b.id
        order by b.id desc
        """,
    )


def load_ungrouped(db: Db, account_id: int, rules: str, most: int) -> tuple[Trade, ...]:
    """The newest trades that were not grouped as they are now by these rules, at most so many."""
    return load_rows(
        db,
        read_trade,
        f"""
        select {TRADE_COLUMNS}
        from trades
        where account_id = %(account)s and id in (
            select id from trades where account_id = %(account)s and grouped_by is null
            union all select id from trades where account_id = %(account)s and grouped_by < %(rules)s
            union all select id from trades where account_id = %(account)s and grouped_by > %(rules)s
          )
        order by opened_at desc, id
        limit %(most)s
        """,
        {"account": account_id, "rules": rules, "most": most},
    )


def record_groups(
    db: Db, account_id: int, rules: str, groups: Mapping[str, tuple[OrderGroup, MoveKind | None]]
) -> None:
    """What the orders of trades came to by these rules, and how units left each trade last."""
    execute_each(
        db,
        """
        update trades
        set stop = %(stop)s, stop_source = %(source)s, ended_as = %(ended_as)s, grouped_by = %(rules)s
        where account_id = %(account)s and id = %(trade)s
        """,
        [
            {
                "account": account_id,
                "trade": name,
                "stop": group.stop,
                "source": group.stop_source and str(group.stop_source),
                "ended_as": ended_as and str(ended_as),
                "rules": rules,
            }
            for name, (group, ended_as) in groups.items()
        ],
    )
    db.execute(
        "delete from trade_orders where account_id = %(account)s and trade_id = any(%(trades)s)",
        {"account": account_id, "trades": list(groups)},
    )
    copy_rows(
        db,
        """
        copy trade_orders (
          account_id, trade_id, number, market, symbol, order_id, role, level, source, price, is_preset, placed_by
        )
        from stdin
        """,
        [
            (account_id, name, number, *_describe(one))
            for name, (group, _) in groups.items()
            for number, one in enumerate(group.orders, start=1)
        ],
    )


def _describe(one: GroupedOrder) -> tuple[object, ...]:
    role = str(one.role.kind), one.role.level, str(one.source)
    return one.market, one.symbol, one.order_id, *role, one.price, one.is_preset, one.placed_by
