"""/futures: orders of contracts, and those that a price triggers."""

from datetime import datetime
from typing import Any

from paper.histories.accounts import WaitingContract
from paper.stories.contract_orders import ListedContract, list_contract_orders, list_triggers
from paper.stories.futures import margin_asset
from paper.wire.gate.contracts import list_contracts, name_contract, plain_size, units_of
from paper.wire.gate.request import Asked, fraction, plain
from paper.wire.refusal import Refusal

MOST = 100
STATUSES = ("open", "finished")


def orders(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/orders: those that wait, or that have ended, newest first"""
    is_open = _status(asked) == "open"
    found = [one for one in _of_settle(asked, settle) if (one.state == "open") is is_open]
    return [_row(one) for one in asked.page(found, most=MOST)]


def in_time(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/orders_timerange: by when they were given, newest first"""
    since, until = asked.window()
    found = [one for one in _of_settle(asked, settle) if since <= one.at <= until]
    return [_row(one) for one in asked.page(found, most=MOST)]


def price_orders(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/price_orders, newest first"""
    is_open, symbol = _status(asked) == "open", _symbol(asked, settle)
    found = [
        one
        for one in reversed(list_triggers(asked.account))
        if margin_asset(one.symbol).lower() == settle
        and (one.state == "open") is is_open
        and symbol in ("", one.symbol)
    ]
    return [_trigger(asked, one) for one in asked.page(found, most=MOST)]


def _status(asked: Asked) -> str:
    status = asked.text("status")
    if status not in STATUSES:
        raise asked.illegal("status")
    return status


def _symbol(asked: Asked, settle: str) -> str:
    name = asked.parameters.get("contract")
    known = list_contracts(asked, settle)
    if name and name not in known:
        raise Refusal("CONTRACT_NOT_FOUND", f"contract {name} not found", 400)
    return known[name] if name else ""


def _of_settle(asked: Asked, settle: str) -> list[ListedContract]:
    symbol = _symbol(asked, settle)
    return [
        one
        for one in reversed(list_contract_orders(asked.account))
        if margin_asset(one.symbol).lower() == settle and symbol in ("", one.symbol)
    ]


def _row(one: ListedContract) -> dict[str, Any]:
    sign, units = (1 if one.is_buy else -1), units_of(one.symbol)
    row = {
        "id": one.id,
        "contract": name_contract(one.symbol),
        "mkfr": "0.0002",
        "tkfr": "0.0005",
        "tif": "gtc" if one.price else "ioc",
        "is_reduce_only": False,
        "is_close": False,
        "is_liq": False,
        "create_time": fraction(one.at),
        "price": plain(one.price),
        "size": plain_size(sign * one.quantity / units),
        "left": plain_size(sign * (one.quantity - one.filled) / units),
        "fill_price": plain(one.average),
        "refr": "0",
        "refu": 0,
        "text": "api",
        "iceberg": 0,
        "status": "open" if one.state == "open" else "finished",
    }
    return row if one.state == "open" else row | {"finish_as": one.state, "finish_time": fraction(one.changed_at)}


def _trigger(asked: Asked, one: WaitingContract) -> dict[str, Any]:
    sign = 1 if one.is_buy else -1
    is_above = one.takes_profit is not one.is_buy
    row = {
        "id": one.id,
        "user": asked.account.uid,
        "trigger": {
            "strategy_type": 0,
            "price_type": 0,
            "price": plain(one.trigger),
            "rule": 1 if is_above else 2,
            "expiration": 0,
        },
        "initial": {
            "contract": name_contract(one.symbol),
            "size": plain_size(sign * one.quantity / units_of(one.symbol)),
            "price": "0",
            "tif": "ioc",
            "text": "api",
            "is_close": False,
            "is_reduce_only": True,
            "auto_size": "",
        },
        "trade_id": one.became,
        "status": "open" if one.state == "open" else "finished",
        "reason": "",
        "create_time": _seconds(one.at),
        "finish_time": _seconds(one.changed_at),
        "is_stop_order": False,
        "order_type": "",
    }
    return row if one.state == "open" else row | {"finish_as": "succeeded" if one.became else "cancelled"}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
