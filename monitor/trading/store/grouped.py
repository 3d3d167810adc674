"""What the orders of trades came to: the role of each, how units left a trade last, and the stop at its entry."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from finance.order_groups import GroupedOrder
from finance.order_roles import Role, RoleSource, list_names, pick_roles
from finance.records import OrderRole
from finance.trades import MoveKind, Trade
from monitor.performance.store.trades import TRADE_COLUMNS, read_trade
from sql.rows import Db, load_rows, load_value


class Ending(NamedTuple):
    """How units left a trade last, by the role of their order, and the stop that was known at its entry."""

    kind: MoveKind | None
    stop: Decimal | None
    stop_source: RoleSource | None


def load_group(db: Db, account_id: int, trade_id: str) -> tuple[GroupedOrder, ...]:
    """The orders of a trade as they were grouped."""
    return tuple(load_groups(db, account_id, [trade_id])[trade_id])


def load_groups(db: Db, account_id: int, trades: Sequence[str]) -> defaultdict[str, list[GroupedOrder]]:
    """The same of several trades, by their ids."""
    found = load_rows(
        db,
        _read_grouped,
        """
        select trade_id, placed_by, market, symbol, order_id, role, level, source, price, is_preset
        from trade_orders
        where account_id = %(account)s and trade_id = any(%(trades)s)
        order by trade_id, number
        """,
        {"account": account_id, "trades": list(trades)},
    )
    groups = defaultdict(list)
    for trade_id, one in found:
        groups[trade_id].append(one)
    return groups


def _read_grouped(
    *, trade_id: str, role: str, level: int | None, source: str, **columns: Any
) -> tuple[str, GroupedOrder]:
    given_for = Role(kind=OrderRole(role), level=level)
    return trade_id, GroupedOrder(role=given_for, source=RoleSource(source), **columns)


def load_grouped(db: Db, account_id: int, rules: str, after: str, most: int) -> tuple[Trade, ...]:
    """The trades that are grouped by these rules, by their ids, at most so many of those `after` an id."""
    return load_rows(
        db,
        read_trade,
        f"""
        select {TRADE_COLUMNS}
        from trades
        where account_id = %(account)s and id > %(after)s and grouped_by = %(rules)s
        order by id
        limit %(most)s
        """,
        {"account": account_id, "rules": rules, "after": after, "most": most},
    )


def count_waiting(db: Db, account_id: int, rules: str) -> int:
    """How many trades of the account wait for being grouped by these rules."""
    found: int = load_value(
        db,
        "select count(*) from trades where account_id = %(account)s and grouped_by is distinct from %(rules)s",
        {"account": account_id, "rules": rules},
    )
    return found


def mark_wrong(db: Db, account_id: int, trades: Sequence[str]) -> None:
    """Have the orders of these trades of an account or a portfolio grouped anew."""
    db.execute(
        "update trades set grouped_by = null where account_id = %(account)s and id = any(%(trades)s)",
        {"account": account_id, "trades": list(trades)},
    )


class _OrderOfTrade(NamedTuple):
    trade_id: str
    place: str
    order_id: str
    role: str


def load_all_roles(db: Db, account_id: int) -> dict[str, dict[str, OrderRole]]:
    """What each order of each of the account's trades was given for, by the trade's id and the order's names."""
    roles: defaultdict[str, list[tuple[str, OrderRole]]] = defaultdict(list)
    for one in load_rows(
        db,
        _OrderOfTrade,
        """
        select trade_id, case when placed_by is null then '' else concat_ws(' ', placed_by, market, symbol) end as place, order_id, role
        from trade_orders
        where account_id = %(account)s and not is_preset and role <> 'entry'
        """,
        {"account": account_id},
    ):
        roles[one.trade_id] += ((name, OrderRole(one.role)) for name in list_names(one.place, one.order_id))
    return {name: pick_roles(known) for name, known in roles.items()}


def load_endings(db: Db, account_id: int, trades: Sequence[str] | None = None) -> dict[str, Ending]:
    """How units left each of the account's trades last, or of these, and the stop at its entry, by the trade's id."""
    found = load_rows(
        db,
        _read_ending,
        """
        select id as trade_id, ended_as, stop, stop_source
        from trades
        where account_id = %(account)s and (ended_as is not null or stop is not null)
          and (%(trades)s::text[] is null or id = any(%(trades)s))
        """,
        {"account": account_id, "trades": trades},
    )
    return dict(found)


def _read_ending(
    *, trade_id: str, ended_as: str | None, stop: Decimal | None, stop_source: str | None
) -> tuple[str, Ending]:
    return trade_id, Ending(
        MoveKind(ended_as) if ended_as else None, stop, RoleSource(stop_source) if stop_source else None
    )
