"""What was brought along: orders, fills marked legacy, and all that the older system said of each order."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from psycopg.types.json import Jsonb

from finance.records import FillRecord
from monitor.legacy.orders import OldOrder, OrderKey
from monitor.legacy.planning import LEGACY, Becomes, ImportedOrder, Plan
from sql.rows import Db, load_rows


def load_imported(db: Db, account_id: int) -> dict[OrderKey, ImportedOrder]:
    """The account's orders that were imported before."""
    rows = load_rows(
        db,
        ImportedOrder,
        "select symbol, exchange_id as order_id, imported_at as at, became, reason from legacy_orders where account_id = %(account)s",
        {"account": account_id},
    )
    return {OrderKey(row.symbol, row.order_id): row for row in rows}


def record_order(db: Db, account_id: int, plan: Plan, raw: Mapping[str, str], at: datetime) -> None:
    """Keep what the older system said of an order, and what it became."""
    order = plan.order
    db.execute(
        """
        insert into legacy_orders (
          account_id, symbol, exchange_id, market, side, role, group_id, parent_id, tp_levels, sl_price, note, became, reason,
          imported_at, raw
        )
        values (
          %(account)s, %(symbol)s, %(id)s, %(market)s, %(side)s, %(role)s, %(group)s, %(parent)s,
          %(tp_levels)s::numeric[], %(sl_price)s, %(note)s, %(became)s, %(reason)s, %(at)s, %(raw)s
        )
        """,
        {
            "account": account_id,
            "symbol": order.symbol,
            "id": order.order_id,
            "market": plan.pair.market if plan.pair else "",
            "side": order.side,
            "role": order.links.role,
            "group": order.links.group_id,
            "parent": order.links.parent_id,
            "tp_levels": list(order.links.tp_levels),
            "sl_price": order.links.sl_price,
            "note": order.note,
            "became": str(plan.becomes),
            "reason": plan.reason,
            "at": at,
            "raw": Jsonb(dict(raw)),
        },
    )


def record_revision(db: Db, account_id: int, plan: Plan, at: datetime) -> None:
    """Add the order as the older system knew it. Call it only for one that the exchange has not shown."""
    order, pair, fill = plan.order, plan.pair, plan.fill
    assert pair
    db.execute(
        """
        insert into order_revisions (
          account_id, market, symbol, exchange_id, client_id, base_asset, quote_asset, side, type, quantity, price,
          executed_quantity, executed_quote, state, parent_id, take_profit, stop_loss, ordered_at, updated_at,
          first_seen_at, source
        )
        values (
          %(account)s, %(market)s, %(symbol)s, %(id)s, %(client_id)s, %(base)s, %(quote)s, %(side)s, %(type)s, %(quantity)s,
          %(price)s, %(executed)s, %(executed_quote)s, %(state)s, %(parent)s, %(take_profit)s, %(stop_loss)s, %(ordered_at)s,
          %(updated_at)s, %(at)s, %(source)s
        )
        on conflict do nothing
        """,
        {
            "account": account_id,
            "market": pair.market,
            "symbol": order.symbol,
            "id": order.order_id,
            "client_id": order.client_id,
            "base": pair.base,
            "quote": pair.quote,
            "side": order.side,
            "type": order.type,
            "quantity": order.quantity,
            "price": order.price if order.is_limit else None,
            "executed": order.executed,
            "executed_quote": _find_quote(order, fill),
            "state": str(order.state),
            "take_profit": order.links.tp_levels[0] if len(order.links.tp_levels) == 1 else None,
            "stop_loss": order.links.sl_price,
            "parent": order.links.parent_id,
            "ordered_at": order.ordered_at,
            "updated_at": order.filled_at or order.ordered_at,
            "at": at,
            "source": LEGACY,
        },
    )


def _find_quote(order: OldOrder, fill: FillRecord | None) -> Decimal | None:
    if not order.executed:
        return Decimal(0)
    return abs(fill.quote_quantity) if fill else None


def record_fill(db: Db, account_id: int, plan: Plan, at: datetime) -> None:
    """Add the one fill of an order, marked legacy."""
    fill = plan.fill
    assert fill
    db.execute(
        """
        insert into fills (
          account_id, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset, quote_quantity,
          occurred_at, first_seen_at, legacy
        )
        values (
          %(account)s, %(market)s, %(symbol)s, %(id)s, %(order)s, %(base)s, %(bought)s, %(quote)s, %(given)s,
          %(occurred_at)s, %(at)s, %(legacy)s
        )
        on conflict do nothing
        """,
        {
            "account": account_id,
            "market": str(fill.market),
            "symbol": fill.symbol,
            "id": fill.exchange_id,
            "order": fill.order_id,
            "base": fill.base_asset,
            "bought": fill.base_quantity,
            "quote": fill.quote_asset,
            "given": fill.quote_quantity,
            "occurred_at": fill.occurred_at,
            "at": at,
            "legacy": "booked" if plan.becomes is Becomes.BOOKED else "described",
        },
    )


def load_fees_of_orders(db: Db, account_id: int, orders: Iterable[str]) -> dict[OrderKey, dict[str, Decimal]]:
    """What the exchange's fills of `orders` cost, by order and coin; of orders without a known fill nothing."""
    found: dict[OrderKey, dict[str, Decimal]] = {}
    rows = load_rows(
        db,
        lambda symbol, order_id, coin, fee: (OrderKey(symbol, order_id), coin, fee),
        """
        select symbol, order_id, fee_asset as coin, sum(fee) as fee
        from fills
        where account_id = %(account)s and order_id = any(%(orders)s) and legacy is null
        group by symbol, order_id, fee_asset
        """,
        {"account": account_id, "orders": list(orders)},
    )
    for order, coin, fee in rows:
        found.setdefault(order, {})
        if fee:
            found[order][coin] = fee
    return found
