"""The markets whose orders are read, and by which module each is: pairs and contracts have lists of their own."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from finance.orders import OrderRecord
from finance.records import FillMarket
from monitor.errors import KeyRejected
from monitor.exchanges.binance import contract_orders, futures, margin, orders, spot
from monitor.exchanges.contract import OrderMarket, OrderPage, OrderQuery, Pair
from monitor.exchanges.http.connection import Connection

T = TypeVar("T")
MARKETS = (
    OrderMarket(name=FillMarket.SPOT, wallets=(spot.SPOT,)),
    OrderMarket(name=FillMarket.CROSS_MARGIN, wallets=(margin.CROSS, futures.PORTFOLIO), is_by_pair=True),
    OrderMarket(name=FillMarket.ISOLATED_MARGIN, wallets=(margin.ISOLATED,), is_by_pair=True),
    OrderMarket(name=futures.USD_M, wallets=(futures.USD_M,), is_of_contracts=True),
    OrderMarket(name=futures.COIN_M, wallets=(futures.COIN_M,), is_of_contracts=True),
    OrderMarket(name=futures.PORTFOLIO, wallets=(futures.PORTFOLIO,), is_of_contracts=True),
)


async def fetch_open_orders(connection: Connection, market: str, pair: Pair | None) -> tuple[OrderRecord, ...]:
    """Every order of a market that waits, on margin of a pair."""
    if market in contract_orders.MARKETS:
        return await contract_orders.fetch_open_orders(connection, market)
    found = await orders.fetch_open_orders(connection, market, pair)
    if market != FillMarket.CROSS_MARGIN or found:
        return found
    return await _if_there_is_one(orders.fetch_open_orders(connection, FillMarket.PORTFOLIO_MARGIN, pair), ())


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The next orders of a pair or of a contract."""
    if query.market in contract_orders.MARKETS:
        return await contract_orders.fetch_orders(connection, query)
    page = await orders.fetch_orders(connection, query)
    if query.market != FillMarket.CROSS_MARGIN or page.orders:
        return page
    unified = replace(query, market=FillMarket.PORTFOLIO_MARGIN)
    return await _if_there_is_one(orders.fetch_orders(connection, unified), page)


async def fetch_ended(connection: Connection, order: OrderRecord) -> tuple[OrderRecord, ...]:
    """The orders of a pair from an order's id on, or those of its contract and second."""
    if order.market in contract_orders.MARKETS:
        return await contract_orders.fetch_ended(connection, order)
    found = await orders.fetch_ended(connection, order)
    if order.market != FillMarket.CROSS_MARGIN or found:
        return found
    unified = replace(order, market=FillMarket.PORTFOLIO_MARGIN)
    return await _if_there_is_one(orders.fetch_ended(connection, unified), ())


async def _if_there_is_one(asking: Awaitable[T], otherwise: T) -> T:
    """What a portfolio margin account answers, whose orders on margin may be in its own lists alone; or `otherwise`."""
    try:
        return await asking
    except KeyRejected:  # of an account without it: the same key was taken a moment ago
        return otherwise
