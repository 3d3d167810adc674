"""Orders in spot of the classic system that wait for a price that triggers them: plans, which have lists and numbers of their own.

An order to take a profit or stop a loss is among the others, under a type of its own (`tpslType`), which is asked for by itself.
"""

from datetime import datetime, timedelta
from functools import partial

from finance.decimals import ZERO
from finance.orders import OrderRecord
from finance.records import FillMarket
from monitor.exchanges.bitget.answers import read_named_rows
from monitor.exchanges.bitget.contract_order_rows import PLAN_STATES
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.orders import MARKET, QUOTES, SIDES
from monitor.exchanges.bitget.pages import BY_ID, PAGE_SIZE, fetch_history, page_of
from monitor.exchanges.contract import Pair
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, moment, optional_text, select, text
from monitor.exchanges.order_fields import TRIGGER, positive, read_state, split_symbol
from monitor.exchanges.windows import CursorPage, fetch_by_cursor

OPEN_PLANS = private("v2/spot/trade/current-plan-order")
PLANS = private("v2/spot/trade/history-plan-order")
QUARTER = timedelta(days=89)
ROWS = partial(read_named_rows, name="orderList", cursor="idLessThan")
FIELDS = ("orderId", "clientOid", "symbol", "size", "planType", "executePrice", "triggerPrice", "status", "orderType", "side",
          "triggerType", "cTime", "uTime")  # fmt: skip


async def fetch_open(connection: Connection) -> list[OrderRecord]:
    """Every plan that waits."""
    doing, read = "Reading orders that wait for a trigger", page_of(ROWS, read_plan, "orderId")

    async def fetch(before: str) -> CursorPage[OrderRecord]:
        page = {BY_ID: before} if before else {}
        return await connection.call(OPEN_PLANS, doing, read, limit=PAGE_SIZE, **page)

    return await fetch_by_cursor(fetch, PAGE_SIZE, doing)


async def fetch_ended(connection: Connection, pair: Pair, span: tuple[datetime, datetime]) -> list[OrderRecord]:
    """The plans of a pair that were given in a time and wait no longer."""
    read, doing = page_of(ROWS, partial(read_plan, pair=pair), "orderId"), f"Reading the plans of {pair.symbol}"
    return await fetch_history(connection, PLANS, doing, read, span, QUARTER, symbol=pair.symbol)


def read_plan(row: Row, *, pair: Pair | None = None) -> OrderRecord:
    """A plan: `size` is of the base, or, to buy at the market's price for an amount, of the quote."""
    symbol, side, kind = text(row, "symbol"), text(row, "side").lower(), text(row, "orderType").lower()
    if (pair and symbol != pair.symbol) or not text(row, "orderId").isdigit() or side not in SIDES:
        raise Malformed("a plan of another pair, or without a number or a side")
    found, given, size = pair or split_symbol(symbol, QUOTES), a_moment(row, "cTime"), amount(row, "size")
    is_quote = (kind, side) == (MARKET, "buy") and optional_text(row, "planType").lower() != "amount"
    return OrderRecord(
        market=FillMarket.SPOT,
        symbol=symbol,
        exchange_id=TRIGGER + text(row, "orderId"),
        client_id=optional_text(row, "clientOid"),
        base_asset=found.base,
        quote_asset=found.quote,
        side=side,
        type=f"trigger_{kind}",
        quantity=None if is_quote else size,
        quote_quantity=size if is_quote else None,
        price=None if kind == MARKET else positive(row, "executePrice"),
        trigger_price=positive(row, "triggerPrice"),
        executed_quantity=ZERO,
        state=read_state(text(row, "status"), PLAN_STATES),
        ordered_at=given,
        updated_at=moment(row, "uTime") or given,
        raw=select(row, FIELDS),
    )
