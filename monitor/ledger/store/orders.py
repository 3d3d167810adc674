"""Orders as the exchange showed them: a row for each state that was seen, and which of them wait."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from psycopg.types.json import Jsonb

from finance.orders import OrderRecord, OrderState
from sql.rows import Db, execute_each, load_rows, load_values


def record_orders(
    db: Db, account_id: int, orders: Iterable[OrderRecord], *, seen_at: datetime, run_id: int | None
) -> int:
    """Add the states of `orders` that are not there yet; returns how many are new.

    One that is older than what the exchange showed of its order is news of the past, and left out; what an older system said
    of it is never newer.
    """
    new = [order for order in orders if _insert(db, account_id, order, seen_at, run_id)]
    for order in new:
        _note_waiting(db, account_id, order)
    return len(new)


def _insert(db: Db, account_id: int, order: OrderRecord, seen_at: datetime, run_id: int | None) -> int:
    return db.execute(
        """
        insert into order_revisions (
          account_id, market, symbol, exchange_id, client_id, base_asset, quote_asset, side, type, position_side,
          reduces, quantity, quote_quantity, price, trigger_price, executed_quantity, executed_quote, state,
          parent_id, list_id, became_id, take_profit, stop_loss, leverage, margin_mode, ordered_at, updated_at, first_seen_at, run_id, raw
        )
        select %(account)s, %(market)s, %(symbol)s, %(exchange_id)s, %(client_id)s, %(base)s, %(quote)s, %(side)s,
          %(type)s, %(position_side)s, %(reduces)s, %(quantity)s, %(quote_quantity)s, %(price)s,
          %(trigger_price)s, %(executed_quantity)s, %(executed_quote)s, %(state)s, %(parent_id)s, %(list_id)s,
          %(became_id)s, %(take_profit)s, %(stop_loss)s, %(leverage)s, %(margin_mode)s, %(ordered_at)s, %(updated_at)s, %(seen_at)s, %(run)s, %(raw)s
        where not exists (
          select from order_revisions r
          where r.account_id = %(account)s
            and r.market = %(market)s
            and r.symbol = %(symbol)s
            and r.exchange_id = %(exchange_id)s
            and r.source = 'exchange'
            and r.updated_at > %(updated_at)s
        )
        on conflict do nothing
        """,
        {
            "account": account_id,
            "market": order.market,
            "symbol": order.symbol,
            "exchange_id": order.exchange_id,
            "client_id": order.client_id,
            "base": order.base_asset,
            "quote": order.quote_asset,
            "side": order.side,
            "type": order.type,
            "position_side": order.position_side,
            "reduces": order.reduces,
            "quantity": order.quantity,
            "quote_quantity": order.quote_quantity,
            "price": order.price,
            "trigger_price": order.trigger_price,
            "executed_quantity": order.executed_quantity,
            "executed_quote": order.executed_quote,
            "state": str(order.state),
            "parent_id": order.parent_id,
            "list_id": order.list_id,
            "became_id": order.became_id,
            "take_profit": order.take_profit,
            "stop_loss": order.stop_loss,
            "leverage": order.leverage,
            "margin_mode": order.margin_mode,
            "ordered_at": order.ordered_at,
            "updated_at": order.updated_at,
            "seen_at": seen_at,
            "run": run_id,
            "raw": Jsonb(order.raw),
        },
    ).rowcount


def _note_waiting(db: Db, account_id: int, order: OrderRecord) -> None:
    key = {
        "account": account_id,
        "market": order.market,
        "symbol": order.symbol,
        "exchange_id": order.exchange_id,
    }
    if order.state.is_open:
        db.execute(
            """
            insert into open_orders (account_id, market, symbol, exchange_id)
            values (%(account)s, %(market)s, %(symbol)s, %(exchange_id)s)
            on conflict do nothing
            """,
            key,
        )
        return
    db.execute(
        """
        delete from open_orders
        where account_id = %(account)s
          and market = %(market)s
          and symbol = %(symbol)s
          and exchange_id = %(exchange_id)s
        """,
        key,
    )


ORDER_COLUMNS = """
    r.market, r.symbol, r.exchange_id, r.client_id, r.base_asset, r.quote_asset, r.side, r.type, r.position_side, r.reduces,
    r.quantity, r.quote_quantity, r.price, r.trigger_price, r.executed_quantity, r.executed_quote, r.state, r.parent_id,
    r.list_id, r.became_id, r.take_profit, r.stop_loss, r.leverage, r.margin_mode, r.ordered_at, r.updated_at
    """


def load_open_orders(db: Db, account_id: int) -> tuple[OrderRecord, ...]:
    """The account's orders that wait, as they were last seen, the oldest first."""
    return load_rows(
        db,
        read_order,
        f"""
        select {ORDER_COLUMNS}
        from open_orders o
        cross join lateral (
          select *
          from order_revisions r
          where r.account_id = o.account_id
            and r.market = o.market
            and r.symbol = o.symbol
            and r.exchange_id = o.exchange_id
          order by r.id desc
          limit 1
        ) r
        where o.account_id = %(account)s
        order by r.ordered_at, r.exchange_id
        """,
        {"account": account_id},
    )


