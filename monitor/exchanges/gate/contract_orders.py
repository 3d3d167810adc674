"""Orders of contracts: those that wait, of all contracts in one call, and those of a contract in a time, whatever became of them.

Sizes are in contracts, as those of trades are; in hedge mode no row says of which position an order is. Times are in seconds with
digits behind the point.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.orders import OrderRecord, OrderState
from monitor.errors import UnknownSymbol, WalletNotOpened
from monitor.exchanges.contract import OrderPage, OrderQuery
from monitor.exchanges.gate import endpoints, triggers
from monitor.exchanges.gate.futures import BTC_FUTURES, SETTLED, USDT_FUTURES
from monitor.exchanges.gate.pages import fetch_offset, maybe_in_seconds, span
from monitor.exchanges.gate.positions import fetch_multiplier, find_wallet
from monitor.exchanges.gate.symbols import exchange_contract, name_contract
from monitor.exchanges.gate.unified import UNIFIED
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, optional_text, seconds, select, text
from monitor.exchanges.order_fields import TRIGGER, positive
from monitor.exchanges.windows import Window, windows

LONGEST_WINDOW, DEPTH = timedelta(days=29), timedelta(days=87)
AGAIN = timedelta(days=8)  # before the last reading: an order that was given then may have been filled just now
PAGE_SIZE = 100
MARKETS = {  # and the wallets whose contracts are in them
    USDT_FUTURES: (USDT_FUTURES,),
    BTC_FUTURES: (BTC_FUTURES,),
    UNIFIED: (USDT_FUTURES, BTC_FUTURES),
}
OPEN_ORDERS = {USDT_FUTURES: endpoints.USDT_ORDERS, BTC_FUTURES: endpoints.BTC_ORDERS}
ORDERS = {USDT_FUTURES: endpoints.USDT_ORDERS_IN_TIME, BTC_FUTURES: endpoints.BTC_ORDERS_IN_TIME}
BY_OWNER = ("cancelled", "-", "")
FIELDS = ("id", "text", "contract", "status", "size", "left", "price", "fill_price", "tif", "iceberg", "is_reduce_only", "is_close",
          "is_liq", "finish_as", "create_time", "finish_time", "update_time")  # fmt: skip
Orders = tuple[OrderRecord, ...]


async def fetch_open_orders(connection: Connection, market: str) -> Orders:
    """Every order of a market's contracts that waits, also for a trigger."""
    found = [await _fetch_open(connection, wallet) for wallet in MARKETS[market]]
    return tuple(replace(order, market=market) for orders in found for order in orders)


async def _fetch_open(connection: Connection, wallet: str) -> Orders:
    """None of a wallet that was never opened."""
    doing = "Reading open orders of contracts"
    try:
        rows = await fetch_offset(connection, OPEN_ORDERS[wallet], doing, a_list, PAGE_SIZE, status="open")
        waiting = await triggers.fetch_open(connection, wallet)
    except WalletNotOpened:
        return ()
    return (*await _read(connection, wallet, rows), *await triggers.read_contracts(connection, wallet, waiting))


async def fetch_orders(connection: Connection, query: OrderQuery) -> OrderPage:
    """The orders of a contract since shortly before the last reading, also those that waited for a trigger."""
    since, symbol = max(query.since - AGAIN, connection.now() - DEPTH), query.pair.symbol
    try:
        found = await _fetch(connection, query.market, symbol, (since, query.until))
        made = await _fetch_triggers(connection, query.market, symbol, since)
    except (UnknownSymbol, WalletNotOpened):
        return OrderPage(orders=(), is_last=True)
    return OrderPage(orders=(*found, *made), is_last=True)


async def fetch_ended(connection: Connection, order: OrderRecord) -> Orders:
    """What has become of an order, among those of its contract that were given since then."""
    if order.exchange_id.startswith(TRIGGER):
        return await _fetch_triggers(connection, order.market, order.symbol, order.ordered_at)
    return await _fetch(connection, order.market, order.symbol, (order.ordered_at, connection.now()))


async def _fetch_triggers(connection: Connection, market: str, symbol: str, since: datetime) -> Orders:
    wallet = find_wallet(symbol)
    if wallet not in ORDERS:
        return ()
    rows = await triggers.fetch_ended(connection, wallet, exchange_contract(symbol), since)
    found = await triggers.read_contracts(connection, wallet, rows)
    return tuple(replace(order, market=market) for order in found)


async def _fetch(connection: Connection, market: str, symbol: str, window: Window) -> Orders:
    wallet = find_wallet(symbol)
    if wallet not in ORDERS:
        return ()
    doing, found = f"Reading the orders of {symbol}", dict[str, Row]()
    for part in windows(*window, LONGEST_WINDOW):
        asked = {"contract": exchange_contract(symbol), **span(part)}
        rows = await fetch_offset(connection, ORDERS[wallet], doing, a_list, PAGE_SIZE, **asked)
        found |= {text(row, "id"): row for row in rows}
    orders = await _read(connection, wallet, [found[number] for number in sorted(found, key=int)])
    return tuple(replace(order, market=market) for order in orders)


async def _read(connection: Connection, wallet: str, rows: list[Row]) -> Orders:
    names = sorted({text(row, "contract") for row in rows})
    multipliers = {name: await fetch_multiplier(connection, wallet, name) for name in names}
    return tuple(read_order(row, wallet, multipliers) for row in rows)


@exact
def read_order(row: Row, market: str, multipliers: Mapping[str, Decimal]) -> OrderRecord:
    """An order at its own price or at the market's; one of size 0 closes all of a position."""
    contract, settle = text(row, "contract"), SETTLED[market]
    size, left = (amount(row, name, signed=True) * multipliers[contract] for name in ("size", "left"))
    if not text(row, "id").isdigit() or contract not in multipliers:
        raise Malformed("an order without a number")
    base, quote = triggers.name_units(contract, settle)
    given, price, done = seconds(row, "create_time"), positive(row, "price"), abs(size - left)
    return OrderRecord(
        market=market,
        symbol=name_contract(contract, settle),
        exchange_id=text(row, "id"),
        client_id=optional_text(row, "text"),
        base_asset=base,
        quote_asset=quote,
        side="buy" if size > 0 else "sell",
        type="liquidation" if row.get("is_liq") is True else "limit" if price else "market",
        reduces=row.get("is_reduce_only") is True or row.get("is_close") is True,
        quantity=abs(size) or None,
        price=price,
        executed_quantity=done,
        executed_quote=done * amount(row, "fill_price", default=ZERO),
        state=_read_state(row, is_begun=bool(done), is_done=not left),
        ordered_at=given,
        updated_at=maybe_in_seconds(row, "finish_time") or maybe_in_seconds(row, "update_time") or given,
        raw=select(row, FIELDS),
    )


def _read_state(row: Row, *, is_begun: bool, is_done: bool) -> OrderState:
    """One whose status nobody knows waits: it is asked for until it has ended in a word that is known."""
    if text(row, "status") != "finished":
        return OrderState.PARTIALLY_FILLED if is_begun else OrderState.OPEN
    if is_done:
        return OrderState.FILLED
    return OrderState.CANCELLED if optional_text(row, "finish_as") in BY_OWNER else OrderState.EXPIRED
