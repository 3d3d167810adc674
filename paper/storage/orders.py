"""Orders, their lists, fills and prevented matches as rows."""

from collections.abc import Sequence
from typing import Any

from paper.storage.arrays import Table
from paper.trading.expiry import Expiry
from paper.trading.orders import Fill, Order, OrderList, OrderType, PreventedMatch, SelfTrade, Status, TimeInForce

Row = tuple[Any, ...]
NEW_ORDERS = Table(
    """
    insert into orders (
      id, account, symbol, type, is_buy, lasts, self_trade, wallet, list_id, strategy_id, strategy_type, price,
      "trigger", delta, at, quantity, amount, status, filled, cost, prevented, prevented_by, held, is_covered, ahead, queued,
      best, amended, changed_at, working_at, is_open, client_id, expiry
    )
    select * from unnest(
      %s::bigint[], %s::integer[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::text[],
      %s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[], %s::integer[], %s::timestamptz[],
      %s::numeric[], %s::numeric[], %s::text[], %s::numeric[], %s::numeric[], %s::numeric[], %s::bigint[], %s::numeric[],
      %s::boolean[], %s::numeric[], %s::bigint[], %s::numeric[], %s::integer[], %s::timestamptz[], %s::timestamptz[],
      %s::boolean[], %s::text[], %s::text[]
    )
    """,
    frozenset([2, 3, 5, 6, 7, 17, 31, 32]),
)
CHANGED_ORDERS = Table(
    """
    update orders o
    set quantity = c.quantity, amount = c.amount, status = c.status, filled = c.filled, cost = c.cost,
      prevented = c.prevented, prevented_by = c.prevented_by, held = c.held, is_covered = c.is_covered, ahead = c.ahead,
      queued = c.queued, best = c.best, amended = c.amended, changed_at = c.changed_at, working_at = c.working_at,
      is_open = c.is_open, client_id = c.client_id, expiry = c.expiry
    from unnest(
      %s::bigint[], %s::numeric[], %s::numeric[], %s::text[], %s::numeric[], %s::numeric[], %s::numeric[], %s::bigint[],
      %s::numeric[], %s::boolean[], %s::numeric[], %s::bigint[], %s::numeric[], %s::integer[], %s::timestamptz[],
      %s::timestamptz[], %s::boolean[], %s::text[], %s::text[]
    ) as c (
      id, quantity, amount, status, filled, cost, prevented, prevented_by, held, is_covered, ahead, queued, best, amended,
      changed_at, working_at, is_open, client_id, expiry
    )
    where o.id = c.id
    """,
    frozenset([3, 17, 18]),
)
LISTS = Table(
    """
    insert into order_lists (id, account, symbol, client_id, at, working, others)
    select id, account, symbol, client_id, at, working, others::bigint[]
    from unnest(
      %s::bigint[], %s::integer[], %s::text[], %s::text[], %s::timestamptz[], %s::bigint[], %s::text[]
    ) as l (id, account, symbol, client_id, at, working, others)
    """,
    frozenset([2, 3, 6]),
)
FILLS = Table(
    """
    insert into fills (
      id, account, symbol, wallet, "order", is_buy, is_maker, price, quantity, cost, commission, commission_asset, at
    )
    select * from unnest(
      %s::bigint[], %s::integer[], %s::text[], %s::text[], %s::bigint[], %s::boolean[], %s::boolean[], %s::numeric[],
      %s::numeric[], %s::numeric[], %s::numeric[], %s::text[], %s::timestamptz[]
    )
    """,
    frozenset([2, 3, 11]),
)
PREVENTED = Table(
    """
    insert into prevented_matches (id, account, symbol, price, taker, maker, taker_quantity, maker_quantity, at)
    select * from unnest(
      %s::bigint[], %s::integer[], %s::text[], %s::numeric[], %s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[],
      %s::timestamptz[]
    )
    """,
    frozenset([2]),
)


def write_identity(order: Order, account: int) -> Row:
    """What never changes of an order."""
    return (order.id, account, order.symbol, order.type, order.is_buy, order.lasts, order.self_trade, order.wallet,
            order.list_id, *order.strategy, order.price, order.trigger, order.trailing, order.at)  # fmt: skip


def write_state(order: Order) -> Row:
    """What does, as it is now."""
    return (order.quantity, order.amount, order.status, order.filled, order.cost, order.prevented, order.prevented_by,
            order.held, order.is_covered, order.ahead, order.queued, order.best, order.amended, order.changed_at,
            order.working_at, order.waits, order.client_id, order.expiry)  # fmt: skip


COLUMNS = """
      o.id, a.name, symbol, type, is_buy, lasts, self_trade, wallet, client_id, list_id, strategy_id, strategy_type, price,
      "trigger", delta, at, quantity, amount, status, filled, cost, prevented, prevented_by, held, is_covered, ahead, queued,
      best, amended, changed_at, working_at, expiry"""
TYPES = {one.value: one for one in OrderType}
LASTINGS = {one.value: one for one in TimeInForce}
SELF_TRADES = {one.value: one for one in SelfTrade}
EXPIRIES = {one.value: one for one in Expiry}
STATUSES = {one.value: one for one in Status}


def read_order(row: Sequence[Any]) -> Order:
    """An order from `COLUMNS`."""
    (number, owner, symbol, kind, is_buy, lasts, self_trade, wallet, client_id, list_id, plan, plan_kind, price, trigger,
     trailing, at, quantity, amount, status, filled, cost, prevented, prevented_by, held, is_covered, ahead, queued, best,
     amended, changed_at, working_at, expiry) = row  # fmt: skip
    return Order(
        id=number,
        owner=owner,
        symbol=symbol,
        type=TYPES[kind],
        is_buy=is_buy,
        quantity=quantity,
        price=price,
        amount=amount,
        trigger=trigger,
        trailing=trailing,
        lasts=LASTINGS[lasts],
        self_trade=SELF_TRADES[self_trade],
        wallet=wallet,
        client_id=client_id,
        list_id=list_id,
        strategy=(plan, plan_kind),
        at=at,
        changed_at=changed_at,
        working_at=working_at,
        status=STATUSES[status],
        expiry=EXPIRIES.get(expiry),
        filled=filled,
        cost=cost,
        prevented=prevented,
        prevented_by=prevented_by,
        held=held,
        is_covered=is_covered,
        ahead=ahead,
        queued=queued,
        best=best,
        amended=amended,
    )


def write_list(found: OrderList, account: int) -> Row:
    """A list; how far it is, its orders know."""
    others = "{" + ",".join(str(one.id) for one in found.others) + "}"
    working = found.working.id if found.working else None
    return (found.id, account, found.symbol, found.client_id, found.at, working, others)


def write_fill(fill: Fill, account: int) -> Row:
    """One side of a trade."""
    return (fill.id, account, fill.symbol, fill.market, fill.order, fill.is_buy, fill.is_maker, fill.price, fill.quantity,
            fill.cost, fill.commission, fill.commission_asset, fill.at)  # fmt: skip


def write_prevented(match: PreventedMatch, account: int) -> Row:
    """A trade that was not made."""
    return (match.id, account, match.symbol, match.price, match.taker, match.maker, match.taker_quantity,
            match.maker_quantity, match.at)  # fmt: skip
