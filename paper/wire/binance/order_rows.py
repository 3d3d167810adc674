"""How an order, its fills, a list of orders and what trades cost are written."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from paper.engine.commissions import OWN_COINS, OWN_RATE, RATE
from paper.trading.orders import Order, OrderList, Report, Status
from paper.wire.binance.request import Asked, milliseconds, plain, zeros

HIDDEN = ("time", "updateTime", "isWorking", "icebergQty")  # of an order's row in lists, in what answers a command


def name_of(order: Order) -> str:
    """The client's id of an order, or one that is made for it."""
    return order.client_id or f"paper{order.id}"


def write_order(order: Order) -> dict[str, Any]:
    """A row of any of these lists."""
    return {
        "symbol": order.symbol,
        "orderId": order.id,
        "orderListId": order.list_id or -1,
        "clientOrderId": name_of(order),
        "price": plain(order.price),
        "origQty": plain(order.quantity),
        "executedQty": plain(order.filled),
        "cummulativeQuoteQty": plain(order.cost),
        "status": status_of(order.status),
        "timeInForce": order.lasts.name,
        "type": order.type.name,
        "side": "BUY" if order.is_buy else "SELL",
        "stopPrice": plain(order.trigger),
        "icebergQty": plain(Decimal(0)),
        "time": milliseconds(order.at),
        "updateTime": milliseconds(order.changed_at),
        "isWorking": not order.type.is_triggered or bool(order.filled),
        "workingTime": when(order.working_at),
        "origQuoteOrderQty": plain(order.amount),
        "selfTradePreventionMode": order.self_trade.name,
        **_write_special(order),
    }


def when(moment: datetime | None) -> int:
    """A time as Binance writes it, -1 where there is none."""
    return -1 if moment is None else milliseconds(moment)


def _write_special(order: Order) -> dict[str, Any]:
    """What is written of some orders only."""
    found: dict[str, Any] = {}
    if order.trailing:
        found |= {"trailingDelta": order.trailing, "trailingTime": milliseconds(order.at) if order.best else -1}
    found |= {name: said for name, said in zip(("strategyId", "strategyType"), order.strategy, strict=True) if said}
    if order.expiry:
        found["expiryReason"] = order.expiry.name
    if order.prevented:
        found |= {"preventedMatchId": order.prevented_by, "preventedQuantity": plain(order.prevented)}
    return found


def status_of(status: Status) -> str:
    """A status as Binance calls it."""
    return "PENDING_NEW" if status is Status.PENDING else status.name


def write_placed(order: Order, reports: list[Report], kind: str) -> dict[str, Any]:
    """An order that was just given, as it stands."""
    head = {
        "symbol": order.symbol,
        "orderId": order.id,
        "orderListId": order.list_id or -1,
        "clientOrderId": name_of(order),
        "transactTime": milliseconds(order.at),
    }
    if kind == "ACK":
        return head
    row = {name: value for name, value in write_order(order).items() if name not in HIDDEN}
    answer = head | row | {"workingTime": when(order.working_at)}
    if not order.type.is_triggered:
        del answer["stopPrice"]
    if kind == "FULL":
        answer["fills"] = [_write_fill(one) for one in reports if one.fill and one.order is order]
    return answer


def _write_fill(report: Report) -> dict[str, Any]:
    fill = report.fill
    assert fill is not None
    return {
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        "commission": plain(fill.commission),
        "commissionAsset": fill.commission_asset,
        "tradeId": fill.id,
    }


def write_cancelled(order: Order) -> dict[str, Any]:
    """An order that was just taken back."""
    names = {"origClientOrderId": name_of(order), "clientOrderId": order.cancel_id or name_of(order)}
    row = write_placed(order, [], "RESULT") | names
    return {name: value for name, value in row.items() if name != "workingTime"} | {
        "transactTime": milliseconds(order.changed_at)
    }


def write_list(found: OrderList) -> dict[str, Any]:
    """A list as it stands."""
    contingency = "OCO" if found.working is None else "OTO"
    return {
        "orderListId": found.id,
        "contingencyType": contingency,
        "listStatusType": "ALL_DONE" if found.is_done else "EXEC_STARTED",
        "listOrderStatus": "ALL_DONE" if found.is_done else "EXECUTING",
        "listClientOrderId": found.client_id or f"paper{found.id}",
        "transactionTime": milliseconds(max(one.changed_at for one in found.orders)),
        "symbol": found.symbol,
        "orders": [{"symbol": one.symbol, "orderId": one.id, "clientOrderId": name_of(one)} for one in found.orders],
    }


def write_rates(asked: Asked, *sides: str) -> dict[str, Any]:
    """What trades cost, by whose side it is."""
    return {
        "standardCommission": zeros(*sides) | {"maker": plain(RATE), "taker": plain(RATE)},
        "specialCommission": zeros(*sides),
        "taxCommission": zeros(*sides),
        "discount": {
            "enabledForAccount": bool(asked.account.pays_in),
            "enabledForSymbol": True,
            "discountAsset": OWN_COINS[asked.account.exchange],
            "discount": plain(OWN_RATE / RATE),
        },
    }


def write_amended(order: Order, before: str) -> dict[str, Any]:
    """An order whose quantity was made less; `before` is what its client called it until then."""
    return {
        "symbol": order.symbol,
        "orderId": order.id,
        "orderListId": order.list_id or -1,
        "origClientOrderId": before,
        "clientOrderId": name_of(order),
        "price": plain(order.price),
        "qty": plain(order.quantity),
        "executedQty": plain(order.filled),
        "preventedQty": plain(order.prevented),
        "quoteOrderQty": plain(order.amount),
        "cumulativeQuoteQty": plain(order.cost),
        "status": order.status.name,
        "timeInForce": order.lasts.name,
        "type": order.type.name,
        "side": "BUY" if order.is_buy else "SELL",
        "workingTime": when(order.working_at),
        "selfTradePreventionMode": order.self_trade.name,
    }
