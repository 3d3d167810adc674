"""What an account's stream tells: orders, lists of orders and balances, each as Binance writes it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from paper.engine.changes import Entry
from paper.ledger.balances import Ledger, Movement, Place
from paper.trading.funds import LOCKED, SPOT, value
from paper.trading.orders import ZERO, Kind, Order, OrderList, PreventedMatch, Report, Status
from paper.wire.binance.order_rows import name_of, status_of, write_list
from paper.wire.binance.request import milliseconds, plain

Event = dict[str, Any]
KINDS = {
    Kind.NEW: "NEW",
    Kind.ACTIVATED: "NEW",
    Kind.TRIGGERED: "NEW",
    Kind.TRADE: "TRADE",
    Kind.CANCELED: "CANCELED",
    Kind.EXPIRED: "EXPIRED",
    Kind.PREVENTED: "TRADE_PREVENTION",
    Kind.REPLACED: "REPLACED",
}
WAITING = (Status.NEW, Status.PARTIALLY_FILLED)


def write_execution(report: Report, number: int, now: datetime) -> Event:
    """executionReport: one thing that happened to an order; `number` is of its own."""
    order, is_cancel = report.order, report.kind is Kind.CANCELED and bool(report.order.cancel_id)
    return {
        "e": "executionReport",
        "E": milliseconds(now),
        "s": order.symbol,
        "c": order.cancel_id if is_cancel else name_of(order),
        "S": "BUY" if order.is_buy else "SELL",
        "o": order.type.name,
        "f": order.lasts.name,
        "q": plain(order.quantity),
        "p": plain(order.price),
        "P": plain(order.trigger),
        "F": plain(ZERO),
        "g": order.list_id or -1,
        "C": name_of(order) if is_cancel else "",
        "x": KINDS[report.kind],
        "X": status_of(report.status),
        "r": "NONE",
        "i": order.id,
        **_write_fill(report),
        "T": milliseconds(report.at),
        "I": number,
        "w": _is_in_book(report),
        "M": False,
        "O": milliseconds(order.at),
        "z": plain(report.filled),
        "Z": plain(report.cost),
        "Q": plain(order.amount),
        "V": order.self_trade.name,
        **_write_special(report),
    }


def _write_fill(report: Report) -> Event:
    fill = report.fill
    return {
        "l": plain(fill.quantity if fill else ZERO),
        "L": plain(fill.price if fill else ZERO),
        "n": plain(fill.commission) if fill else "0",
        "N": fill.commission_asset if fill else None,
        "t": fill.id if fill else -1,
        "m": bool(fill and fill.is_maker),
        "Y": plain(fill.cost if fill else ZERO),
    }


def _is_in_book(report: Report) -> bool:
    """Whether an order can be met from then on."""
    order = report.order
    waits_for_price = order.type.is_triggered and report.kind in (Kind.NEW, Kind.ACTIVATED)
    return report.status in WAITING and not waits_for_price and not order.is_at_market


def _write_special(report: Report) -> Event:
    """What is told of some orders only."""
    order, found = report.order, Event()
    if order.working_at:
        found["W"] = milliseconds(order.working_at)
    if order.trailing:
        found |= {"d": order.trailing, "D": milliseconds(order.at) if order.best else -1}
    if order.expiry and report.kind is Kind.EXPIRED:
        found["eR"] = order.expiry.name
    found |= {name: said for name, said in zip("jJ", order.strategy, strict=True) if said}
    return found | (_write_prevented(order, report.prevented) if report.prevented else {})


def _write_prevented(order: Order, match: PreventedMatch) -> Event:
    is_taker = order.id == match.taker
    quantity = max(match.taker_quantity, match.maker_quantity)
    return {
        "v": match.id,
        "A": plain(order.prevented),
        "B": plain(match.taker_quantity if is_taker else match.maker_quantity),
        "u": 1,
        "U": match.maker if is_taker else match.taker,
        "Cs": match.symbol,
        "pl": plain(quantity),
        "pL": plain(match.price),
        "pY": plain(value(quantity, match.price)),
    }


def write_list_status(found: OrderList, now: datetime) -> Event:
    """listStatus: a list that was given, or has ended."""
    row = write_list(found)
    return {
        "e": "listStatus",
        "E": milliseconds(now),
        "s": found.symbol,
        "g": found.id,
        "c": row["contingencyType"],
        "l": row["listStatusType"],
        "L": row["listOrderStatus"],
        "r": "NONE",
        "C": row["listClientOrderId"],
        "T": row["transactionTime"],
        "O": [{"s": one["symbol"], "i": one["orderId"], "c": one["clientOrderId"]} for one in row["orders"]],
    }


def list_balance_events(ledger: Ledger, owner: str, entry: Entry, now: datetime) -> Iterator[Event]:
    """What came into an account's spot wallet or went out of it otherwise than by trades, and what it has now of all that moved."""
    places = ((owner, SPOT), (owner, LOCKED))
    moved = [one for one in entry.movements if one.amount and (one.source in places or one.target in places)]
    for asset, change in _add_up(moved, places).items():
        told = {"a": asset, "d": plain(change), "T": milliseconds(entry.at)}
        yield {"e": "balanceUpdate", "E": milliseconds(now)} | told
    if assets := sorted({one.asset for one in moved}):
        yield {
            "e": "outboundAccountPosition",
            "E": milliseconds(now),
            "u": milliseconds(entry.at),
            "B": [_write_balance(ledger, places, asset) for asset in assets],
        }


def _add_up(moved: Iterable[Movement], places: tuple[Place, Place]) -> dict[str, Decimal]:
    """What each asset has become more or less by, but for trades, which say what they are about."""
    sums: dict[str, Decimal] = {}
    for one in moved:
        sign = (one.target in places) - (one.source in places)
        if sign and not one.about:
            sums[one.asset] = sums.get(one.asset, ZERO) + sign * one.amount
    return {asset: change for asset, change in sums.items() if change}


def _write_balance(ledger: Ledger, places: tuple[Place, Place], asset: str) -> dict[str, str]:
    free, locked = (plain(ledger.balance(place, asset)) for place in places)
    return {"a": asset, "f": free, "l": locked}


def write_end(now: datetime) -> Event:
    """eventStreamTerminated: nothing more is told."""
    return {"e": "eventStreamTerminated", "E": milliseconds(now)}


def write_shutdown(now: datetime) -> Event:
    """serverShutdown: the connection is about to end."""
    return {"e": "serverShutdown", "E": milliseconds(now)}
