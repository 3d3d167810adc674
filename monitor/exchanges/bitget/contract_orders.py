"""Orders of contracts and what a price triggers, in either system: those that wait of a kind of contract, and of a contract the
others of 90 days.

In the unified system every kind of contract is in one wallet, and a trigger there is a strategy: what takes the profit or stops the
loss of a position, or what a price triggers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from finance.orders import OrderRecord, OrderState
from monitor.errors import UnknownSymbol, WalletNotOpened
from monitor.exchanges.bitget import contract_order_rows as rows
from monitor.exchanges.bitget.answers import read_named_rows, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.futures import PRODUCTS, product_of
from monitor.exchanges.bitget.orders import UNIFIED_OPEN_ORDERS, UNIFIED_ORDERS
from monitor.exchanges.bitget.pages import BY_CURSOR, BY_ID, PAGE_SIZE, fetch_history, page_of
from monitor.exchanges.bitget.unified import POOL
from monitor.exchanges.contract import OrderPage, OrderQuery
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row
from monitor.exchanges.order_fields import TRIGGER
from monitor.exchanges.windows import CursorPage, fetch_by_cursor

OPEN_ORDERS = private("v2/mix/order/orders-pending")
ORDERS = private("v2/mix/order/orders-history")
OPEN_PLANS = private("v2/mix/order/orders-plan-pending")
PLANS = private("v2/mix/order/orders-plan-history")
OPEN_STRATEGIES = private("v3/trade/unfilled-strategy-orders")
STRATEGIES = private("v3/trade/history-strategy-orders")
DEPTH, QUARTER, MONTH = timedelta(days=89), timedelta(days=89), timedelta(days=29)
AGAIN = timedelta(days=8)  # before the last reading: an order that was given then may have been filled just now
MARKETS = (*PRODUCTS, POOL)
Orders = tuple[OrderRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    """One of the exchange's lists of orders: what waits, and what has ended in a time."""

    waiting: Endpoint
    ended: Endpoint
    longest: timedelta  # of a window
    read: Callable[[Row, str], OrderRecord]
    asked: Mapping[str, str]
    names: tuple[str, str]  # of its rows, and of what the next page is asked for with
    product: str = "productType"  # how a kind of contract is asked for
    cursor: str = BY_ID


MIX = ("entrustedList", "endId")
CLASSIC = (
    OrderList(waiting=OPEN_ORDERS, ended=ORDERS, longest=QUARTER, read=rows.read_order, asked={}, names=MIX),
    *(
        OrderList(
            waiting=OPEN_PLANS, ended=PLANS, longest=QUARTER, read=rows.read_plan, asked={"planType": plan}, names=MIX
        )
        for plan in ("normal_plan", "profit_loss", "track_plan")
    ),
)
UNIFIED = tuple(
    OrderList(
        waiting=waiting,
        ended=ended,
        longest=MONTH,
        read=read,
        asked=asked,
        names=("list", "cursor"),
        product="category",
        cursor=BY_CURSOR,
    )
    for waiting, ended, read, asked in (
        (UNIFIED_OPEN_ORDERS, UNIFIED_ORDERS, rows.read_unified, {}),
        (OPEN_STRATEGIES, STRATEGIES, rows.read_strategy, {"type": "tpsl"}),
        (OPEN_STRATEGIES, STRATEGIES, rows.read_triggered, {"type": "trigger"}),
    )
)


async def fetch_open_orders(connection: Connection, market: str) -> Orders:
    """Every order of a market's contracts that waits, also for a trigger."""
    products = PRODUCTS.values() if market == POOL else (PRODUCTS[market],)
    lists = UNIFIED if market == POOL else CLASSIC
    found = [await _fetch_open(connection, one, market, product) for product in products for one in lists]
    return tuple(order for orders in found for order in orders)


async def _fetch_open(connection: Connection, one: OrderList, market: str, product: str) -> list[OrderRecord]:
    doing, read = "Reading open orders of contracts", reader_of(one, market)

    async def fetch(before: str) -> CursorPage[OrderRecord]:
        page = {one.cursor: before} if before else {}
        asked = {**one.asked, one.product: product, "limit": PAGE_SIZE, **page}
        return await connection.call(one.waiting, doing, read, **asked)

    try:
        return await fetch_by_cursor(fetch, PAGE_SIZE, doing)
    except WalletNotOpened:
        return []


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The orders of a contract that were given since shortly before the last reading, as far as the exchange still shows them."""
    span = max(query.since - AGAIN, connection.now() - DEPTH), query.until
    lists = UNIFIED if query.market == POOL else CLASSIC
    try:
        found = [await fetch_list(connection, one, query.market, query.pair.symbol, span) for one in lists]
    except (UnknownSymbol, WalletNotOpened):
        found = []
    return OrderPage(orders=tuple(order for orders in found for order in orders), is_last=True)


async def fetch_ended(connection: Connection, order: OrderRecord) -> Orders:
    """What has become of an order, among those of its contract that were given since then."""
    span = max(order.ordered_at - timedelta(seconds=1), connection.now() - DEPTH), connection.now()
    plain, *triggers = UNIFIED if order.market == POOL else CLASSIC
    lists = triggers if order.exchange_id.startswith(TRIGGER) else [plain]
    found = [await fetch_list(connection, one, order.market, order.symbol, span) for one in lists]
    return tuple(one for orders in found for one in orders)


async def fetch_list(
    connection: Connection, one: OrderList, market: str, symbol: str, span: tuple[datetime, datetime]
) -> Orders:
    """Those of a contract in one of the lists that have ended, each once."""
    asked = {**one.asked, one.product: product_of(symbol), "symbol": symbol}
    read, doing = reader_of(one, market), f"Reading the orders of {symbol}"
    found = await fetch_history(connection, one.ended, doing, read, span, one.longest, cursor=one.cursor, **asked)
    return tuple({order.exchange_id: _as_ended(order) for order in found if order.symbol == symbol}.values())


def _as_ended(order: OrderRecord) -> OrderRecord:
    """One that is listed as ended waits no longer, though its row may not say how it ended."""
    return replace(order, state=OrderState.GONE) if order.state.is_open else order


def reader_of(one: OrderList, market: str) -> Callable[[object], CursorPage[OrderRecord]]:
    """A reader of pages of a list."""
    name, cursor = one.names
    return page_of(partial(_read_rows, name=name, cursor=cursor), lambda row: one.read(row, market), "orderId")


def _read_rows(data: object, name: str, cursor: str) -> tuple[list[Row], str]:
    """The rows of a page; in the documentation strategies that wait are a list without a name, and without a cursor."""
    return (read_rows(data), "") if isinstance(data, list) else read_named_rows(data, name, cursor)
