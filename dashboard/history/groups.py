"""The orders of a trade and what they were given for, with what has become of them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import LiteralString, NamedTuple

from finance.order_roles import list_names, pick_roles
from finance.records import OrderRole
from sql.rows import Db, load_rows

# The rows of an order `o` of an account: one that closed one trade and opened the next has two.
OF_ORDER: LiteralString = """
    from trade_orders g
    where g.account_id = o.account_id and g.symbol = o.symbol and g.order_id = o.exchange_id and g.market = o.market and not g.is_preset
    """
ROLE: LiteralString = f"(select string_agg(distinct g.role, ', ' order by g.role) {OF_ORDER})"
ROLE_SOURCE: LiteralString = f"(select min(g.source) {OF_ORDER})"
# What an older system noted of an order `o`; empty where it noted nothing.
NOTE: LiteralString = """coalesce((
      select l.note
      from legacy_orders l
      where l.account_id = o.account_id and l.symbol = o.symbol and l.exchange_id = o.exchange_id
    ), '')"""


class OrderOfTrade(NamedTuple):
    """An order of a trade, or a price that was given with one."""

    order_id: str
    placed_by: int | None  # the account that gave it; None: not known
    market: str
    symbol: str
    kind: str  # entry, tp, sl or manual
    role: str  # as people call it: TP1
    source: str
    price: Decimal | None  # that it waits for, or else at which it was done
    is_preset: bool  # it is no order of its own
    state: str | None  # None: the order was not read
    executed_quantity: Decimal | None
    average_price: Decimal | None
    ordered_at: datetime | None
    updated_at: datetime | None

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called."""
        return list_names(
            "" if self.placed_by is None else f"{self.placed_by} {self.market} {self.symbol}", self.order_id
        )

    @property
    def is_open(self) -> bool:
        """Whether it waits."""
        return self.state in ("open", "partially_filled")


def load_group(db: Db, account_id: int, trade_id: str) -> tuple[OrderOfTrade, ...]:
    """The orders of a trade of an account or a portfolio, entries first, then profits and stops."""
    return load_rows(
        db,
        OrderOfTrade,
        """
        select g.order_id, g.placed_by, g.market, g.symbol, g.kind, g.role, g.source, g.price, g.is_preset, o.state, o.executed_quantity,
          o.average_price, o.ordered_at, o.updated_at
        from trade_orders g
        left join orders o on o.account_id = g.placed_by and o.market = g.market and o.symbol = g.symbol
          and o.exchange_id = g.order_id
        where g.account_id = %(account)s and g.trade_id = %(trade)s
        order by g.number
        """,
        {"account": account_id, "trade": trade_id},
    )


def find_roles(group: Iterable[OrderOfTrade]) -> dict[str, OrderRole]:
    """What each order was given for, by its names."""
    return pick_roles((name, OrderRole(one.kind)) for one in group if not one.is_preset for name in one.names)
