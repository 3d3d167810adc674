"""`python -m monitor orders list`: what was ordered, what of it was done, and what waits."""

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.decimals import plain
from finance.orders import OrderRecord, OrderState
from monitor.accounts.registry import choose_accounts
from monitor.commands.columns import align
from monitor.ledger.store.orders import load_orders
from monitor.settings import Settings
from sql.rows import Db

STATES: Mapping[str, tuple[OrderState, ...]] = {
    "open": tuple(state for state in OrderState if state.is_open),
    "filled": (OrderState.FILLED,),
    "all": tuple(OrderState),
}
MOST_LISTED = 100
COLUMNS = ("id", "ordered", "symbol", "side", "type", "quantity", "price", "trigger", "done", "at", "state")
TEXTS = ("id", "ordered", "symbol", "side", "type", "state")
NONE = {"open": "no order waits", "filled": "no order was filled", "all": "no orders"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `orders`."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="orders, each as it was last seen, the newest first")
    listing.add_argument(
        "--state", choices=list(STATES), default="all", help="only those that wait, or that were filled"
    )
    listing.add_argument("--account", help="the account's label; every account if left out")
    listing.add_argument("--json", action="store_true", help="print all of them and every digit as JSON")
    listing.set_defaults(run=run_list)


def run_list(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print orders; returns 0."""
    rows = choose_accounts(db, arguments.account)
    found = [(row.label, load_orders(db, row.id, STATES[arguments.state])) for row in rows]
    if arguments.json:
        print(json.dumps([{"account": label, "orders": [*map(_as_json, orders)]} for label, orders in found], indent=2))
    else:
        print("\n\n".join(_format(label, orders, NONE[arguments.state]) for label, orders in found))
    return 0


def _format(label: str, orders: Sequence[OrderRecord], none: str) -> str:
    if not orders:
        return f"{label}: {none}"
    lines = align([COLUMNS, *map(_row, orders[:MOST_LISTED])], TEXTS)
    if len(orders) > MOST_LISTED:
        lines.append(f"the newest {MOST_LISTED} of {len(orders):,}; --json prints all of them")
    return "\n".join([f"{label}:", *lines])


def _row(order: OrderRecord) -> tuple[str, ...]:
    return (
        order.exchange_id,
        f"{order.ordered_at:%Y-%m-%d %H:%M}",
        order.symbol,
        order.side,
        order.type,
        _describe_quantity(order),
        _figure(order.price) or "market",
        _figure(order.trigger_price),
        _figure(order.executed_quantity),
        "" if order.average_price is None else plain(round(order.average_price, 8)),
        order.state.replace("_", " "),
    )


def _describe_quantity(order: OrderRecord) -> str:
    if order.quantity is not None:
        return plain(order.quantity)
    return "the position" if order.quote_quantity is None else f"for {plain(order.quote_quantity)}"


def _figure(amount: Decimal | None) -> str:
    return "" if amount is None else plain(amount)


def _as_json(order: OrderRecord) -> dict[str, Any]:
    amounts = (
        "quantity",
        "quote_quantity",
        "price",
        "trigger_price",
        "executed_quantity",
        "executed_quote",
        "average_price",
        "take_profit",
        "stop_loss",
        "leverage",
    )
    found = {name: getattr(order, name) for name in amounts}
    return {
        "id": order.exchange_id,
        "client_id": order.client_id,
        "market": order.market,
        "symbol": order.symbol,
        "base": order.base_asset,
        "quote": order.quote_asset,
        "side": order.side,
        "type": order.type,
        "position_side": order.position_side,
        "reduces": order.reduces,
        **{name: None if amount is None else plain(amount) for name, amount in found.items()},
        "state": str(order.state),
        "parent_id": order.parent_id,
        "list_id": order.list_id,
        "became_id": order.became_id,
        "margin_mode": order.margin_mode,
        "ordered_at": _iso(order.ordered_at),
        "updated_at": _iso(order.updated_at),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
