"""The orders of trades as they are stored: what moved in each trade and by which order, and what waited while it was open."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple

from finance.order_roles import Role, parse_role
from finance.orders import OrderRecord
from finance.trades import Effect, MoveKind
from monitor.ledger.store.orders import ORDER_COLUMNS, read_order
from sql.rows import Db, load_rows

LONG = timedelta(days=7)  # what waited longer is found by when it ended, or in the list of what waits


# The orders of what a trade `t` is in that may have waited while it was open: coins of whatever pair, contracts by their name.
OF_COIN: LiteralString = (
    "t.settle is null and r.base_asset = t.asset and r.market in ('spot', 'cross_margin', 'isolated_margin')"
)
OF_CONTRACT: LiteralString = (
    "t.settle is not null and r.symbol = t.asset and r.market not in ('spot', 'cross_margin', 'isolated_margin')"
)
IN_ITS_TIME: LiteralString = """
    r.account_id = any(%(accounts)s)
    and r.ordered_at <= coalesce(t.closed_at, 'infinity')
    and (r.updated_at >= t.opened_at or r.state in ('open', 'partially_filled'))
    """
# And those that moved something in it, also where its coin is what they were paid in; with the trigger that became one.
MOVED: LiteralString = """
    select r.*
    from (
      select distinct f.account_id, f.market, f.symbol, f.order_id
      from trade_moves m
      join fills f on f.id = case when m.row ~ '^f[0-9]+$' then substr(m.row, 2)::bigint end
      where m.account_id = t.account_id and m.trade_id = t.id and f.order_id <> ''
    ) f
    cross join lateral (
      select r.*
      from order_revisions r
      where (r.account_id, r.market, r.symbol, r.exchange_id) = (f.account_id, f.market, f.symbol, f.order_id)
      union all
      select r.*
      from order_revisions r
      where (r.account_id, r.market, r.became_id) = (f.account_id, f.market, f.order_id) and r.became_id <> ''
    ) r
    """
OF_TRADE: LiteralString = f"""
    select r.* from order_revisions r where {OF_COIN} and r.ordered_at > t.opened_at - %(long)s and {IN_ITS_TIME}
    union all
    select r.* from order_revisions r where {OF_CONTRACT} and r.ordered_at > t.opened_at - %(long)s and {IN_ITS_TIME}
    union all
    select r.*
    from order_revisions r
    where ({OF_COIN} or {OF_CONTRACT}) and r.updated_at - r.ordered_at > interval '7 days' and r.updated_at >= t.opened_at
      and {IN_ITS_TIME}
    union all
    select r.*
    from open_orders o
    cross join lateral (
      select r.*
      from order_revisions r
      where (r.account_id, r.market, r.symbol, r.exchange_id) = (o.account_id, o.market, o.symbol, o.exchange_id)
      order by r.id desc
      limit 1
    ) r
    where ({OF_COIN} or {OF_CONTRACT}) and {IN_ITS_TIME}
    union all
    {MOVED}
    """


class OrderKey(NamedTuple):
    """An order, wherever others have its number too; without market and symbol where no fill says them."""

    account_id: int
    market: str
    symbol: str
    order_id: str


class OrderMove(NamedTuple):
    """What moved in a trade, and the order that did it."""

    trade_id: str
    key: OrderKey
    effect: Effect
    kind: MoveKind

    @property
    def order_id(self) -> str:
        """The number of that order; empty where none did."""
        return self.key.order_id


class OrderOfTrade(NamedTuple):
    """An order of what a trade is in, and the price at which it was first seen to wait."""

    trade_id: str
    account_id: int
    order: OrderRecord
    first_price: Decimal | None

    @property
    def key(self) -> OrderKey:
        """The order among all others."""
        return OrderKey(self.account_id, self.order.market, self.order.symbol, self.order.exchange_id)


def load_order_moves(db: Db, account_id: int, trades: Sequence[str]) -> tuple[OrderMove, ...]:
    """What moved in trades, each order's moves as one, in the order of the last of them."""
    return load_rows(
        db,
        _read_move,
        """
        select m.trade_id, m.order_id, m.effect, m.kind, coalesce(f.account_id, c.account_id, m.account_id) as account_id,
          coalesce(f.market, c.wallet, '') as market, coalesce(f.symbol, c.symbol, '') as symbol
        from trade_moves m
        left join fills f on f.id = case when m.row ~ '^f[0-9]+$' then substr(m.row, 2)::bigint end
        left join contract_fills c on c.id = case when m.row ~ '^c[0-9]+$' then substr(m.row, 2)::bigint end
        where m.account_id = %(account)s and m.trade_id = any(%(trades)s)
        group by 1, 2, 3, 4, 5, 6, 7
        order by max(m.hour), (array_agg(m.number order by m.hour desc, m.number desc))[1]
        """,
        {"account": account_id, "trades": list(trades)},
    )


