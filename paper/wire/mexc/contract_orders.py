"""/api/v1/private/order, planorder, stoporder: orders of contracts that wait, and what takes the profit or stops the loss.

What waits and buys opens a long here, what waits and sells closes one.
"""

from decimal import Decimal
from typing import Any

from paper.accounts import WaitingContract
from paper.contract_orders import list_triggers
from paper.futures import is_inverse
from paper.wire.mexc.contract import find_symbol, name_contract, size_of
from paper.wire.mexc.futures import LONG, SHORT, read_paging
from paper.wire.mexc.request import Asked, enveloped, milliseconds, number

OPENS_LONG, CLOSES_LONG = 1, 4
STATES = {"open": 2, "cancelled": 4}
TRIGGER_STATES = {"open": 1, "cancelled": 2, "triggered": 3}
LIMIT_ORDER, CROSSED, LEVERAGE = 1, 2, 20


def open_orders(asked: Asked) -> Any:
    """GET /api/v1/private/order/list/open_orders: of every contract, newest first"""
    return _page(asked, [write_waiting(one) for one in list_waiting(asked) if one.state == "open"])


def plans(asked: Asked) -> Any:
    """GET /api/v1/private/planorder/list/orders: nobody gives plans here"""
    return _page(asked, [])


def stops(asked: Asked) -> Any:
    """GET /api/v1/private/stoporder/list/orders: of every contract or one, newest first"""
    symbol = find_symbol(asked) if asked.parameters.get("symbol") else ""
    since, until = asked.time("start_time"), asked.time("end_time") or asked.now
    finished = asked.parameters.get("is_finished", "")
    found = [
        one
        for one in reversed(list_triggers(asked.account))
        if symbol in ("", one.symbol) and (since is None or since <= one.at) and one.at <= until
        if not finished or (one.state != "open") is (finished == "1")
    ]
    return _page(asked, [_stop(one) for one in found])


def list_waiting(asked: Asked) -> list[WaitingContract]:
    """Those at a price of their own, newest first."""
    return [one for one in reversed(asked.account.waiting_contracts) if not one.trigger]


def _page(asked: Asked, rows: list[Any]) -> Any:
    size, page = read_paging(asked)
    return enveloped(rows[(page - 1) * size : page * size])


def write_waiting(one: WaitingContract) -> dict[str, Any]:
    """One that waits, or was cancelled."""
    return _row(one) | {
        "orderId": str(2 * one.id + one.is_buy),
        "price": number(one.price),
        "leverage": LEVERAGE,
        "side": OPENS_LONG if one.is_buy else CLOSES_LONG,
        "category": 1,
        "orderType": LIMIT_ORDER,
        "dealAvgPrice": 0,
        "dealVol": 0,
        "takerFee": 0,
        "makerFee": 0,
        "profit": 0,
        "feeCurrency": "USDT",
        "openType": CROSSED,
        "state": STATES[one.state],
        "externalOid": f"paper{one.id}",
    }


def _stop(one: WaitingContract) -> dict[str, Any]:
    prices = {"takeProfitPrice": number(one.trigger)} if one.takes_profit else {"stopLossPrice": number(one.trigger)}
    return (
        _row(one)
        | prices
        | {
            "id": one.id,
            "orderId": "0",
            "positionId": "0",
            "positionType": SHORT if one.is_buy else LONG,
            "triggerSide": 0 if one.state == "open" else 1 if one.takes_profit else 2,
            "placeOrderId": str(2 * one.became) if one.became else "0",
            "state": TRIGGER_STATES[one.state],
            "isFinished": int(one.state != "open"),
        }
    )


def _row(one: WaitingContract) -> dict[str, Any]:
    size = Decimal(1) if is_inverse(one.symbol) else size_of(one.symbol)
    return {
        "symbol": name_contract(one.symbol),
        "vol": number(one.quantity / size),
        "errorCode": 0,
        "createTime": milliseconds(one.at),
        "updateTime": milliseconds(one.changed_at),
    }
