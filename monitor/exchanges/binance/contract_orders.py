"""Orders of contracts: USD-M, COIN-M and both in portfolio margin; those that wait for a price that triggers them apart.

What waits is listed of all contracts, the others of one contract in windows of a week without pages: a full answer is asked for
again in halves. The exchange lists 90 days; one that ended without a trade, three.
"""

from asyncio import gather
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finance.moments import SECOND
from finance.orders import OrderRecord
from monitor.errors import UnknownSymbol
from monitor.exchanges.binance.contract_order_rows import read_algo, read_order, read_strategy
from monitor.exchanges.binance.futures import COIN_M, PORTFOLIO, USD_M, is_inverse
from monitor.exchanges.contract import OrderPage, OrderQuery
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    refuse_duplicates,
)
from monitor.exchanges.order_fields import TRIGGER
from monitor.exchanges.windows import fetch_halves, milliseconds, windows

USD_M_OPEN = Endpoint(family="fapiPrivate", path="openOrders", weight=40, bucket="fapi")
USD_M_ALL = Endpoint(family="fapiPrivate", path="allOrders", weight=5, bucket="fapi")
USD_M_OPEN_ALGO = Endpoint(family="fapiPrivate", path="openAlgoOrders", weight=40, bucket="fapi")
USD_M_ALL_ALGO = Endpoint(family="fapiPrivate", path="allAlgoOrders", weight=5, bucket="fapi")
COIN_M_OPEN = Endpoint(family="dapiPrivate", path="openOrders", weight=40, bucket="dapi")
COIN_M_ALL = Endpoint(family="dapiPrivate", path="allOrders", weight=20, bucket="dapi")
COIN_M_OPEN_ALGO = Endpoint(family="dapiPrivate", path="openAlgoOrders", weight=40, bucket="dapi")
COIN_M_ALL_ALGO = Endpoint(family="dapiPrivate", path="allAlgoOrders", weight=5, bucket="dapi")
UNIFIED_USD_M_OPEN = Endpoint(family="papi", path="um/openOrders", weight=40, bucket="papi")
UNIFIED_USD_M_ALL = Endpoint(family="papi", path="um/allOrders", weight=5, bucket="papi")
UNIFIED_USD_M_OPEN_ALGO = Endpoint(family="papi", path="um/algo/openAlgoOrders", weight=1, bucket="papi")
UNIFIED_USD_M_ALL_ALGO = Endpoint(family="papi", path="um/algo/allAlgoOrders", weight=5, bucket="papi")
UNIFIED_COIN_M_OPEN = Endpoint(family="papi", path="cm/openOrders", weight=40, bucket="papi")
UNIFIED_COIN_M_ALL = Endpoint(family="papi", path="cm/allOrders", weight=20, bucket="papi")
UNIFIED_COIN_M_OPEN_STRATEGIES = Endpoint(family="papi", path="cm/conditional/openOrders", weight=40, bucket="papi")
UNIFIED_COIN_M_ALL_STRATEGIES = Endpoint(family="papi", path="cm/conditional/allOrders", weight=1, bucket="papi")
WEEK, QUARTER = timedelta(days=7), timedelta(days=89)
Orders = tuple[OrderRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """One of the exchange's lists of orders: what waits, and everything of a contract."""

    waiting: Endpoint
    all: Endpoint
    size: int  # of an answer
    read: Callable[[Row, str], OrderRecord]


USD_M_LISTS = (
    _List(waiting=USD_M_OPEN, all=USD_M_ALL, size=1000, read=read_order),
    _List(waiting=USD_M_OPEN_ALGO, all=USD_M_ALL_ALGO, size=1000, read=read_algo),
)
COIN_M_LISTS = (
    _List(waiting=COIN_M_OPEN, all=COIN_M_ALL, size=100, read=read_order),
    _List(waiting=COIN_M_OPEN_ALGO, all=COIN_M_ALL_ALGO, size=1000, read=read_algo),
)
UNIFIED_USD_M_LISTS = (
    _List(waiting=UNIFIED_USD_M_OPEN, all=UNIFIED_USD_M_ALL, size=1000, read=read_order),
    _List(waiting=UNIFIED_USD_M_OPEN_ALGO, all=UNIFIED_USD_M_ALL_ALGO, size=1000, read=read_algo),
)
UNIFIED_COIN_M_LISTS = (
    _List(waiting=UNIFIED_COIN_M_OPEN, all=UNIFIED_COIN_M_ALL, size=100, read=read_order),
    _List(
        waiting=UNIFIED_COIN_M_OPEN_STRATEGIES,
        all=UNIFIED_COIN_M_ALL_STRATEGIES,
        size=1000,
        read=read_strategy,
    ),
)
MARKETS = {
    USD_M: (USD_M_LISTS, ()),
    COIN_M: ((), COIN_M_LISTS),
    PORTFOLIO: (UNIFIED_USD_M_LISTS, UNIFIED_COIN_M_LISTS),
}


async def fetch_open_orders(connection: Connection, market: str) -> Orders:
    """Every order of a market of contracts that waits."""
    linear, inverse = MARKETS[market]
    found = await gather(
        *(
            connection.call(one.waiting, "Reading open orders of contracts", _reader(one, market))
            for one in (*linear, *inverse)
        )
    )
    return tuple(order for orders in found for order in orders)


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The orders of a contract that were given since a week before the last reading: one of then may have been filled just now."""
    since = max(query.since - WEEK, connection.now() - QUARTER)
    lists = MARKETS[query.market][is_inverse(query.pair.symbol)]
    found = [await _fetch(connection, one, query.market, query.pair.symbol, (since, query.until)) for one in lists]
    return OrderPage(orders=tuple(order for orders in found for order in orders), is_last=True)


async def fetch_ended(connection: Connection, order: OrderRecord) -> Orders:
    """What has become of an order, among those of the second in which it was given; nothing of one that is no longer listed."""
    is_trigger, at = order.exchange_id.startswith(TRIGGER), order.ordered_at
    lists = MARKETS[order.market][is_inverse(order.symbol)]
    if not lists or at < connection.now() - QUARTER:
        return ()
    return await _fetch(connection, lists[is_trigger], order.market, order.symbol, (at, at + SECOND))


async def _fetch(
    connection: Connection, one: _List, market: str, symbol: str, span: tuple[datetime, datetime]
) -> Orders:
    doing = f"Reading the orders of {symbol}"

    async def fetch(start: datetime, end: datetime) -> Sequence[OrderRecord]:
        times = {"startTime": milliseconds(start), "endTime": milliseconds(end) + 999}
        read = _reader(one, market, symbol)
        return await connection.call(one.all, doing, read, symbol=symbol, limit=one.size, **times)

    found: dict[str, OrderRecord] = {}
    try:
        for window in windows(*span, WEEK - SECOND):
            rows = await fetch_halves(fetch, window, one.size, doing)
            found |= {order.exchange_id: order for order in rows}
    except UnknownSymbol:
        return ()
    return tuple(sorted(found.values(), key=_number))


def _number(order: OrderRecord) -> int:
    return int(order.exchange_id.removeprefix(TRIGGER))


def _reader(one: _List, market: str, symbol: str = "") -> Callable[[object], Orders]:
    def read(answer: object) -> Orders:
        orders = tuple(one.read(row, market) for row in a_list(answer))
        refuse_duplicates((order.exchange_id for order in orders), "order")
        if any(symbol not in ("", order.symbol) for order in orders):
            raise Malformed("an order of another contract")
        return tuple(sorted(orders, key=_number))

    return read
