"""Orders as they were last seen: those that wait now, and those that were given in a period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString, NamedTuple

from dashboard.history.groups import NOTE, ROLE, ROLE_SOURCE
from dashboard.history.members import member, present
from sql.rows import Db, load_row, load_rows, load_values

STATES: Mapping[str, tuple[str, ...] | None] = {  # None: any
    "open": ("open", "partially_filled"),
    "filled": ("filled",),
    "all": None,
}
MEMBER = member("o", "o.ordered_at")
NEWEST: LiteralString = "o.ordered_at desc, o.id desc"
SORTS: Mapping[str, LiteralString] = {
    "at": "o.ordered_at",
    "symbol": "o.symbol",
    "side": "o.side",
    "type": "o.type",
    "quantity": "o.quantity",
    "price": "o.price",
    "done": "o.executed_quantity / nullif(o.quantity, 0)",
    "state": "o.state",
}
# A text within what the reader sees of an order, and the names that it has.
FOUND: LiteralString = f"""
    strpos(
      lower(concat_ws(' ', to_char(o.ordered_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'), a.label, o.symbol, o.side,
        replace(o.type, '_', ' '), replace(o.state, '_', ' '), o.exchange_id, o.client_id,
        {ROLE}, {NOTE})),
      lower(%(find)s)
    ) > 0
"""
COLUMNS: LiteralString = f"""
    o.account_id, a.label, o.symbol, o.base_asset, o.quote_asset, o.side, o.type, o.quantity, o.quote_quantity, o.price,
    o.trigger_price, o.executed_quantity, o.executed_quote, o.average_price, o.state, o.source, o.ordered_at, o.updated_at,
    {ROLE} as role, {ROLE_SOURCE} as role_source, {NOTE} as note
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order, and whose it is."""

    account_id: int
    label: str
    symbol: str
    base_asset: str
    quote_asset: str
    side: str
    type: str
    quantity: Decimal | None  # None: it was given for an amount of the quote, or for all of a position
    quote_quantity: Decimal | None
    price: Decimal | None  # None: at the market's
    trigger_price: Decimal | None
    executed_quantity: Decimal
    executed_quote: Decimal | None
    average_price: Decimal | None
    state: str
    source: str  # exchange, or legacy: an older system
    ordered_at: datetime
    updated_at: datetime
    role: str | None  # what it was given for, in the trade that it was part of: ENTRY, TP1, SL
    role_source: str | None  # how that is known
    note: str  # an older system's; empty: none


class OrderCounts(NamedTuple):
    """How many orders of a period there are, and how they ended."""

    given: int
    filled: int
    unfilled: int  # ended without anything done


def load_waiting(db: Db, account_id: int, limit: int) -> tuple[OrderRow, ...]:
    """The orders of what is shown that wait now, the newest first."""
    return load_rows(
        db,
        OrderRow,
        f"""
        select {COLUMNS}
        from open_orders o
        join accounts a using (account_id)
        where {present("o")}
        order by {NEWEST}
        limit %(limit)s
        """,
        {"id": account_id, "limit": limit},
    )


def load_orders(
    db: Db,
    account_id: int,
    bounds: tuple[datetime, datetime | None],
    *,
    limit: int,
    skip: int,
    find: str,
    order: LiteralString,
    zone: str,
) -> tuple[OrderRow, ...]:
    """Orders that were given in a period and contain the text `find`, in the `order` of a statement."""
    return load_rows(
        db,
        OrderRow,
        f"""
        select {COLUMNS}
        from orders o
        join accounts a using (account_id)
        where {MEMBER}
          and o.ordered_at >= %(since)s
          and (%(until)s::timestamptz is null or o.ordered_at <= %(until)s)
          and (%(find)s = '' or {FOUND})
        order by {order}
        limit %(limit)s offset %(skip)s
        """,
        {
            "id": account_id,
            "since": bounds[0],
            "until": bounds[1],
            "limit": limit,
            "skip": skip,
            "find": find,
            "zone": zone,
        },
    )


def load_counts(db: Db, account_id: int, bounds: tuple[datetime, datetime | None]) -> OrderCounts:
    """How many of a period there are."""
    found = load_row(
        db,
        OrderCounts,
        f"""
        select count(*) as given, count(*) filter (where o.state = 'filled') as filled,
          count(*) filter (
            where o.state not in ('open', 'partially_filled', 'filled', 'triggered') and o.executed_quantity = 0
          ) as unfilled
        from orders o
        where {MEMBER}
          and o.ordered_at >= %(since)s
          and (%(until)s::timestamptz is null or o.ordered_at <= %(until)s)
        """,
        {"id": account_id, "since": bounds[0], "until": bounds[1]},
    )
    assert found
    return found


def load_unread(db: Db, account_id: int) -> list[str]:
    """Whose orders are not read yet, in sentences."""
    return load_values(
        db,
        f"""
        select distinct said
        from accounts a
        cross join lateral unnest(a.limits) said
        where {present("a")} and said ilike %(words)s
        order by said
        """,
        {"id": account_id, "words": "%orders%not read yet%"},
    )
