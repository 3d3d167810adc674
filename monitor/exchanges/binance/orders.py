"""Orders in spot, those that wait of all pairs in one call, and on margin, pair by pair; and all orders of a pair by their ids.

An answer has neither base nor quote of a symbol: where the pair is not known, the quote is the one that the symbol ends with.
"""

from functools import partial

from finance.orders import OrderRecord, OrderState
from finance.records import FillMarket
from monitor.errors import UnknownSymbol, WalletNotOpened
from monitor.exchanges.binance.fills import IS_ISOLATED
from monitor.exchanges.contract import OrderPage, OrderQuery, Pair
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    a_moment,
    amount,
    from_number,
    moment,
    optional_text,
    refuse_duplicates,
    select,
    text,
)
from monitor.exchanges.order_fields import positive, read_state, split_symbol

OPEN_ORDERS = Endpoint(family="private", path="openOrders", weight=80, bucket="api")
ALL_ORDERS = Endpoint(family="private", path="allOrders", weight=20, bucket="api")
MARGIN_OPEN_ORDERS = Endpoint(family="sapi", path="margin/openOrders", weight=10, bucket="sapi margin open orders")
MARGIN_ORDERS = Endpoint(family="sapi", path="margin/allOrders", weight=200, bucket="sapi margin orders")
PORTFOLIO_OPEN_ORDERS = Endpoint(family="papi", path="margin/openOrders", weight=5, bucket="papi")
PORTFOLIO_ORDERS = Endpoint(family="papi", path="margin/allOrders", weight=100, bucket="papi")
PAGE_SIZE, MARGIN_PAGE_SIZE = 1000, 500
MODES: dict[str, str] = {
    FillMarket.CROSS_MARGIN: "cross",
    FillMarket.ISOLATED_MARGIN: "isolated",
    FillMarket.PORTFOLIO_MARGIN: "cross",
}
LISTS: dict[str, tuple[Endpoint, Endpoint]] = {  # of margin: what waits, and all
    FillMarket.CROSS_MARGIN: (MARGIN_OPEN_ORDERS, MARGIN_ORDERS),
    FillMarket.ISOLATED_MARGIN: (MARGIN_OPEN_ORDERS, MARGIN_ORDERS),
    FillMarket.PORTFOLIO_MARGIN: (PORTFOLIO_OPEN_ORDERS, PORTFOLIO_ORDERS),
}
FIRST_ID = 1
SIDES = {"BUY": "buy", "SELL": "sell"}
STATES = {
    "NEW": OrderState.OPEN,
    "PENDING_NEW": OrderState.OPEN,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "PENDING_CANCEL": OrderState.OPEN,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELLED,
    "REJECTED": OrderState.REJECTED,
    "EXPIRED": OrderState.EXPIRED,
    "EXPIRED_IN_MATCH": OrderState.EXPIRED,
}
# No name of a pair ends with two of them.
QUOTES = ("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USD1", "USDP", "USDS", "DAI", "EURI", "BTC", "ETH", "BNB", "XRP", "TRX", "DOGE",
          "DOT", "SOL", "TRY", "EUR", "BRL", "JPY", "AUD", "GBP", "PLN", "RON", "ARS", "MXN", "CZK", "COP", "ZAR", "UAH", "RUB",
          "NGN", "IDRT", "BIDR", "BKRW", "VAI", "UST", "PAX")  # fmt: skip
FIELDS = ("symbol", "orderId", "orderListId", "clientOrderId", "price", "origQty", "executedQty", "cummulativeQuoteQty", "status",
          "timeInForce", "type", "side", "stopPrice", "icebergQty", "origQuoteOrderQty", "trailingDelta", "time",
          "updateTime")  # fmt: skip


