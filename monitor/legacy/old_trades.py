"""Old trades: the rows of `trade_history`, or where there are none what the old script made of the orders.

The script paired each entry with each of its exits, and took the whole entry and the orders' prices for every pair.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.decimals import exact
from finance.orders import OrderState
from monitor.legacy.fields import Unreadable, read_amount, read_moment, read_order_number, read_text
from monitor.legacy.orders import ENTRY, OldOrder, OrderKey, name_exchange, name_symbol
from monitor.legacy.tables import Fault, OldTables, Row

SCRIPT = "the old script"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldTrade:
    """What the old system called a trade: one entry and one exit of it. Amounts are in the quote."""

    name: str  # of its row, or of its orders
    exchange: str
    symbol: str
    is_short: bool
    entry_id: str
    exit_id: str
    entry_price: Decimal | None
    exit_price: Decimal | None
    entry_quantity: Decimal
    exit_quantity: Decimal
    gross: Decimal | None
    net: Decimal | None
    percentage: Decimal | None
    roi: Decimal | None
    leverage: Decimal
    exit_type: str
    closed_at: datetime | None

    @property
    def entry(self) -> OrderKey:
        """The order that entered it."""
        return OrderKey(self.symbol, self.entry_id)

    @property
    def exit(self) -> OrderKey:
        """The order that closed it."""
        return OrderKey(self.symbol, self.exit_id)


def read_old_trades(tables: OldTables, orders: Sequence[OldOrder]) -> tuple[list[OldTrade], list[Fault]]:
    """Every old trade, and what is wrong with rows."""
    if "trade_history" not in tables.rows:
        return list(pair_orders(orders)), []
    trades, faults = [], []
    numbers = {row.text("id"): row for row in tables["positions"]}
    for row in tables["trade_history"]:
        try:
            trades.append(_read_trade(row))
        except Unreadable as unreadable:
            faults.append(Fault(row.name, f"{unreadable}; not compared"))
            continue
        if not trades[-1].entry_quantity or not trades[-1].exit_quantity:
            faults.append(Fault(row.name, "is a trade of nothing: ours has none"))
        if (position := row.text("position_id")) and numbers and position not in numbers:
            faults.append(Fault(row.name, f"belongs to the position {position}, which is not there"))
    return trades, faults


def _read_trade(row: Row) -> OldTrade:
    entry, exited = read_order_number(row, "entry_order_id"), read_order_number(row, "exit_order_id")
    side = read_text(row, "side").upper()
    if side not in ("LONG", "SHORT"):
        raise Unreadable(f"side '{side}' is neither LONG nor SHORT")
    return OldTrade(
        name=row.name,
        exchange=name_exchange(read_text(row, "exchange")),
        symbol=name_symbol(read_text(row, "symbol")),
        is_short=side == "SHORT",
        entry_id=entry.text if entry else "",
        exit_id=exited.text if exited else "",
        entry_price=read_amount(row, "entry_price"),
        exit_price=read_amount(row, "exit_price"),
        entry_quantity=read_amount(row, "entry_quantity") or Decimal(0),
        exit_quantity=read_amount(row, "exit_quantity") or Decimal(0),
        gross=read_amount(row, "gross_pnl"),
        net=read_amount(row, "net_pnl"),
        percentage=read_amount(row, "pnl_percentage"),
        roi=read_amount(row, "roi_percentage"),
        leverage=read_amount(row, "leverage") or Decimal(1),
        exit_type=row.text("exit_type"),
        closed_at=read_moment(row, "exit_time"),
    )


def pair_orders(orders: Iterable[OldOrder]) -> Iterable[OldTrade]:
    """What the old script made of the orders: a trade for each filled exit of each filled entry."""
    filled = [one for one in orders if one.state is OrderState.FILLED]
    exits: defaultdict[tuple[str, str], list[OldOrder]] = defaultdict(list)
    for one in filled:
        if one.links.parent_id:
            exits[one.exchange, one.links.parent_id].append(one)
    for entry in filled:
        if entry.links.role == ENTRY:
            yield from (_pair(entry, one) for one in exits[entry.exchange, entry.order_id])


@exact
def _pair(entry: OldOrder, exited: OldOrder) -> OldTrade:
    is_short = entry.side == "sell"
    gross = None
    if entry.price is not None and exited.price is not None:
        gross = (exited.price - entry.price) * entry.executed * (-1 if is_short else 1)
    cost = entry.price * entry.executed if entry.price else None
    return OldTrade(
        name=f"{SCRIPT}, {entry.row} and {exited.row}",
        exchange=entry.exchange,
        symbol=entry.symbol,
        is_short=is_short,
        entry_id=entry.order_id,
        exit_id=exited.order_id,
        entry_price=entry.price,
        exit_price=exited.price,
        entry_quantity=entry.executed,
        exit_quantity=exited.executed,
        gross=gross,
        net=gross,
        percentage=gross / cost * 100 if gross is not None and cost else None,
        roi=None,
        leverage=Decimal(1),
        exit_type=exited.links.role or "MANUAL",
        closed_at=exited.filled_at,
    )


def find_orphans(orders: Sequence[OldOrder]) -> list[Fault]:
    """Exits whose entry is not among the orders: the old system left them out of every trade without a word."""
    known = {(one.exchange, one.order_id) for one in orders}
    orphans = [one for one in orders if one.is_closing and (one.exchange, one.links.parent_id) not in known]
    return [
        Fault(
            one.row,
            f"is an exit ({one.links.role}) {_whose(one)}: it was in no old trade; the order comes without a parent",
        )
        for one in orphans
    ]


def _whose(order: OldOrder) -> str:
    return f"of the order {order.links.parent_id}, which is not there" if order.links.parent_id else "of no order"
