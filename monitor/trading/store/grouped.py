"""What the orders of trades came to: the role of each, how units left a trade last, and the stop at its entry."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from finance.order_groups import GroupedOrder
from finance.order_roles import Role, RoleSource
from finance.records import OrderRole
from finance.trades import MoveKind
from sql.rows import Db, load_rows


class Ending(NamedTuple):
    """How units left a trade last, by the role of their order, and the stop that was known at its entry."""

    kind: MoveKind | None
    stop: Decimal | None
    stop_source: RoleSource | None


def load_group(db: Db, account_id: int, trade_id: str) -> tuple[GroupedOrder, ...]:
    """The orders of a trade as they were grouped."""
    return load_rows(
        db,
        _read_grouped,
        """
        select market, symbol, order_id, role, level, source, price, is_preset
        from trade_orders
        where account_id = %(account)s and trade_id = %(trade)s
        order by number
        """,
        {"account": account_id, "trade": trade_id},
    )


def _read_grouped(*, role: str, level: int | None, source: str, **columns: Any) -> GroupedOrder:
    return GroupedOrder(role=Role(kind=OrderRole(role), level=level), source=RoleSource(source), **columns)


class _OrderOfTrade(NamedTuple):
    trade_id: str
    order_id: str
    role: str


def load_all_roles(db: Db, account_id: int) -> dict[str, dict[str, OrderRole]]:
    """What each order of each of the account's trades was given for, by the trade's id and the order's number."""
    roles: defaultdict[str, dict[str, OrderRole]] = defaultdict(dict)
    for one in load_rows(
        db,
        _OrderOfTrade,
        """
        select trade_id, order_id, role
        from trade_orders
        where account_id = %(account)s and not is_preset and role <> 'entry'
        """,
        {"account": account_id},
    ):
        roles[one.trade_id][one.order_id] = OrderRole(one.role)
    return roles


def load_endings(db: Db, account_id: int) -> dict[str, Ending]:
    """How units left each of the account's trades last, and the stop that was known at its entry, by the trade's id."""
    found = load_rows(
        db,
        _read_ending,
        """
        select id as trade_id, ended_as, stop, stop_source
        from trades
        where account_id = %(account)s and (ended_as is not null or stop is not null)
        """,
        {"account": account_id},
    )
    return dict(found)


def _read_ending(
    *, trade_id: str, ended_as: str | None, stop: Decimal | None, stop_source: str | None
) -> tuple[str, Ending]:
    return trade_id, Ending(
        MoveKind(ended_as) if ended_as else None, stop, RoleSource(stop_source) if stop_source else None
    )
