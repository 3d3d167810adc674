"""What a row says of an order of a contract. In hedge mode `side` is the position's in the classic system, also of one that closes.

Numbers of triggers are not those of other orders, so they begin with a word. Quantities are in the coin, of inverse contracts too.
"""

from finance.decimals import ZERO, exact
from finance.orders import OrderRecord, OrderState
from monitor.exchanges.bitget.futures import HEDGED
from monitor.exchanges.bitget.orders import MARKET, SIDES, STATES
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, moment, optional_text, select, text
from monitor.exchanges.order_fields import (
    TRIGGER,
    closes,
    name_exit,
    positive,
    read_margin_mode,
    read_position_side,
    read_state,
    split_symbol,
)

QUOTES = ("USDT", "USDC", "USD")
OTHER = {"buy": "sell", "sell": "buy"}
PLANS = {  # what each kind of plan is for
    "profit_plan": "take_profit",
    "pos_profit": "take_profit",
    "loss_plan": "stop_loss",
    "pos_loss": "stop_loss",
    "moving_plan": "trailing_stop",
    "track_plan": "trailing_stop",
}
CLOSING = PLANS.keys() - {"track_plan"}  # which follows the price to close a position, or to open one
WHOLE = ("pos_profit", "pos_loss")  # of all of a position
PLAN_STATES = {
    "live": OrderState.OPEN,
    "not_trigger": OrderState.OPEN,
    "executing": OrderState.OPEN,
    "executed": OrderState.TRIGGERED,
    "cancelled": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
    "fail_execute": OrderState.REJECTED,
    "fail_trigger": OrderState.REJECTED,
}
STRATEGY_STATES = {
    "pending": OrderState.OPEN,
    "submitting": OrderState.OPEN,
    "success": OrderState.TRIGGERED,
    "failed": OrderState.REJECTED,
    "cancelled": OrderState.CANCELLED,
}
FIELDS = ("orderId", "clientOid", "symbol", "category", "size", "qty", "price", "priceAvg", "avgPrice", "baseVolume", "quoteVolume",
          "cumExecQty", "cumExecValue", "status", "state", "orderStatus", "planStatus", "planType", "side", "posSide", "tradeSide",
          "posMode", "holdMode", "orderType", "orderSource", "reduceOnly", "triggerPrice", "triggerOrderType", "triggerOrderPrice", "callbackRatio", "executeOrderId", "takeProfit", "stopLoss",
          "cTime", "uTime", "createdTime", "updatedTime")  # fmt: skip


def read_order(row: Row, market: str) -> OrderRecord:
    """An order of the classic system at its own price or at the market's."""
    return _record(
        row,
        market,
        ("cTime", "uTime"),
        _find_side(row),
        type=text(row, "orderType").lower(),
        quantity=positive(row, "size"),
        price=None if text(row, "orderType") == MARKET else positive(row, "price"),
        executed_quantity=amount(row, "baseVolume", default=ZERO),
        executed_quote=amount(row, "quoteVolume", default=ZERO),
        take_profit=positive(row, "presetStopSurplusPrice"),
        stop_loss=positive(row, "presetStopLossPrice"),
        state=read_state(text(row, "status" if "status" in row else "state"), STATES),
    )


def read_plan(row: Row, market: str) -> OrderRecord:
    """An order of the classic system that waits for a price that triggers it."""
    plan = text(row, "planType")
    kind = optional_text(row, "orderType").lower() or MARKET
    return _record(
        row,
        market,
        ("cTime", "uTime"),
        _find_side(row),
        prefix=TRIGGER,
        type=f"{PLANS.get(plan, 'trigger')}_{kind}",
        quantity=None if plan in WHOLE else positive(row, "size"),
        price=None if kind == MARKET else positive(row, "price"),
        trigger_price=positive(row, "triggerPrice"),
        take_profit=positive(row, "stopSurplusTriggerPrice"),
        stop_loss=positive(row, "stopLossTriggerPrice"),
        executed_quantity=ZERO,
        closes_it=plan in CLOSING,
        state=read_state(text(row, "planStatus"), PLAN_STATES),
        became_id=optional_text(row, "executeOrderId"),
    )


