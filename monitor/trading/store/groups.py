"""The orders of trades: what is to be grouped anew, out of which rows, and what it came to."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple

from finance.order_roles import Role, parse_role
from finance.orders import OrderRecord
from finance.trades import Effect, MoveKind, Trade
from monitor.ledger.store.orders import ORDER_COLUMNS, read_order
from monitor.performance.store.trades import TRADE_COLUMNS, read_trade
from sql.rows import Db, execute_each, load_rows

LOOKBACK = timedelta(days=90)  # before its opening an order of a trade was given at most so long ago


# The orders of what a trade `t` is in that may have waited while it was open: coins of whatever pair, contracts by their name.
IN_ITS_TIME: LiteralString = """
    r.account_id = any(%(accounts)s)
    and r.ordered_at > t.opened_at - %(lookback)s
    and r.ordered_at <= coalesce(t.closed_at, 'infinity')
    and (r.updated_at >= t.opened_at or r.state in ('open', 'partially_filled'))
    """
OF_TRADE: LiteralString = f"""
    select r.*
    from order_revisions r
    where t.settle is null and r.base_asset = t.asset and r.market in ('spot', 'cross_margin', 'isolated_margin')
      and {IN_ITS_TIME}
    union all
    select r.*
    from order_revisions r
    where t.settle is not null and r.symbol = t.asset and r.market not in ('spot', 'cross_margin', 'isolated_margin')
      and {IN_ITS_TIME}
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


def load_order_moves(db: Db, account_id: int, trades: Sequence[str]) -> tuple[OrderMove, ...]:
    """What moved in trades and in what order, with the orders that did it."""
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
        order by m.hour, m.number
        """,
        {"account": account_id, "trades": list(trades)},
    )


def _read_move(*, trade_id: str, effect: str, kind: str, **key: Any) -> OrderMove:
    return OrderMove(trade_id, OrderKey(**key), Effect(effect), MoveKind(kind))


def load_orders_of(db: Db, book: Book, trades: Sequence[str]) -> tuple[OrderOfTrade, ...]:
    """The orders of what each of these trades is in, each as it was last seen, that waited while it was open."""

    def read(*, trade_id: str, account_id: int, first_price: Decimal | None, **columns: Any) -> OrderOfTrade:
        return OrderOfTrade(trade_id, account_id, read_order(**columns), first_price)

    return load_rows(
        db,
        read,
        f"""
        select t.id as trade_id, r.account_id, {ORDER_COLUMNS}, (
            select coalesce(f.trigger_price, f.price)
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
        {"account": book.number, "accounts": book.accounts, "trades": list(trades), "lookback": LOOKBACK},
    )


def list_orders(db: Db, account_id: int, trade_id: str) -> set[str]:
    """The numbers of all orders that may have been a trade's: that moved something, or waited while it was open."""
    moved = {one.order_id for one in load_order_moves(db, account_id, [trade_id]) if one.order_id}
    waited = load_orders_of(db, Book(account_id, [account_id]), [trade_id])
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
