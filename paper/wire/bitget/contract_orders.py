"""Orders of contracts and what a price triggers, of both generations: those that wait, and the others of the last 90 days."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from paper.histories.accounts import WaitingContract
from paper.stories.contract_orders import ListedContract, Trailing, list_contract_orders, list_trailing, list_triggers
from paper.stories.futures import margin_asset, size
from paper.wire.bitget.positions import LEVERAGE
from paper.wire.bitget.request import MONTH, QUARTER, Asked, plain, stamp
from paper.wire.bitget.symbols import LINEAR, product_of, read_product, wire_name

Order = ListedContract | WaitingContract
STATES = {"open": "live", "filled": "filled", "cancelled": "canceled"}
PLAN_STATES = {"open": "live", "triggered": "executed", "cancelled": "cancelled"}
NORMAL, PROFIT_LOSS, TRACK, CLOSING = "normal_plan", "profit_loss", "track_plan", "tpsl"
SMALLEST = Decimal("1e-8")


def _number(order: Order) -> int:
    return order.id


def pending(asked: Asked) -> Any:
    """GET /api/v2/mix/order/orders-pending"""
    return _page(asked, [one for one in _choose(asked, list_contract_orders(asked.account)) if one.state == "open"])


def history(asked: Asked) -> Any:
    """GET /api/v2/mix/order/orders-history"""
    return _page(asked, _ended(asked, _choose(asked, list_contract_orders(asked.account))))


def plans_pending(asked: Asked) -> Any:
    """GET /api/v2/mix/order/orders-plan-pending"""
    return _page(asked, [one for one in _plans(asked) if one.state == "open"])


def plans_history(asked: Asked) -> Any:
    """GET /api/v2/mix/order/orders-plan-history"""
    return _page(asked, _ended(asked, _plans(asked)))


def _plans(asked: Asked) -> list[Any]:
    listed: dict[str, Sequence[Order]] = {
        NORMAL: [],
        PROFIT_LOSS: list_triggers(asked.account),
        TRACK: list_trailing(asked.account),
    }
    if asked.text("planType") not in listed:
        raise asked.illegal("planType")
    return _choose(asked, listed[asked.text("planType")])


def _choose(asked: Asked, orders: Sequence[Order], name: str = "productType") -> list[Any]:
    product, symbol = read_product(asked, name), asked.parameters.get("symbol", "")
    return [one for one in orders if product_of(one.symbol) == product and symbol in ("", wire_name(one.symbol))]


def _ended(asked: Asked, orders: Sequence[Order]) -> list[Any]:
    since, until = asked.window(QUARTER, reach=QUARTER)
    return [one for one in orders if one.state != "open" and since <= one.at <= until]


def _page(asked: Asked, orders: Sequence[Any]) -> dict[str, Any]:
    rows = asked.page(orders, _number)
    return {"entrustedList": [_row(one) for one in rows] or None, "endId": str(rows[-1].id) if rows else None}


def _row(one: Order) -> dict[str, Any]:
    row = {
        "symbol": wire_name(one.symbol),
        "size": plain(_coins(one.symbol, one.quantity, _price(one))),
        "orderId": str(one.id),
        "clientOid": f"paper{one.id}",
        "fee": "0",
        "side": _position_side(one),
        "posSide": _held(one),
        "marginCoin": margin_asset(one.symbol),
        "leverage": LEVERAGE,
        "marginMode": "crossed",
        "enterPointSource": "API",
        "tradeSide": "close" if _reduces(one) else "open",
        "posMode": "one_way_mode" if one.side == "BOTH" else "hedge_mode",
        "reduceOnly": "YES" if one.side == "BOTH" and _reduces(one) else "NO",
        "cTime": stamp(one.at),
        "uTime": stamp(one.changed_at),
    }
    return row | (_of_plan(one) if isinstance(one, WaitingContract) else _of_order(one))


def _of_order(one: ListedContract) -> dict[str, Any]:
    return {
        "baseVolume": plain(_coins(one.symbol, one.filled, one.average)),
        "quoteVolume": plain(size(one.symbol, one.filled, one.average) if one.filled else one.filled),
        "price": plain(one.price) if one.price else "",
        "priceAvg": plain(one.average) if one.filled else "",
        "status": "partially_filled" if one.state == "open" and one.filled else STATES[one.state],
        "orderType": "limit" if one.price else "market",
        "orderSource": "normal" if one.price else "market",
        "presetStopSurplusPrice": "",
        "presetStopLossPrice": "",
    }


def _of_plan(one: WaitingContract) -> dict[str, Any]:
    kind, callback = "profit_plan" if one.takes_profit else "loss_plan", ""
    if isinstance(one, Trailing):
        kind, callback = TRACK, plain(one.callback)
    return {
        "planType": kind,
        "planStatus": PLAN_STATES[one.state],
        "price": "",
        "baseVolume": "0",
        "callbackRatio": callback,
        "triggerPrice": plain(one.trigger),
        "triggerType": "fill_price",
        "orderType": "market",
        "executeOrderId": str(one.became or ""),
        "stopSurplusTriggerPrice": "",
        "stopLossTriggerPrice": "",
    }


def _price(one: Order) -> Decimal:
    return one.price or (one.average if isinstance(one, ListedContract) else one.trigger)


def _coins(symbol: str, quantity: Decimal, price: Decimal) -> Decimal:
    if product_of(symbol) == LINEAR or not quantity:
        return quantity
    return size(symbol, quantity, price).quantize(SMALLEST)


def _reduces(one: Order) -> bool:
    return one.reduces if isinstance(one, ListedContract) else True


def _position_side(one: Order) -> str:
    """What was done; in hedge mode what opened the position, also of what closes it."""
    is_buy = one.is_buy if one.side == "BOTH" else one.side == "LONG"
    return "buy" if is_buy else "sell"


def _held(one: Order) -> str:
    if one.side != "BOTH":
        return one.side.lower()
    return "long" if one.is_buy is not _reduces(one) else "short"


def unified(asked: Asked, *, waiting: bool) -> Any:
    """GET /api/v3/trade/unfilled-orders and history-orders, of contracts"""
    orders = _choose(asked, list_contract_orders(asked.account), "category")
    return _unified_page(asked, orders, waiting=waiting)


def unfilled_strategies(asked: Asked) -> Any:
    """GET /api/v3/trade/unfilled-strategy-orders"""
    return _unified_page(asked, _strategies(asked), waiting=True)


def strategies(asked: Asked) -> Any:
    """GET /api/v3/trade/history-strategy-orders"""
    return _unified_page(asked, _strategies(asked), waiting=False)


def _strategies(asked: Asked) -> list[Any]:
    """Those that close positions; nobody gives others here."""
    kind = asked.parameters.get("type", CLOSING)
    if kind not in (CLOSING, "trigger"):
        raise asked.illegal("type")
    return _choose(asked, list_triggers(asked.account) if kind == CLOSING else [], "category")


def _unified_page(asked: Asked, orders: Sequence[Any], *, waiting: bool) -> dict[str, Any]:
    if waiting:
        found = [one for one in orders if one.state == "open"]
    else:
        since, until = asked.window(MONTH, reach=QUARTER)
        found = [one for one in orders if one.state != "open" and since <= one.at <= until]
    rows = asked.page(found, _number, before="cursor")
    told = [_strategy(one) if isinstance(one, WaitingContract) else _unified_row(one) for one in rows]
    return {"list": told, "cursor": str(rows[-1].id) if rows else ""}


def _strategy(one: WaitingContract) -> dict[str, Any]:
    is_profit = one.takes_profit
    return {
        "orderId": str(one.id),
        "clientOid": f"paper{one.id}",
        "symbol": wire_name(one.symbol),
        "category": product_of(one.symbol),
        "qty": plain(_coins(one.symbol, one.quantity, one.trigger)),
        "posSide": _held(one),
        "tpTriggerBy": "market",
        "slTriggerBy": "market",
        "takeProfit": plain(one.trigger) if is_profit else "",
        "stopLoss": "" if is_profit else plain(one.trigger),
        "tpOrderType": "market",
        "slOrderType": "market",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "createdTime": stamp(one.at),
        "updatedTime": stamp(one.changed_at),
    }


def _unified_row(one: ListedContract) -> dict[str, Any]:
    return {
        "orderId": str(one.id),
        "clientOid": f"paper{one.id}",
        "category": product_of(one.symbol),
        "symbol": wire_name(one.symbol),
        "orderType": "limit" if one.price else "market",
        "side": "buy" if one.is_buy else "sell",
        "price": plain(one.price),
        "qty": plain(_coins(one.symbol, one.quantity, _price(one))),
        "amount": "0",
        "cumExecQty": plain(_coins(one.symbol, one.filled, one.average)),
        "cumExecValue": plain(one.cost),
        "avgPrice": plain(one.average),
        "timeInForce": "gtc",
        "orderStatus": "partially_filled" if one.state == "open" and one.filled else STATES[one.state],
        "posSide": "" if one.side == "BOTH" else one.side.lower(),
        "holdMode": "one_way_mode" if one.side == "BOTH" else "hedge_mode",
        "reduceOnly": "YES" if one.reduces else "NO",
        "feeDetail": [{"feeCoin": "", "fee": ""}],
        "createdTime": stamp(one.at),
        "updatedTime": stamp(one.changed_at),
        "stpMode": "none",
        **dict.fromkeys(("tpTriggerBy", "slTriggerBy", "takeProfit", "stopLoss", "tpOrderType", "slOrderType", "tpLimitPrice",
                         "slLimitPrice")),
    }  # fmt: skip