def load_orders(db: Db, account_id: int, states: Iterable[OrderState]) -> tuple[OrderRecord, ...]:
    """The account's orders that are in one of `states`, each as it was last seen, the newest first."""
    return load_rows(
        db,
        read_order,
        f"""
        select {ORDER_COLUMNS}
        from order_revisions r
        where r.account_id = %(account)s
          and r.state = any(%(states)s)
          and not exists (
            select from order_revisions later
            where later.account_id = r.account_id
              and later.market = r.market
              and later.symbol = r.symbol
              and later.exchange_id = r.exchange_id
              and later.id > r.id
          )
        order by r.ordered_at desc, r.id desc
        """,
        {"account": account_id, "states": [str(state) for state in states]},
    )


def read_order(*, state: str, quantity: Decimal | None, **columns: object) -> OrderRecord:
    """A row of `ORDER_COLUMNS`."""
    return OrderRecord(state=OrderState(state), quantity=quantity, **columns)  # type: ignore[arg-type]


def load_locked(db: Db, account_id: int, hour: datetime) -> frozenset[tuple[str, str]]:
    """The wallets, and the coins in them, of which the hour's reading saw something locked, as it is while an order waits."""
    found = load_values(
        db,
        """
        select distinct array[h.wallet, h.asset]
        from nav_history n
        join holdings h using (snapshot_id)
        where n.account_id = %(account)s and n.hour = %(hour)s and h.locked > 0
        """,
        {"account": account_id, "hour": hour},
    )
    return frozenset((wallet, asset) for wallet, asset in found)


def load_positioned(db: Db, account_id: int, hour: datetime) -> frozenset[str]:
    """The wallets in which the hour's reading saw an open position."""
    return frozenset(
        load_values(
            db,
            """
            select distinct p.wallet
            from nav_history n
            join positions p using (snapshot_id)
            where n.account_id = %(account)s and n.hour = %(hour)s
            """,
            {"account": account_id, "hour": hour},
        )
    )


def mark_pairs_due(db: Db, account_id: int, pairs: Iterable[tuple[str, str, str, str]]) -> None:
    """Have the orders of `pairs` (market, symbol, base and quote) read: something of them was traded."""
    execute_each(
        db,
        """
        insert into order_sources (account_id, market, symbol, base_asset, quote_asset, is_due)
        values (%(account)s, %(market)s, %(symbol)s, %(base)s, %(quote)s, true)
        on conflict (account_id, market, symbol) do update
        set is_due = true
        """,
        [
            {"account": account_id, "market": str(market), "symbol": symbol, "base": base, "quote": quote}
            for market, symbol, base, quote in sorted(pairs)
        ],
    )
