"""Old orders: what each row of `orders` and `open_orders` says, or why it says nothing that can be used."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from finance.decimals import plain
from finance.orders import OrderState
from monitor.legacy.fields import (
    Unreadable,
    read_amount,
    read_list,
    read_moment,
    read_order_number,
    read_positive,
    read_price,
    read_text,
)
from monitor.legacy.tables import Fault, OldTables, Row

T = TypeVar("T")
STATES = {
    # Whether it still waits only the exchange knows, which shows it by itself if it does.
    **dict.fromkeys(("NEW", "OPEN", "LIVE", "PARTIALLY_FILLED", "PARTIAL_FILL"), OrderState.GONE),
    **dict.fromkeys(("FILLED", "FULL_FILL"), OrderState.FILLED),
    **dict.fromkeys(("CANCELED", "CANCELLED"), OrderState.CANCELLED),
    **dict.fromkeys(("EXPIRED", "EXPIRED_IN_MATCH"), OrderState.EXPIRED),
    "REJECTED": OrderState.REJECTED,
}
ROLE = re.compile(r"ENTRY|SL|TP[0-9]?")
OF_CONTRACTS = re.compile(r"_(UMCBL|DMCBL|CMCBL)$")
OF_SPOT = re.compile(r"_SPBL$")
AVERAGES = ("average_price", "avg_price")  # columns that some copies of the table have
ENTRY = "ENTRY"


class OrderKey(NamedTuple):
    """A symbol as we write it, and the number of an order: some exchanges number the orders of each pair by themselves."""

    symbol: str
    number: str


class Links(NamedTuple):
    """What an order has to do with others, and where what it begins was to end."""

    role: str = ""  # ENTRY, TP1, TP2, SL; empty: none
    parent_id: str = ""
    group_id: str = ""
    tp_levels: tuple[Decimal, ...] = ()
    sl_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldOrder:
    """One order, as the older system kept it."""

    row: str
    number: int  # of its row
    exchange: str
    user: str
    symbol: str  # as we write it
    is_contract: bool  # its symbol says so
    order_id: str
    is_doubtful: bool  # its number may have been rounded
    client_id: str
    side: str  # buy or sell
    type: str  # in small letters
    quantity: Decimal
    price: Decimal | None  # of a limit order its limit, of one at the market's price what was paid
    stated_average: Decimal | None  # a column of its own
    executed: Decimal
    status: str  # in the old system's word
    state: OrderState
    links: Links
    ordered_at: datetime
    filled_at: datetime | None
    note: str

    @property
    def key(self) -> OrderKey:
        """What identifies it at its exchange."""
        return OrderKey(self.symbol, self.order_id)

    @property
    def is_limit(self) -> bool:
        """Whether its price is the one that was asked for, and not the one that was paid."""
        return self.type != "market"

    @property
    def average(self) -> Decimal | None:
        """What was paid for one, as far as the old system knew it."""
        return self.stated_average or (None if self.is_limit else self.price)

    @property
    def is_closing(self) -> bool:
        """Whether it was to end what another had begun."""
        return self.links.role not in ("", ENTRY)


def read_orders(tables: OldTables, exchange_of_open: str) -> tuple[list[OldOrder], list[Fault]]:
    """Every order, each once, and what is wrong with rows. `open_orders` names no exchange: it was of `exchange_of_open`."""
    faults: list[Fault] = []
    found = [_read(_read_order, row, faults) for row in tables["orders"]]
    known = {(one.exchange, one.order_id) for one in found if one}
    waiting = [_read(lambda row: _read_open(row, exchange_of_open), row, faults) for row in tables["open_orders"]]
    found += [one for one in waiting if one and (one.exchange, one.order_id) not in known]
    return _drop_repeated([one for one in found if one], faults), faults


def _read(make: Callable[[Row], tuple[T, Sequence[str]]], row: Row, faults: list[Fault]) -> T | None:
    try:
        made, lost = make(row)
    except Unreadable as unreadable:
        faults.append(Fault(row.name, f"{unreadable}; left out"))
        return None
    faults += [Fault(row.name, f"{reason}; the order comes without it") for reason in lost]
    return made


def _read_order(row: Row) -> tuple[OldOrder, Sequence[str]]:
    number, side, status = (
        read_order_number(row, "order_id"),
        read_text(row, "side").lower(),
        row.text("status").upper(),
    )
    quantity, executed = read_amount(row, "quantity"), read_amount(row, "executed_qty") or Decimal(0)
    ordered_at, filled_at = read_moment(row, "order_timestamp"), read_moment(row, "filled_timestamp")
    if number is None or ordered_at is None or quantity is None:
        raise Unreadable("order_id, quantity or order_timestamp is empty")
    if side not in ("buy", "sell"):
        raise Unreadable(f"side '{row.text('side')}' is neither BUY nor SELL")
    if status not in STATES:
        raise Unreadable(f"status '{status}' is none that is known")
    if quantity < 0 or not 0 <= executed <= quantity:
        raise Unreadable(f"executed_qty {plain(executed)} of quantity {plain(quantity)} can't be")
    if filled_at and filled_at < ordered_at:
        raise Unreadable("filled_timestamp is before order_timestamp")
    links, lost = _read_links(row)
    order = OldOrder(
        row=row.name,
        number=row.number,
        exchange=name_exchange(read_text(row, "exchange")),
        user=row.text("user_id"),
        symbol=name_symbol(read_text(row, "symbol")),
        is_contract=bool(OF_CONTRACTS.search(row.text("symbol").upper())),
        order_id=number.text,
        is_doubtful=number.is_doubtful,
        client_id=row.text("client_order_id"),
        side=side,
        type=read_text(row, "type").lower(),
        quantity=quantity,
        price=read_positive(row, "price"),
        stated_average=next((price for name in AVERAGES if (price := read_positive(row, name))), None),
        executed=executed,
        status=status,
        state=STATES[status],
        links=links,
        ordered_at=ordered_at,
        filled_at=filled_at,
        note=row.text("note"),
    )
    return order, lost


def _read_links(row: Row) -> tuple[Links, list[str]]:
    """What an order has to do with others, and what of it can't be read."""
    lost: list[str] = []
    parent, role = _try(lambda: read_order_number(row, "parent_order_id"), lost), row.text("order_role").upper()
    if role and not ROLE.fullmatch(role):
        lost.append(f"order_role '{role}' is none that is known")
        role = ""
    links = Links(
        role=role,
        parent_id=parent.text if parent else "",
        group_id=row.text("order_group_id"),
        tp_levels=_try(lambda: _read_levels(row), lost) or (),
        sl_price=_try(lambda: read_positive(row, "sl_price"), lost),
    )
    return links, lost


