"""Which orders are read of which market: spot with what a price triggers there, margin (of a unified account among spot), contracts."""

from finance.orders import OrderRecord
from finance.records import FillMarket
from monitor.errors import UnknownSymbol
from monitor.exchanges.bitget import contract_orders, margin_orders, orders, spot, spot_plans, unified
from monitor.exchanges.contract import OrderMarket, OrderPage, OrderQuery, Pair
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.order_fields import TRIGGER

MARKETS = (
    OrderMarket(name=FillMarket.SPOT, wallets=(spot.SPOT, unified.POOL)),
    *margin_orders.MARKETS,
    *(OrderMarket(name=one, wallets=(one,), is_of_contracts=True) for one in contract_orders.MARKETS),
)
NONE = OrderPage(orders=(), is_last=True)
Orders = tuple[OrderRecord, ...]


async def fetch_open_orders(connection: Connection, market: str, pair: Pair | None, *, is_classic: bool) -> Orders:
    """Every order of a market that waits; on margin of a pair."""
    if market in margin_orders.LISTS:
        return await margin_orders.fetch_open_orders(connection, market, pair) if is_classic and pair else ()
    if market in contract_orders.MARKETS:
        return await contract_orders.fetch_open_orders(connection, market)
    waiting = await orders.fetch_open_orders(connection, is_classic=is_classic)
    return (*waiting, *await spot_plans.fetch_open(connection)) if is_classic else waiting


async def fetch_orders(connection: Connection, query: OrderQuery, *, is_classic: bool) -> OrderPage:
    """The orders of a pair or contract since shortly before the last reading."""
    if query.market in margin_orders.LISTS:
        return await margin_orders.fetch_orders(connection, query) if is_classic else NONE
    if query.market in contract_orders.MARKETS:
        return await contract_orders.fetch_orders(connection, query)
    page = await orders.fetch_orders(connection, query, is_classic=is_classic)
    if not is_classic:
        return page
    since = max(query.since - contract_orders.AGAIN, connection.now() - orders.DEPTH)
    try:
        plans = await spot_plans.fetch_ended(connection, query.pair, (since, query.until))
    except UnknownSymbol:
        return page
    return OrderPage(orders=(*page.orders, *plans), is_last=True)


async def fetch_ended(connection: Connection, order: OrderRecord, *, is_classic: bool) -> Orders:
    """What has become of an order; nothing where the exchange knows it no more."""
    if order.market in margin_orders.LISTS:
        return await margin_orders.fetch_ended(connection, order) if is_classic else ()
    if order.market in contract_orders.MARKETS:
        return await contract_orders.fetch_ended(connection, order)
    if not order.exchange_id.startswith(TRIGGER):
        return await orders.fetch_ended(connection, order, is_classic=is_classic)
    pair = Pair(symbol=order.symbol, base=order.base_asset, quote=order.quote_asset)
    since = max(order.ordered_at, connection.now() - orders.DEPTH)
    return tuple(await spot_plans.fetch_ended(connection, pair, (since, connection.now()))) if is_classic else ()