async def fetch_open_orders(connection: Connection, market: str, pair: Pair | None) -> tuple[OrderRecord, ...]:
    """Every order in spot that waits, or those of a pair on margin."""
    if market == FillMarket.SPOT:
        return await connection.call(OPEN_ORDERS, "Reading open orders", partial(_read_orders, market=market))
    if pair is None:
        return ()
    read, doing = partial(_read_orders, market=market, pair=pair), f"Reading open orders of {pair.symbol}"
    try:
        return await connection.call(LISTS[market][0], doing, read, symbol=pair.symbol, **_mode(market))
    except (UnknownSymbol, WalletNotOpened):
        return ()


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The orders of a pair after an id; none of a symbol that no longer exists."""
    first = int(query.after_id) + 1 if query.after_id else FIRST_ID
    found = await _fetch(connection, query.market, query.pair, first)
    return OrderPage(orders=found, is_last=len(found) < (MARGIN_PAGE_SIZE if query.market in MODES else PAGE_SIZE))


async def fetch_ended(connection: Connection, order: OrderRecord) -> tuple[OrderRecord, ...]:
    """The orders of its pair from its id on."""
    pair = Pair(symbol=order.symbol, base=order.base_asset, quote=order.quote_asset)
    return await _fetch(connection, order.market, pair, int(order.exchange_id))


async def _fetch(connection: Connection, market: str, pair: Pair, first: int) -> tuple[OrderRecord, ...]:
    doing = f"Reading the orders of {pair.symbol}"
    is_margin = market in MODES
    asked = {"limit": MARGIN_PAGE_SIZE, **_mode(market)} if is_margin else {"limit": PAGE_SIZE}
    read = partial(_read_orders, market=market, pair=pair, first=first)
    try:
        return await connection.call(
            LISTS[market][1] if is_margin else ALL_ORDERS, doing, read, symbol=pair.symbol, orderId=first, **asked
        )
    except (UnknownSymbol, WalletNotOpened):
        return ()


def _mode(market: str) -> dict[str, str]:
    """What the lists of margin are asked for beside a symbol; in portfolio margin there is but one kind."""
    return {"isIsolated": IS_ISOLATED[market]} if market in IS_ISOLATED else {}


def _read_orders(answer: object, market: str, pair: Pair | None = None, first: int = 0) -> tuple[OrderRecord, ...]:
    """The orders of an answer, by their ids; all of them of a `pair` that was asked for."""
    rows = from_number(a_list(answer), "orderId", first)
    refuse_duplicates((f"{text(row, 'symbol')} {text(row, 'orderId')}" for row in rows), "order")
    found = [_read_order(row, market, pair or split_symbol(text(row, "symbol"), QUOTES)) for row in rows]
    return tuple(sorted(found, key=lambda order: int(order.exchange_id)))


def _read_order(row: Row, market: str, pair: Pair) -> OrderRecord:
    if text(row, "symbol") != pair.symbol or not text(row, "orderId").isdigit() or text(row, "side") not in SIDES:
        raise Malformed("an order of another pair, or without an id or a side")
    ordered, listed = a_moment(row, "time"), optional_text(row, "orderListId")
    executed_quote = amount(row, "cummulativeQuoteQty", signed=True)
    return OrderRecord(
        market=FillMarket.CROSS_MARGIN if market == FillMarket.PORTFOLIO_MARGIN else market,
        symbol=pair.symbol,
        exchange_id=text(row, "orderId"),
        client_id=optional_text(row, "clientOrderId"),
        base_asset=pair.base,
        quote_asset=pair.quote,
        side=SIDES[text(row, "side")],
        type=text(row, "type").lower(),
        quantity=amount(row, "origQty") or None,
        quote_quantity=positive(row, "origQuoteOrderQty"),
        price=positive(row, "price"),
        trigger_price=positive(row, "stopPrice"),
        executed_quantity=amount(row, "executedQty"),
        executed_quote=None if executed_quote < 0 else executed_quote,  # it is not known of very old orders
        state=read_state(text(row, "status"), STATES),
        margin_mode=MODES.get(market, ""),
        list_id="" if listed == "-1" else listed,
        ordered_at=ordered,
        updated_at=moment(row, "updateTime") or ordered,
        raw=select(row, FIELDS),
    )