def _try(read: Callable[[], T], lost: list[str]) -> T | None:
    try:
        return read()
    except Unreadable as unreadable:
        lost.append(str(unreadable))
        return None


def _read_levels(row: Row) -> tuple[Decimal, ...]:
    levels = read_list(row, "tp_levels")
    return tuple(read_price(one.get("price") if isinstance(one, dict) else one, "tp_levels") for one in levels)


def _read_open(row: Row, exchange: str) -> tuple[OldOrder, Sequence[str]]:
    """An order that waited when the old system looked last; what has become of it the exchange knows."""
    written = {
        **row.fields,
        "exchange": exchange,
        "type": row.text("order_type"),
        "price": row.text("entry_price"),
        "executed_qty": "0",
        "status": "NEW",
        "order_timestamp": row.text("trade_placement_time"),
        "filled_timestamp": "",
        "client_order_id": row.text("client_oid"),
        "sl_price": row.text("stop_loss"),
        "tp_levels": f"[{level}]" if (level := row.text("take_profit")) else "",
    }
    return _read_order(replace(row, fields=written))


def name_exchange(text: str) -> str:
    """An exchange as we call it: gate of Gate.io or gateio."""
    return text.strip().lower().replace(".", "").removesuffix("io")


def name_symbol(text: str) -> str:
    """A pair or contract as we write it: large letters, without what stands between its assets or behind them."""
    plain_name = OF_SPOT.sub("", OF_CONTRACTS.sub("", text.strip().upper()))
    return plain_name.replace("_", "").replace("-", "").replace("/", "")


def _drop_repeated(orders: Iterable[OldOrder], faults: list[Fault]) -> list[OldOrder]:
    """Of rows about one order the one that says the most: of which most was done, the later one of two that say the same."""
    best: dict[tuple[str, OrderKey], OldOrder] = {}
    for order in orders:
        key = order.exchange, order.key
        before = best.get(key)
        if before is None:
            best[key] = order
            continue
        best[key], left = (before, order) if _says(before) > _says(order) else (order, before)
        same = replace(left, row=best[key].row, number=best[key].number) == best[key]
        what = "says the same again" if same else "is an earlier state of the same order"
        faults.append(Fault(left.row, f"{what} as {best[key].row}; left out"))
    return list(best.values())


def _says(order: OldOrder) -> tuple[bool, Decimal]:
    return order.state is not OrderState.GONE, order.executed
