"""Old plans: the rows of `processed_orders` as plans of ours, each with the one order that it can be of."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from finance.order_plans import MARGIN_MODES, OrderPlan, Target
from monitor.legacy.fields import Unreadable, read_list, read_moment, read_positive, read_price, read_text
from monitor.legacy.orders import ENTRY, OldOrder, name_symbol
from monitor.legacy.planning import LEGACY
from monitor.legacy.tables import Fault, OldTables, Row

NEAR = timedelta(days=1)  # an order was given so long after its plan at most
LEVERAGE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*[xX]?")


def read_plans(tables: OldTables, orders: Sequence[OldOrder]) -> tuple[list[OrderPlan], list[Fault]]:
    """Every plan, and what is wrong with rows. `orders` are those of the exchange that the plans are of."""
    plans, faults = [], []
    seen: set[str] = set()
    for row in tables["processed_orders"]:
        try:
            plan = _read_plan(row, orders)
        except Unreadable as unreadable:
            faults.append(Fault(row.name, f"{unreadable}; left out"))
            continue
        if plan.id in seen:
            faults.append(Fault(row.name, "has the id of another row; left out"))
            continue
        seen.add(plan.id)
        plans.append(plan)
    return plans, faults


def _read_plan(row: Row, orders: Iterable[OldOrder]) -> OrderPlan:
    side, symbol = read_text(row, "side").lower(), name_symbol(read_text(row, "symbol"))
    at = read_moment(row, "timestamp") or read_moment(row, "created_at")
    if side not in ("buy", "sell"):
        raise Unreadable(f"side '{row.text('side')}' is neither BUY nor SELL")
    if at is None:
        raise Unreadable("timestamp and created_at are empty")
    quantity = read_positive(row, "quantity")
    order = _find_order(orders, symbol, side, quantity, at)
    mode = row.text("margin_mode").lower()
    return OrderPlan(
        id=f"{LEGACY}-{row.text('id') or f'row-{row.number}'}",
        source=LEGACY,
        planned_at=at,
        symbol=symbol,
        side=side,
        order_id=order.order_id if order else "",
        entry=read_positive(row, "entry_price"),
        stop=read_positive(row, "stop_loss"),
        targets=_read_targets(row),
        quantity=quantity,
        notional=read_positive(row, "notional"),
        leverage=_read_leverage(row),
        amount_percentage=read_positive(row, "amount_percentage"),
        confidence=row.text("confidence"),
        timeframe=row.text("timeframe"),
        analysis_type=row.text("analysis_type"),
        market_condition=row.text("market_condition"),
        risk_level=row.text("risk_level"),
        order_type=row.text("order_type").lower(),
        force=row.text("force").lower(),
        margin_mode="cross" if mode == "crossed" else mode if mode in MARGIN_MODES else "",
    )


def _read_leverage(row: Row) -> Decimal | None:
    text = row.text("leverage")
    if not text:
        return None
    found = LEVERAGE.fullmatch(text)
    if not found:
        raise Unreadable(f"leverage '{text}' is not like 10x")
    return Decimal(found[1]) or None


def _read_targets(row: Row) -> tuple[Target, ...]:
    levels = read_list(row, "take_profit_levels")
    return tuple(_read_target(number, one) for number, one in enumerate(levels, start=1))


def _read_target(number: int, one: object) -> Target:
    if not isinstance(one, dict):
        return Target(level=number, price=read_price(one, "take_profit_levels"))
    part = one.get("percentage")
    return Target(
        level=number,
        price=read_price(one.get("price"), "take_profit_levels"),
        percentage=None if part is None else read_price(part, "take_profit_levels"),
    )


def _find_order(
    orders: Iterable[OldOrder], symbol: str, side: str, quantity: Decimal | None, planned_at: datetime
) -> OldOrder | None:
    """The one entry that agrees with a plan in pair, side and size and was given soon after it; None where several do."""
    found = [
        one
        for one in orders
        if one.symbol == symbol
        and one.side == side
        and one.quantity == quantity
        and one.links.role in ("", ENTRY)
        and timedelta(0) <= one.ordered_at - planned_at <= NEAR
    ]
    return found[0] if len(found) == 1 else None
