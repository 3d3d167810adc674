"""The OCO of older clients: a limit and a stop, which the new one calls what is above and what is below."""

from dataclasses import replace
from typing import Any

from paper.wire.binance import order_lists
from paper.wire.binance.order_words import read_side
from paper.wire.binance.request import Asked

LIMIT = {  # parameters, by what they are called of an order of a list
    "price": "price",
    "limitClientOrderId": "clientOrderId",
    "limitStrategyId": "strategyId",
    "limitStrategyType": "strategyType",
    "limitIcebergQty": "icebergQty",
}
STOP = {
    "stopPrice": "stopPrice",
    "trailingDelta": "trailingDelta",
    "stopLimitPrice": "price",
    "stopLimitTimeInForce": "timeInForce",
    "stopClientOrderId": "clientOrderId",
    "stopStrategyId": "strategyId",
    "stopStrategyType": "strategyType",
    "stopIcebergQty": "icebergQty",
}
READS = " ".join(("symbol side quantity listClientOrderId newOrderRespType selfTradePreventionMode", *LIMIT, *STOP))


def place(asked: Asked) -> Any:
    """POST /api/v3/order/oco"""
    limit, stop = ("above", "below") if read_side(asked) == "SELL" else ("below", "above")
    asked.text("price")
    has_limit = "stopLimitPrice" in asked.parameters
    told = {name: value for name, value in asked.parameters.items() if name not in LIMIT and name not in STOP}
    for where, names in ((limit, LIMIT), (stop, STOP)):
        told |= {_name(where, its): asked.parameters[name] for name, its in names.items() if name in asked.parameters}
    types = {_name(limit, "type"): "LIMIT_MAKER", _name(stop, "type"): "STOP_LOSS_LIMIT" if has_limit else "STOP_LOSS"}
    return order_lists.oco(replace(asked, parameters=told | types))


def _name(where: str, name: str) -> str:
    return f"{where}{name[0].upper()}{name[1:]}"