def _read_move(*, trade_id: str, effect: str, kind: str, **key: Any) -> OrderMove:
    return OrderMove(trade_id, OrderKey(**key), Effect(effect), MoveKind(kind))


def load_orders_of(db: Db, number: int, accounts: Sequence[int], trades: Sequence[str]) -> tuple[OrderOfTrade, ...]:
    """The orders of what each of these trades is in, each as it was last seen, that waited while it was open."""

    def read(*, trade_id: str, account_id: int, first_price: Decimal | None, **columns: Any) -> OrderOfTrade:
        return OrderOfTrade(trade_id, account_id, read_order(**columns), first_price)

    return load_rows(
        db,
        read,
        f"""
        select t.id as trade_id, r.account_id, {ORDER_COLUMNS}, (
            select coalesce(f.trigger_price, f.price, f.stop_loss)
            from order_revisions f
            where (f.account_id, f.market, f.symbol, f.exchange_id) = (r.account_id, r.market, r.symbol, r.exchange_id)
            order by f.id
            limit 1
          ) as first_price
        from trades t
        cross join lateral ({OF_TRADE}) r
        where t.account_id = %(account)s
          and t.id = any(%(trades)s)
          and not exists (
            select from order_revisions later
            where (later.account_id, later.market, later.symbol, later.exchange_id)
              = (r.account_id, r.market, r.symbol, r.exchange_id) and later.id > r.id
          )
        """,
        {"account": number, "accounts": accounts, "trades": list(trades), "long": LONG},
    )


def list_orders(db: Db, account_id: int, trade_id: str) -> set[str]:
    """The numbers of all orders that may have been a trade's: that moved something, or waited while it was open."""
    moved = {one.order_id for one in load_order_moves(db, account_id, [trade_id]) if one.order_id}
    waited = load_orders_of(db, account_id, [account_id], [trade_id])
    return moved | {one.order.exchange_id for one in waited}


def load_legacy_roles(db: Db, orders: Collection[OrderKey]) -> dict[OrderKey, Role]:
    """What an older system said that these orders were given for; it wrote symbols in its own way."""
    keys = list(orders)
    found = load_rows(
        db,
        _read_legacy,
        """
        select o.account_id, o.market, o.symbol, o.order_id, l.role
        from unnest(%(accounts)s::bigint[], %(markets)s::text[], %(symbols)s::text[], %(orders)s::text[])
          o (account_id, market, symbol, order_id)
        join legacy_orders l on l.account_id = o.account_id
          and l.symbol = upper(translate(o.symbol, '_-/', ''))
          and l.exchange_id = o.order_id
          and l.market in ('', o.market)
        where l.role <> ''
        """,
        {
            "accounts": [one.account_id for one in keys],
            "markets": [one.market for one in keys],
            "symbols": [one.symbol for one in keys],
            "orders": [one.order_id for one in keys],
        },
    )
    return dict(found)


def _read_legacy(*, role: str, **key: Any) -> tuple[OrderKey, Role]:
    return OrderKey(**key), parse_role(role)
