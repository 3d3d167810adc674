"""Orders on margin of the classic system, cross and isolated, pair by pair: those that wait, the others of 90 days, and one of them.

Of the unified system they are among those of spot. An order that the exchange gave says so by its side.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from finance.decimals import ZERO
from finance.orders import OrderRecord, OrderState
from finance.records import FillMarket
from monitor.errors import UnknownSymbol, WalletNotOpened
from monitor.exchanges.bitget.answers import read_side
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.margin import CROSS, ISOLATED
from monitor.exchanges.bitget.orders import AGAIN, DEPTH, MARKET, QUARTER, STATES, Orders, sort_once
from monitor.exchanges.bitget.pages import fetch_history
from monitor.exchanges.contract import OrderMarket, OrderPage, OrderQuery, Pair
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    a_moment,
    amount,
    an_object,
    moment,
    optional_text,
    select,
    text,
)
from monitor.exchanges.order_fields import positive, read_state
from monitor.exchanges.windows import CursorPage

CROSS_OPEN = private("v2/margin/crossed/open-orders")
CROSS_ORDERS = private("v2/margin/crossed/history-orders")
ISOLATED_OPEN = private("v2/margin/isolated/open-orders")
ISOLATED_ORDERS = private("v2/margin/isolated/history-orders")
LISTS: dict[str, tuple[Endpoint, Endpoint]] = {  # what waits, and what has ended
    FillMarket.CROSS_MARGIN: (CROSS_OPEN, CROSS_ORDERS),
    FillMarket.ISOLATED_MARGIN: (ISOLATED_OPEN, ISOLATED_ORDERS),
}
MARKETS = tuple(OrderMarket(name=one, wallets=(one,), is_by_pair=True) for one in (CROSS, ISOLATED))
NAMES = ("orderList", "resultList")  # of the rows: an example of open orders of cross margin has the second one
LIQUIDATION = "liquidation"
OF_MARGIN = STATES | {
    "partial_fill": OrderState.PARTIALLY_FILLED,
    "partially_fill": OrderState.PARTIALLY_FILLED,
    "reject": OrderState.REJECTED,
}
FIELDS = ("orderId", "clientOid", "symbol", "orderType", "side", "loanType", "price", "priceAvg", "baseSize", "quoteSize", "size",
          "amount", "status", "force", "enterPointSource", "cTime", "uTime")  # fmt: skip


async def fetch_open_orders(connection: Connection, market: str, pair: Pair) -> Orders:
    """Every order of a pair that waits, and was given in the last 90 days."""
    span = connection.now() - DEPTH, connection.now()
    return await _fetch(connection, LISTS[market][0], market, pair, span)


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The orders of a pair that were given since shortly before the last reading and wait no longer."""
    span = max(query.since - AGAIN, connection.now() - DEPTH), query.until
    return OrderPage(
        orders=await _fetch(connection, LISTS[query.market][1], query.market, query.pair, span), is_last=True
    )


async def fetch_ended(connection: Connection, order: OrderRecord) -> Orders:
    """What has become of an order; nothing where the exchange knows it no more."""
    pair = Pair(symbol=order.symbol, base=order.base_asset, quote=order.quote_asset)
    span = max(order.ordered_at, connection.now() - DEPTH), connection.now()
    return await _fetch(connection, LISTS[order.market][1], order.market, pair, span, orderId=order.exchange_id)


async def _fetch(
    connection: Connection,
    endpoint: Endpoint,
    market: str,
    pair: Pair,
    span: tuple[datetime, datetime],
    **asked: str,
) -> Orders:
    doing, read = f"Reading the orders of {pair.symbol} on margin", partial(read_order, market=market, pair=pair)
    try:
        found = await fetch_history(
            connection, endpoint, doing, _pages_of(read), span, QUARTER, symbol=pair.symbol, **asked
        )
    except (UnknownSymbol, WalletNotOpened):
        return ()
    return sort_once(found)


def _pages_of(read: Callable[[Row], OrderRecord]) -> Callable[[object], CursorPage[OrderRecord]]:
    """A reader of pages; the next one is asked for with the number of the last row, whatever the answer calls its end."""

    def read_page(answer: object) -> CursorPage[OrderRecord]:
        page = an_object(answer)
        name = next((one for one in NAMES if one in page), NAMES[0])
        rows = [] if name in page and page[name] is None else a_list(an_object(page, name)[name], name)
        return [read(row) for row in rows], str(rows[-1].get("orderId") or "") if rows else ""

    return read_page


def read_order(row: Row, *, market: str, pair: Pair) -> OrderRecord:
    """An order: `baseSize` and `quoteSize` are what was asked for, `size` and `amount` what was done."""
    side, by_whom = read_side(text(row, "side"))
    if text(row, "symbol") != pair.symbol or not text(row, "orderId").isdigit():
        raise Malformed("an order of another pair, or without a number")
    given, quantity, at_market = a_moment(row, "cTime"), positive(row, "baseSize"), text(row, "orderType") == MARKET
    return OrderRecord(
        market=market,
        symbol=pair.symbol,
        exchange_id=text(row, "orderId"),
        client_id=optional_text(row, "clientOid"),
        base_asset=pair.base,
        quote_asset=pair.quote,
        side=side,
        type=LIQUIDATION if by_whom == LIQUIDATION else text(row, "orderType").lower(),
        quantity=quantity,
        quote_quantity=None if quantity else positive(row, "quoteSize"),
        price=None if at_market else positive(row, "price"),
        executed_quantity=amount(row, "size", default=ZERO),
        executed_quote=amount(row, "amount", default=ZERO),
        margin_mode="cross" if market == CROSS else ISOLATED.partition("_")[0],
        state=read_state(text(row, "status"), OF_MARGIN),
        ordered_at=given,
        updated_at=moment(row, "uTime") or given,
        raw=select(row, FIELDS),
    )
