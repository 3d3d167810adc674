"""Orders in spot, in either system: those that wait, all orders of a pair in a time, and what has become of one.

Bitget shows 90 days of them. Of the unified system both spot and margin are read, which trade out of one pool. A symbol has
neither base nor quote in an answer: where the pair is not known, the quote is the one that the symbol ends with.
"""

from asyncio import gather
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from finance.decimals import ZERO
from finance.orders import OrderRecord, OrderState
from finance.records import FillMarket
from monitor.errors import ExchangeError, UnknownSymbol
from monitor.exchanges.bitget.answers import read_named_rows, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.pages import BY_CURSOR, BY_ID, PAGE_SIZE, ReadPage, fetch_history, page_of
from monitor.exchanges.contract import OrderPage, OrderQuery, Pair
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_moment,
    amount,
    an_object,
    moment,
    optional_text,
    select,
    text,
)
from monitor.exchanges.order_fields import positive, read_margin_mode, read_position_side, read_state, split_symbol
from monitor.exchanges.windows import CursorPage, fetch_by_cursor, milliseconds

OPEN_ORDERS = private("v2/spot/trade/unfilled-orders")
ORDERS = private("v2/spot/trade/history-orders")
UNIFIED_OPEN_ORDERS = private("v3/trade/unfilled-orders")
UNIFIED_ORDERS = private("v3/trade/history-orders")
UNIFIED_ORDER = private("v3/trade/order-info")
KINDS = ("normal", "tpsl")  # of orders in spot; the second ones wait for a price at which they close
CATEGORIES = ("SPOT", "MARGIN")
DEPTH, QUARTER, MONTH = timedelta(days=89), timedelta(days=89), timedelta(days=29)
AGAIN = timedelta(days=1)  # what was given so long before the last reading is read once more
QUOTES = ("USDT", "USDC", "BTC", "ETH", "EUR", "BGB", "BRL", "USD1", "DAI", "TRY", "GBP")
SIDES = ("buy", "sell")
MARKET = "market"
UNKNOWN = ("25204", "43001")  # "order does not exist"
STATES = {
    "live": OrderState.OPEN,
    "new": OrderState.OPEN,
    "init": OrderState.OPEN,
    "partially_filled": OrderState.PARTIALLY_FILLED,
    "filled": OrderState.FILLED,
    "cancelled": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
}
FIELDS = ("orderId", "clientOid", "symbol", "category", "orderType", "side", "price", "priceAvg", "size", "qty", "amount", "baseVolume",
          "quoteVolume", "cumExecQty", "cumExecValue", "status", "orderStatus", "timeInForce", "enterPointSource", "orderSource",
          "tpslType", "cancelReason", "cTime", "uTime", "createdTime", "updatedTime")  # fmt: skip
Orders = tuple[OrderRecord, ...]


async def fetch_open_orders(connection: Connection, *, is_classic: bool) -> Orders:
    """Every order that waits."""
    if is_classic:
        read = page_of(lambda answer: (read_rows(answer), ""), read_order, "orderId")
        kinds = [await _fetch_open(connection, OPEN_ORDERS, read, BY_ID, tpslType=kind) for kind in KINDS]
        return tuple(order for orders in kinds for order in orders)
    rows = partial(read_named_rows, name="list", cursor="cursor")
    read = page_of(rows, read_unified_order, "orderId")
    found = await gather(
        *(_fetch_open(connection, UNIFIED_OPEN_ORDERS, read, BY_CURSOR, category=one) for one in CATEGORIES)
    )
    return tuple(order for orders in found for order in orders)


async def _fetch_open(
    connection: Connection, endpoint: Endpoint, read: ReadPage[OrderRecord], cursor: str, **asked: object
) -> list[OrderRecord]:
    doing = "Reading open orders"

    async def fetch(before: str) -> CursorPage[OrderRecord]:
        page = {cursor: before} if before else {}
        return await connection.call(endpoint, doing, read, limit=PAGE_SIZE, **asked, **page)

    return await fetch_by_cursor(fetch, PAGE_SIZE, doing)


async def fetch_orders(connection: Connection, query: OrderQuery, *, is_classic: bool) -> OrderPage:
    """The orders of a pair that were given since shortly before the last reading, as far as the exchange still shows them."""
    span = max(query.since - AGAIN, connection.now() - DEPTH), query.until
    fetch = _fetch_classic if is_classic else _fetch_unified
    try:
        found = await fetch(connection, query.pair, span)
    except UnknownSymbol:
        found = []
    return OrderPage(orders=sort_once(found), is_last=True)


def sort_once(found: Iterable[OrderRecord]) -> Orders:
    """Each order once, by its number: two lists, or two pages, may both have it."""
    once = {order.exchange_id: order for order in found}
    return tuple(sorted(once.values(), key=lambda one: int(one.exchange_id)))