def _find_side(row: Row) -> str:
    """What was to be done: the other side than the position's where it closes one of hedge mode."""
    side, effect = text(row, "side").lower(), optional_text(row, "tradeSide").lower()
    if side not in SIDES:
        raise Malformed("an order without a side")
    is_hedged = optional_text(row, "posMode") == HEDGED
    return OTHER[side] if is_hedged and "open" not in effect else side


def read_unified(row: Row, market: str) -> OrderRecord:
    """An order of the unified system."""
    side = text(row, "side").lower()
    if side not in SIDES:
        raise Malformed("an order without a side")
    return _record(
        row,
        market,
        ("createdTime", "updatedTime"),
        side,
        type=text(row, "orderType").lower(),
        quantity=positive(row, "qty"),
        price=None if text(row, "orderType") == MARKET else positive(row, "price"),
        executed_quantity=amount(row, "cumExecQty", default=ZERO),
        executed_quote=amount(row, "cumExecValue", default=ZERO),
        take_profit=positive(row, "takeProfit"),
        stop_loss=positive(row, "stopLoss"),
        state=read_state(text(row, "orderStatus"), STATES),
    )


def read_strategy(row: Row, market: str) -> OrderRecord:
    """What takes the profit or stops the loss of a position of the unified system, or both; not every row says how one ended."""
    held = text(row, "posSide").lower()
    if held not in ("long", "short"):
        raise Malformed("an order of no position")
    profit, loss = positive(row, "takeProfit"), positive(row, "stopLoss")
    kind, trigger = name_exit(profit, loss)
    return _record(
        row,
        market,
        ("createdTime", "updatedTime"),
        "sell" if held == "long" else "buy",
        prefix=TRIGGER,
        type=kind,
        quantity=positive(row, "qty"),
        trigger_price=trigger,
        take_profit=profit,
        stop_loss=loss,
        executed_quantity=ZERO,
        closes_it=True,
        state=read_state(optional_text(row, "status"), STRATEGY_STATES),
    )


def read_triggered(row: Row, market: str) -> OrderRecord:
    """What a price triggers in the unified system; of a row that names no side the position's counts, which it opens."""
    kind, held = optional_text(row, "triggerOrderType").lower() or MARKET, optional_text(row, "posSide").lower()
    side = optional_text(row, "side").lower() or {"long": "buy", "short": "sell"}.get(held, "")
    if side not in SIDES:
        raise Malformed("an order without a side")
    return _record(
        row,
        market,
        ("createdTime", "updatedTime"),
        side,
        prefix=TRIGGER,
        type=f"trigger_{kind}",
        quantity=positive(row, "qty"),
        price=None if kind == MARKET else positive(row, "triggerOrderPrice"),
        trigger_price=positive(row, "triggerPrice"),
        executed_quantity=ZERO,
        state=read_state(optional_text(row, "status"), STRATEGY_STATES),
    )


@exact
def _record(
    row: Row,
    market: str,
    times: tuple[str, str],
    side: str,
    *,
    prefix: str = "",
    closes_it: bool = False,
    **facts: object,
) -> OrderRecord:
    created, updated = times
    if not text(row, "orderId").isdigit():
        raise Malformed("an order without a number")
    mode = optional_text(row, "posMode") or optional_text(row, "holdMode")
    held = "both" if mode not in ("", HEDGED) else read_position_side(row, "posSide")
    found, ordered = split_symbol(text(row, "symbol"), QUOTES), a_moment(row, created)
    is_reducing = optional_text(row, "reduceOnly").upper() == "YES"
    return OrderRecord(
        market=market,
        symbol=text(row, "symbol"),
        exchange_id=prefix + text(row, "orderId"),
        client_id=optional_text(row, "clientOid"),
        base_asset=found.base,
        quote_asset=found.quote,
        side=side,
        position_side=held,
        reduces=closes_it or is_reducing or closes(side, held),
        leverage=positive(row, "leverage"),
        margin_mode=read_margin_mode(row, "marginMode"),
        ordered_at=ordered,
        updated_at=moment(row, updated) or ordered,
        raw=select(row, FIELDS),
        **facts,  # type: ignore[arg-type]
    )
