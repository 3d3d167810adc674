"""Orders of spot and margin: those that wait, of all pairs in one call, and those of a pair that have ended; triggers with them.

Whether a window goes by when an order was given or by when it ended is not said: what has become of one that waited is looked for
from its beginning to now, which holds both. Times are in milliseconds.
"""

from datetime import datetime, timedelta

from finance.decimals import CONTEXT, ZERO, exact
from finance.orders import OrderRecord, OrderState
from finance.prices import name_pair
from finance.records import FillMarket
from monitor.errors import UnknownSymbol
from monitor.exchanges.contract import OrderPage, OrderQuery, Pair
from monitor.exchanges.gate import endpoints, triggers
from monitor.exchanges.gate.pages import fetch_numbered, in_ms, span
from monitor.exchanges.gate.symbols import JOINED, split_pair
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, optional_text, select, text
from monitor.exchanges.order_fields import TRIGGER, positive
from monitor.exchanges.windows import Window, windows

LONGEST_WINDOW = timedelta(days=29)
DEPTH = timedelta(days=87)  # that a pair is first read back: three windows
AGAIN = timedelta(days=8)  # before the last reading, as of trades
PAGE_SIZE, OPEN_PAGE = 100, 100
SIDES = ("buy", "sell")
MARGIN_MODES = {"margin": "isolated", "cross_margin": "cross"}  # by the account of an order; spot and unified have none
MARKET, BY_OWNER = "market", ("cancelled", "-", "")
FIELDS = ("id", "text", "currency_pair", "status", "type", "account", "side", "amount", "price", "left", "filled_amount",
          "filled_total", "avg_deal_price", "time_in_force", "iceberg", "finish_as", "create_time_ms", "update_time_ms")  # fmt: skip
Orders = tuple[OrderRecord, ...]


async def fetch_open_orders(connection: Connection) -> Orders:
    """Every order that waits. A page has so many orders of each pair."""
    found: dict[str, OrderRecord] = {}
    number, most = 1, OPEN_PAGE
    while most >= OPEN_PAGE:
        pages = await connection.call(
            endpoints.OPEN_ORDERS, "Reading open orders", read_open, page=number, limit=OPEN_PAGE
        )
        found |= {order.exchange_id: order for orders in pages for order in orders}
        number, most = number + 1, max((len(orders) for orders in pages), default=0)
    waiting = await triggers.fetch_open(connection, FillMarket.SPOT)
    return (*found.values(), *map(triggers.read_spot, waiting))


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The orders of a pair that have ended since shortly before the last reading, also those that waited for a trigger."""
    since = max(query.since - AGAIN, connection.now() - DEPTH)
    found = await _fetch(connection, query.pair, (since, query.until))
    return OrderPage(orders=(*found, *await _fetch_triggers(connection, query.pair, since)), is_last=True)


async def fetch_ended(connection: Connection, order: OrderRecord) -> Orders:
    """What has become of an order, among all of its pair that have ended since it was given."""
    pair = Pair(symbol=order.symbol, base=order.base_asset, quote=order.quote_asset)
    if order.exchange_id.startswith(TRIGGER):
        return await _fetch_triggers(connection, pair, order.ordered_at)
    return await _fetch(connection, pair, (order.ordered_at, connection.now()))


async def _fetch_triggers(connection: Connection, pair: Pair, since: datetime) -> Orders:
    try:
        rows = await triggers.fetch_ended(connection, FillMarket.SPOT, f"{pair.base}{JOINED}{pair.quote}", since)
    except UnknownSymbol:
        return ()
    return tuple(map(triggers.read_spot, rows))


async def _fetch(connection: Connection, pair: Pair, window: Window) -> Orders:
    name = f"{pair.base}{JOINED}{pair.quote}"
    found: dict[str, OrderRecord] = {}
    doing = f"Reading the orders of {pair.symbol}"
    try:
        for part in windows(*window, LONGEST_WINDOW):
            rows = await fetch_numbered(
                connection,
                endpoints.ORDERS,
                doing,
                read_orders,
                PAGE_SIZE,
                currency_pair=name,
                status="finished",
                **span(part),
            )
            found |= {order.exchange_id: order for order in rows}
    except UnknownSymbol:
        return ()
    return tuple(found[number] for number in sorted(found, key=int))


def read_open(answer: object) -> list[list[OrderRecord]]:
    """The orders of each pair."""
    return [read_orders(row.get("orders")) for row in a_list(answer)]


def read_orders(answer: object) -> list[OrderRecord]:
    """The orders of a page."""
    return [_read_order(row) for row in a_list(answer)]


@exact
def _read_order(row: Row) -> OrderRecord:
    """An order; `amount` is of the quote where it was given to buy at the market's price."""
    sides, side, kind = split_pair(text(row, "currency_pair")), text(row, "side"), text(row, "type")
    if sides is None or side not in SIDES or not text(row, "id").isdigit():
        raise Malformed("an order of no pair, or without a number or a side")
    base, quote = sides
    is_quote = (kind, side) == (MARKET, "buy")
    whole, left, price = amount(row, "amount"), amount(row, "left"), positive(row, "price")
    paid, average = amount(row, "filled_total"), positive(row, "avg_deal_price")
    worked_out = (CONTEXT.divide(paid, average) if average else ZERO) if is_quote else whole - left
    done = amount(row, "filled_amount", default=worked_out)  # older rows have none
    return OrderRecord(
        market=FillMarket.SPOT,
        symbol=name_pair(base, quote),
        exchange_id=text(row, "id"),
        client_id=optional_text(row, "text"),
        base_asset=base,
        quote_asset=quote,
        side=side,
        type=kind,
        quantity=None if is_quote else whole,
        quote_quantity=whole if is_quote else None,
        price=None if kind == MARKET else price,
        executed_quantity=done,
        executed_quote=paid,
        state=_read_state(row, is_begun=bool(done)),
        margin_mode=MARGIN_MODES.get(optional_text(row, "account"), ""),
        ordered_at=in_ms(row, "create_time_ms"),
        updated_at=in_ms(row, "update_time_ms"),
        raw=select(row, FIELDS),
    )


def _read_state(row: Row, *, is_begun: bool) -> OrderState:
    """One whose status nobody knows waits: it is asked for until it has ended in a word that is known."""
    status = text(row, "status")
    if status == "closed":
        return OrderState.FILLED
    if status == "cancelled":
        return OrderState.CANCELLED if optional_text(row, "finish_as") in BY_OWNER else OrderState.EXPIRED
    return OrderState.PARTIALLY_FILLED if is_begun else OrderState.OPEN
