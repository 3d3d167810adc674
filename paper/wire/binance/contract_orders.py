"""/fapi, /dapi and /papi: orders of perpetuals, and those that a price triggers, each as its family writes them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.histories.accounts import WaitingContract
from paper.stories.contract_orders import ListedContract, list_contract_orders, list_triggers
from paper.stories.futures import is_inverse, pair_of
from paper.wire.binance.refusals import BAD_SYMBOL, REJECTED_KEY
from paper.wire.binance.request import Asked, milliseconds, plain
from paper.wire.refusal import Refusal

WEEK, REACH = timedelta(days=7), timedelta(days=90)
ZERO = plain(Decimal(0))
FORCED = {"liquidation": "autoclose-", "adl": "adl_autoclose", "delivery": "settlement_autoclose-"}  # of USD-M
STATES = {"open": "NEW", "filled": "FILLED", "cancelled": "CANCELED", "triggered": "FINISHED"}
MOST, MOST_OF_COINS = 1000, 100
Answer = Callable[[Asked], Any]
Order = ListedContract | WaitingContract


def listing(family: str, *, waiting: bool) -> Answer:
    """GET openOrders or allOrders of a family: fapi, dapi, um or cm."""

    def answer(asked: Asked) -> Any:
        _check(asked, family)
        is_coin = family in ("dapi", "cm")
        orders = [one for one in list_contract_orders(asked.account) if is_inverse(one.symbol) is is_coin]
        found = _choose(asked, orders, "orderId", MOST_OF_COINS if is_coin else MOST, waiting=waiting)
        return [_order(one, family) for one in found]

    return answer


def triggers(family: str, *, waiting: bool) -> Answer:
    """GET openAlgoOrders or allAlgoOrders of fapi, dapi or um; of cm conditional/openOrders or conditional/allOrders."""

    def answer(asked: Asked) -> Any:
        _check(asked, family)
        is_coin = family in ("dapi", "cm")
        orders = [one for one in list_triggers(asked.account) if is_inverse(one.symbol) is is_coin]
        number = "strategyId" if family == "cm" else "algoId"
        found = _choose(asked, orders, number, MOST, waiting=waiting)
        return [_strategy(one, waiting=waiting) if family == "cm" else _algo(one, family, waiting) for one in found]

    return answer


def _check(asked: Asked, family: str) -> None:
    account = asked.account
    has = {"fapi": account.has_futures, "dapi": "coin_m" in account.opened}.get(family, True)
    if not has or account.is_unified is not (family in ("um", "cm")):
        raise REJECTED_KEY


def _choose(asked: Asked, orders: Sequence[Order], number: str, most: int, *, waiting: bool) -> list[Any]:
    """Those that wait, of all contracts or one; else those of one, from a number on or in a week."""
    name = asked.parameters.get("symbol", "") if waiting else asked.text("symbol")
    if name and pair_of(name) not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    found = [one for one in orders if name in ("", one.symbol)]
    if waiting:
        return [one for one in found if one.state == "open"]
    limit = min(asked.number("limit", 500), most)
    found = [one for one in found if one.at >= asked.now - REACH]
    if number in asked.parameters:
        return [one for one in found if one.id >= asked.number(number, 0)][:limit]
    until = asked.time("endTime") or asked.now
    since = asked.time("startTime") or until - WEEK
    if until - since > WEEK:
        raise Refusal(-4166, "Search window is restricted to recent 7 days only.")
    return [one for one in found if since <= one.at <= until][-limit:]


def _order(one: ListedContract, family: str) -> dict[str, Any]:
    at_market, is_coin = not one.price, family in ("dapi", "cm")
    kind = "MARKET" if at_market else "LIMIT"
    row = {
        "avgPrice": plain(one.average),
        "clientOrderId": _name(one, is_coin=is_coin),
        **({"cumBase": plain(one.coins)} if is_coin else {"cumQuote": plain(one.cost)}),
        "executedQty": plain(one.filled),
        "orderId": one.id,
        "origQty": plain(one.quantity),
        "origType": kind,
        "price": plain(one.price),
        "reduceOnly": one.side == "BOTH" and one.reduces,
        "side": "BUY" if one.is_buy else "SELL",
        "positionSide": one.side,
        "status": "PARTIALLY_FILLED" if one.state == "open" and one.filled else STATES[one.state],
        "symbol": one.symbol,
        "time": milliseconds(one.at),
        "timeInForce": "GTC",
        "type": kind,
        "updateTime": milliseconds(one.changed_at),
    }
    if is_coin:
        row["pair"] = one.symbol.partition("_")[0]
    if family in ("fapi", "um"):
        row |= {"selfTradePreventionMode": "NONE", "goodTillDate": 0, "priceMatch": "NONE"}
    if family == "dapi":
        row |= {"selfTradePreventionMode": "NONE", "priceMatch": "NONE"}
    if family in ("fapi", "dapi"):
        row |= {"stopPrice": ZERO, "closePosition": False, "workingType": "CONTRACT_PRICE", "priceProtect": False}
    return row


def _name(one: ListedContract, *, is_coin: bool) -> str:
    """What whoever gave an order called it."""
    if one.reason == "adl":
        return FORCED["adl"]
    if is_coin and one.reason == "delivery":
        return f"delivery_autoclose-{one.id}"
    return f"{FORCED.get(one.reason, 'paper')}{one.id}"


def _kind(one: WaitingContract) -> str:
    return "TAKE_PROFIT_MARKET" if one.takes_profit else "STOP_MARKET"


def _algo(one: WaitingContract, family: str, waiting: bool) -> dict[str, Any]:
    row = {
        "algoId": one.id,
        "clientAlgoId": f"paper{one.id}",
        "algoType": "CONDITIONAL",
        "orderType": _kind(one),
        "symbol": one.symbol,
        "side": "BUY" if one.is_buy else "SELL",
        "positionSide": one.side,
        "timeInForce": "GTC",
        "quantity": plain(one.quantity),
        "algoStatus": STATES[one.state],
        "actualOrderId": str(one.became or ""),
        "actualPrice": ZERO,
        "triggerPrice": plain(one.trigger),
        "price": ZERO,
        "icebergQuantity": None,
        "tpTriggerPrice": ZERO,
        "tpPrice": ZERO,
        "slTriggerPrice": ZERO,
        "slPrice": ZERO,
        "tpOrderType": "",
        "selfTradePreventionMode": "NONE",
        "workingType": "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "closePosition": False,
        "priceProtect": False,
        "reduceOnly": one.side == "BOTH",
        "createTime": milliseconds(one.at),
        "updateTime": milliseconds(one.changed_at),
        "triggerTime": milliseconds(one.changed_at) if one.became else 0,
        "goodTillDate": 0,
    }
    left_out = ("icebergQuantity", "tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice", "tpOrderType")
    if family == "um":
        left_out = (*left_out, *(("actualOrderId", "actualPrice") if waiting else ()))
        return {name: value for name, value in row.items() if name not in left_out}
    return row


def _strategy(one: WaitingContract, *, waiting: bool) -> dict[str, Any]:
    row = {
        "newClientStrategyId": f"paper{one.id}",
        "strategyId": one.id,
        "strategyStatus": STATES[one.state],
        "strategyType": _kind(one),
        "origQty": plain(one.quantity),
        "price": ZERO,
        "reduceOnly": one.side == "BOTH",
        "side": "BUY" if one.is_buy else "SELL",
        "positionSide": one.side,
        "stopPrice": plain(one.trigger),
        "symbol": one.symbol,
        "bookTime": milliseconds(one.at),
        "updateTime": milliseconds(one.changed_at),
        "timeInForce": "GTC",
    }
    if waiting:
        return row
    made = {"orderId": one.became, "status": "FILLED" if one.became else "", "type": "MARKET"}
    return row | made | {"triggerTime": milliseconds(one.changed_at) if one.became else 0}
