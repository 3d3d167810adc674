"""/api/v1/private/order, planorder, stoporder, trackorder: orders of contracts that wait, what closes positions, what follows the price.

What waits and buys opens a long here, what waits and sells closes one.
"""

from decimal import Decimal
from typing import Any

from paper.histories.accounts import WaitingContract
from paper.stories.contract_orders import Trailing, list_trailing, list_triggers
from paper.stories.futures import is_inverse
from paper.wire.mexc.contract import find_symbol, name_contract, size_of
from paper.wire.mexc.futures import LONG, MOST_ROWS, SHORT, read_paging
from paper.wire.mexc.request import Asked, enveloped, milliseconds, number
from paper.wire.refusal import Refusal

OPENS_LONG, CLOSES_SHORT, CLOSES_LONG = 1, 2, 4
STATES = {"open": 2, "cancelled": 4}
TRIGGER_STATES = {"open": 1, "cancelled": 2, "triggered": 3}
TRAILING_STATES = {"open": 1, "triggered": 2, "cancelled": 4}  # 1: it follows the price already
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


def trailing(asked: Asked) -> Any:
    """GET /api/v1/private/trackorder/list/orders: of every contract or one, of the states that are asked for, newest first"""
    symbol = find_symbol(asked) if asked.parameters.get("symbol") else ""
    since, until = asked.time("start_time"), asked.time("end_time") or asked.now
    states = asked.text("states").split(",")
    found = [
        _trailing(one)
        for one in reversed(list_trailing(asked.account))
        if symbol in ("", one.symbol) and (since is None or since <= one.at) and one.at <= until
        if str(TRAILING_STATES[one.state]) in states
    ]
    size, page = asked.number("pageSize", 20), asked.number("pageIndex", 1)
    if not (1 <= size <= MOST_ROWS and page >= 1):
        raise Refusal(600, "Parameter error", 200)
    return enveloped(found[(page - 1) * size : page * size])


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


def _trailing(one: Trailing) -> dict[str, Any]:
    return _row(one) | {
        "id": str(one.id),
        "leverage": LEVERAGE,
        "side": CLOSES_SHORT if one.is_buy else CLOSES_LONG,
        "openType": CROSSED,
        "trend": 1,
        "activePrice": 0,
        "markPrice": number(one.trigger),
        "backType": 1,
        "backValue": number(one.callback),
        "triggerPrice": number(one.trigger),
        "orderId": str(2 * one.became) if one.became else 0,
        "state": TRAILING_STATES[one.state],
        "positionMode": 1,
        "reduceOnly": True,
        "triggerType": 1 if one.is_buy else 2,
    }


def _row(one: WaitingContract) -> dict[str, Any]:
    size = Decimal(1) if is_inverse(one.symbol) else size_of(one.symbol)
    return {
        "symbol": name_contract(one.symbol),
        "vol": number(one.quantity / size),
        "errorCode": 0,
        "createTime": milliseconds(one.at),
        "updateTime": milliseconds(one.changed_at),
    }
