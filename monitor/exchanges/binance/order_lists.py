"""The markets whose orders are read, and by which module each is: pairs and contracts have lists of their own."""

from finance.orders import OrderRecord
from finance.records import FillMarket
from monitor.exchanges.binance import contract_orders, futures, margin, orders, spot
from monitor.exchanges.contract import OrderMarket, OrderPage, OrderQuery, Pair
from monitor.exchanges.http.connection import Connection

MARKETS = (
    OrderMarket(name=FillMarket.SPOT, wallets=(spot.SPOT,)),
    OrderMarket(name=FillMarket.CROSS_MARGIN, wallets=(margin.CROSS,), is_by_pair=True),
    OrderMarket(name=FillMarket.ISOLATED_MARGIN, wallets=(margin.ISOLATED,), is_by_pair=True),
    OrderMarket(name=futures.USD_M, wallets=(futures.USD_M,), is_of_contracts=True),
    OrderMarket(name=futures.COIN_M, wallets=(futures.COIN_M,), is_of_contracts=True),
    OrderMarket(name=futures.PORTFOLIO, wallets=(futures.PORTFOLIO,), is_of_contracts=True),
)


async def fetch_open_orders(connection: Connection, market: str, pair: Pair | None) -> tuple[OrderRecord, ...]:
    """Every order of a market that waits, on margin of a pair."""
    if market in contract_orders.MARKETS:
        return await contract_orders.fetch_open_orders(connection, market)
    return await orders.fetch_open_orders(connection, market, pair)


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The next orders of a pair or of a contract."""
    if query.market in contract_orders.MARKETS:
        return await contract_orders.fetch_orders(connection, query)
    return await orders.fetch_orders(connection, query)


async def fetch_ended(connection: Connection, order: OrderRecord) -> tuple[OrderRecord, ...]:
    """The orders of a pair from an order's id on, or those of its contract and second."""
    if order.market in contract_orders.MARKETS:
        return await contract_orders.fetch_ended(connection, order)
    return await orders.fetch_ended(connection, order)
