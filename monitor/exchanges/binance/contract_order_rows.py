"""What a row says of an order of a contract: of one at a price or at the market's, and of one that waits for a trigger.

Numbers of both kinds are not each other's, so a trigger's begins with a word; which order it became it says.
"""

from finance.decimals import ZERO, exact
from finance.orders import OrderRecord, OrderState
from finance.records import FillReason
from monitor.exchanges.binance.fills import LINEAR_ASSETS
from monitor.exchanges.binance.futures import SIDES, is_inverse
from monitor.exchanges.binance.orders import SIDES as DIRECTIONS
from monitor.exchanges.binance.orders import STATES
from monitor.exchanges.contract import Pair
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, moment, optional_text, select, text
from monitor.exchanges.order_fields import TRIGGER, closes, positive, read_state, split_symbol

TRIGGER_STATES = {
    "NEW": OrderState.OPEN,
    "WORKING": OrderState.OPEN,
    "TRIGGERING": OrderState.OPEN,
    "TRIGGERED": OrderState.TRIGGERED,
    "FINISHED": OrderState.TRIGGERED,
    "CANCELED": OrderState.CANCELLED,
    "CANCELLED": OrderState.CANCELLED,
    "EXPIRED": OrderState.EXPIRED,
    "REJECTED": OrderState.REJECTED,
}
NO_ORDER = ("", "0")
# How the names begin of orders that the exchange gave; of a contract that ends it is settlement in USD-M, delivery in COIN-M.
FORCED = {"autoclose-": FillReason.LIQUIDATION, "adl_autoclose": FillReason.ADL,
          **dict.fromkeys(("settlement_autoclose-", "delivery_autoclose-"), FillReason.DELIVERY)}  # fmt: skip
FIELDS = ("symbol", "orderId", "clientOrderId", "price", "avgPrice", "origQty", "executedQty", "cumQuote", "cumBase", "status",
          "timeInForce", "type", "origType", "side", "positionSide", "stopPrice", "activatePrice", "priceRate", "reduceOnly",
          "closePosition", "workingType", "time", "updateTime", "algoId", "clientAlgoId", "orderType", "algoStatus", "quantity",
          "actualOrderId", "triggerPrice", "strategyId", "newClientStrategyId", "strategyStatus", "strategyType", "bookTime",
          "createTime", "triggerTime")  # fmt: skip


@exact
def read_order(row: Row, market: str) -> OrderRecord:
    """An order that waits at its own price, or is at the market's; of an inverse contract `executed_quote` is its units times
    their average price.
    """
    done, average = amount(row, "executedQty"), positive(row, "avgPrice")
    is_whole = row.get("closePosition") is True
    return _record(
        row,
        market,
        ("orderId", "clientOrderId", "time"),
        type=_find_forced(row) or (optional_text(row, "origType") or text(row, "type")).lower(),
        reduces=_reduces(row),
        quantity=None if is_whole else amount(row, "origQty"),
        trigger_price=positive(row, "activatePrice") or positive(row, "stopPrice"),
        executed_quantity=done,
        executed_quote=positive(row, "cumQuote") or done * (average or ZERO),
        state=read_state(text(row, "status"), STATES),
    )


def _find_forced(row: Row) -> str:
    """Why the exchange gave an order; empty of its owner's."""
    name = optional_text(row, "clientOrderId")
    return next((str(reason) for begins, reason in FORCED.items() if name.startswith(begins)), "")


def read_algo(row: Row, market: str) -> OrderRecord:
    """An order that waits for a price that triggers it."""
    return _trigger(row, market, ("algoId", "clientAlgoId", "createTime"), "orderType", "algoStatus", "actualOrderId")


def read_strategy(row: Row, market: str) -> OrderRecord:
    """The same of COIN-M in portfolio margin."""
    names = ("strategyId", "newClientStrategyId", "bookTime")
    return _trigger(row, market, names, "strategyType", "strategyStatus", "orderId")


def _trigger(row: Row, market: str, names: tuple[str, str, str], kind: str, status: str, made: str) -> OrderRecord:
    is_whole, became = row.get("closePosition") is True, optional_text(row, made)
    return _record(
        row,
        market,
        names,
        prefix=TRIGGER,
        type=text(row, kind).lower(),
        reduces=_reduces(row),
        quantity=None if is_whole else positive(row, "quantity") or positive(row, "origQty"),
        trigger_price=positive(row, "triggerPrice") or positive(row, "stopPrice") or positive(row, "activatePrice"),
        take_profit=positive(row, "tpTriggerPrice"),
        stop_loss=positive(row, "slTriggerPrice"),
        executed_quantity=ZERO,
        state=read_state(text(row, status), TRIGGER_STATES),
        became_id="" if became in NO_ORDER else became,
    )


def _reduces(row: Row) -> bool:
    side, position = DIRECTIONS.get(text(row, "side"), ""), SIDES.get(text(row, "positionSide"), "")
    return row.get("closePosition") is True or row.get("reduceOnly") is True or closes(side, position)


def _record(row: Row, market: str, names: tuple[str, str, str], prefix: str = "", **facts: object) -> OrderRecord:
    number, client, given = names
    symbol, side, direction = text(row, "symbol"), text(row, "positionSide"), text(row, "side")
    if not text(row, number).isdigit() or side not in SIDES or direction not in DIRECTIONS:
        raise Malformed("an order without a number or a side")
    found = (
        Pair(symbol=symbol, base="", quote="")
        if is_inverse(symbol)
        else split_symbol(symbol.partition("_")[0], LINEAR_ASSETS)
    )
    ordered = a_moment(row, given)
    return OrderRecord(
        market=market,
        symbol=symbol,
        exchange_id=prefix + text(row, number),
        client_id=optional_text(row, client),
        base_asset=found.base,
        quote_asset=found.quote,
        side=DIRECTIONS[direction],
        position_side=SIDES[side],
        price=positive(row, "price"),
        ordered_at=ordered,
        updated_at=moment(row, "updateTime") or ordered,
        raw=select(row, FIELDS),
        **facts,  # type: ignore[arg-type]
    )