async def _fetch_classic(connection: Connection, pair: Pair, span: tuple[datetime, datetime]) -> list[OrderRecord]:
    read = page_of(lambda answer: (read_rows(answer), ""), partial(read_order, pair=pair), "orderId")
    doing, asked = f"Reading the orders of {pair.symbol}", {"symbol": pair.symbol}
    found = [
        await fetch_history(connection, ORDERS, doing, read, span, QUARTER, tpslType=kind, **asked) for kind in KINDS
    ]
    return [order for orders in found for order in orders]


async def _fetch_unified(connection: Connection, pair: Pair, span: tuple[datetime, datetime]) -> list[OrderRecord]:
    rows = partial(read_named_rows, name="list", cursor="cursor")
    read = page_of(rows, partial(read_unified_order, pair=pair), "orderId")
    doing = f"Reading the orders of {pair.symbol}"
    found = await gather(
        *(
            fetch_history(
                connection,
                UNIFIED_ORDERS,
                doing,
                read,
                span,
                MONTH,
                cursor=BY_CURSOR,
                category=category,
                symbol=pair.symbol,
            )
            for category in CATEGORIES
        )
    )
    return [order for orders in found for order in orders]


async def fetch_ended(connection: Connection, order: OrderRecord, *, is_classic: bool) -> Orders:
    """What has become of an order; nothing where the exchange knows it no more."""
    pair = Pair(symbol=order.symbol, base=order.base_asset, quote=order.quote_asset)
    doing = f"Reading an order of {order.symbol}"
    if is_classic:
        since, until = max(order.ordered_at, connection.now() - DEPTH), connection.now()
        times = {"startTime": milliseconds(since), "endTime": milliseconds(until) + 999}
        asked = {
            "symbol": order.symbol,
            "orderId": order.exchange_id,
            "tpslType": KINDS[order.trigger_price is not None],
        }
        rows = await connection.call(ORDERS, doing, read_rows, **asked, **times)
        return tuple(read_order(row, pair=pair) for row in rows)
    read = partial(read_unified_order, pair=pair)
    try:
        return (
            await connection.call(
                UNIFIED_ORDER, doing, lambda answer: read(an_object(answer)), orderId=order.exchange_id
            ),
        )
    except ExchangeError as failure:
        if failure.refusal and failure.refusal.code in UNKNOWN:
            return ()
        raise


def read_order(row: Row, *, pair: Pair | None = None) -> OrderRecord:
    """An order of the classic system: `size` is of the quote where it was given to buy at the market's price."""
    is_quote = (text(row, "orderType"), text(row, "side")) == (MARKET, "buy")
    price = positive(row, "price" if "price" in row else "priceAvg")  # of what waits `priceAvg` is the order's price
    return _record(
        row,
        pair,
        ("status", "cTime", "uTime"),
        quantity=None if is_quote else amount(row, "size"),
        quote_quantity=amount(row, "size") if is_quote else None,
        price=None if text(row, "orderType") == MARKET else price,
        executed_quantity=amount(row, "baseVolume", default=ZERO),
        executed_quote=amount(row, "quoteVolume", default=ZERO),
        trigger_price=positive(row, "triggerPrice"),
        take_profit=positive(row, "presetTakeProfitPrice"),
        stop_loss=positive(row, "presetStopLossPrice"),
    )


def read_unified_order(row: Row, *, pair: Pair | None = None) -> OrderRecord:
    """An order of the unified system."""
    return _record(
        row,
        pair,
        ("orderStatus", "createdTime", "updatedTime"),
        quantity=positive(row, "qty"),
        quote_quantity=positive(row, "amount"),
        price=None if text(row, "orderType") == MARKET else positive(row, "price"),
        executed_quantity=amount(row, "cumExecQty", default=ZERO),
        executed_quote=amount(row, "cumExecValue", default=ZERO),
        take_profit=positive(row, "takeProfit"),
        stop_loss=positive(row, "stopLoss"),
        reduces=optional_text(row, "reduceOnly").upper() == "YES",
        position_side=read_position_side(row, "posSide"),
        margin_mode=read_margin_mode(row, "marginMode"),
    )


def _record(row: Row, pair: Pair | None, names: tuple[str, str, str], **amounts: object) -> OrderRecord:
    status, created, updated = names
    side, symbol = text(row, "side").lower(), text(row, "symbol")
    if (pair and symbol != pair.symbol) or not text(row, "orderId").isdigit() or side not in SIDES:
        raise Malformed("an order of another pair, or without a number or a side")
    found, ordered = pair or split_symbol(symbol, QUOTES), a_moment(row, created)
    return OrderRecord(
        market=FillMarket.SPOT,
        symbol=symbol,
        exchange_id=text(row, "orderId"),
        client_id=optional_text(row, "clientOid"),
        base_asset=found.base,
        quote_asset=found.quote,
        side=side,
        type=text(row, "orderType").lower(),
        state=read_state(text(row, status), STATES),
        ordered_at=ordered,
        updated_at=moment(row, updated) or ordered,
        raw=select(row, FIELDS),
        **amounts,  # type: ignore[arg-type]
    )
