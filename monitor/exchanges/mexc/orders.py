"""Orders in spot: those of a pair that wait, those of a pair of the past week, and one by its number.

Nothing is listed of more than a pair, and an order that was given more than a week ago is in no list, but can be asked for by its number.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from finance.orders import OrderRecord, OrderState
from finance.records import FillMarket
from monitor.errors import ExchangeError, UnknownSymbol
from monitor.exchanges.contract import OrderPage, OrderQuery, Pair
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    a_moment,
    amount,
    an_object,
    moment,
    optional_text,
    refuse_duplicates,
    select,
    text,
)
from monitor.exchanges.mexc.dialect import spot
from monitor.exchanges.order_fields import positive, read_state
from monitor.exchanges.windows import fetch_halves, milliseconds

OPEN_ORDERS = spot("openOrders", weight=3)
ORDERS = spot("allOrders", weight=10)
ORDER = spot("order", weight=2)
WEEK = timedelta(days=7) - timedelta(minutes=1)  # of what is listed, less what a clock may be wrong by
PAGE_SIZE = 1000
UNKNOWN = (-2011, -2013)  # there is no such order
NO_LIST = "-1"
SIDES = {"BUY": "buy", "SELL": "sell"}
STATES = {
    "NEW": OrderState.OPEN,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELLED,
    "PARTIALLY_CANCELED": OrderState.CANCELLED,
}
FIELDS = ("symbol", "orderId", "orderListId", "clientOrderId", "price", "origQty", "executedQty", "cummulativeQuoteQty", "status",
          "timeInForce", "type", "side", "stopPrice", "origQuoteOrderQty", "time", "updateTime")  # fmt: skip
Orders = tuple[OrderRecord, ...]


async def fetch_open_orders(connection: Connection, pair: Pair) -> Orders:
    """The orders of a pair that wait; none of one that does not exist."""
    doing = f"Reading open orders of {pair.symbol}"
    try:
        return await connection.call(OPEN_ORDERS, doing, partial(read_orders, pair=pair), symbol=pair.symbol)
    except UnknownSymbol:
        return ()


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The orders of a pair that were given in the past week: one that was given then may have been filled just now."""
    doing = f"Reading the orders of {query.pair.symbol}"

    async def fetch(start: datetime, end: datetime) -> Sequence[OrderRecord]:
        times = {"startTime": milliseconds(start), "endTime": milliseconds(end) + 999}
        read = partial(read_orders, pair=query.pair)
        return await connection.call(ORDERS, doing, read, symbol=query.pair.symbol, limit=PAGE_SIZE, **times)

    window = (connection.now() - WEEK, query.until)
    try:
        found = {order.exchange_id: order for order in await fetch_halves(fetch, window, PAGE_SIZE, doing)}
    except UnknownSymbol:
        found = {}
    ordered = sorted(found.values(), key=lambda order: (order.ordered_at, order.exchange_id))
    return OrderPage(orders=tuple(ordered), is_last=True)


async def fetch_ended(connection: Connection, order: OrderRecord) -> Orders:
    """What has become of an order; nothing where the exchange knows it no more."""
    pair = Pair(symbol=order.symbol, base=order.base_asset, quote=order.quote_asset)
    try:
        return (
            await connection.call(
                ORDER,
                f"Reading an order of {order.symbol}",
                lambda answer: read_order(an_object(answer, "orderId"), pair),
                symbol=order.symbol,
                orderId=order.exchange_id,
            ),
        )
    except ExchangeError as failure:
        if failure.refusal and failure.refusal.code in UNKNOWN:
            return ()
        raise


def read_orders(answer: object, pair: Pair) -> Orders:
    """The orders of a list, each once."""
    rows = a_list(answer)
    refuse_duplicates((text(row, "orderId") for row in rows), "order")
    return tuple(read_order(row, pair) for row in rows)


def read_order(row: Row, pair: Pair) -> OrderRecord:
    """An order of a pair; one at the market's price may have been given for an amount of the quote."""
    if text(row, "symbol") != pair.symbol or text(row, "side") not in SIDES:
        raise Malformed("an order of another pair, or without a side")
    ordered, listed, kind = a_moment(row, "time"), optional_text(row, "orderListId"), text(row, "type").lower()
    return OrderRecord(
        market=FillMarket.SPOT,
        symbol=pair.symbol,
        exchange_id=text(row, "orderId"),
        client_id=optional_text(row, "clientOrderId"),
        base_asset=pair.base,
        quote_asset=pair.quote,
        side=SIDES[text(row, "side")],
        type=kind,
        quantity=positive(row, "origQty"),
        quote_quantity=positive(row, "origQuoteOrderQty"),
        price=None if kind == "market" else positive(row, "price"),
        trigger_price=positive(row, "stopPrice"),
        executed_quantity=amount(row, "executedQty"),
        executed_quote=amount(row, "cummulativeQuoteQty"),
        state=read_state(text(row, "status"), STATES),
        list_id="" if listed == NO_LIST else listed,
        ordered_at=ordered,
        updated_at=moment(row, "updateTime") or ordered,
        raw=select(row, FIELDS),
    )
