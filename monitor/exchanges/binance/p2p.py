"""P2P orders: coins bought from or sold to another user, paid outside the exchange.

A seller's coins stay in the funding wallet (frozen) until the order is completed. The history tells when an order was
made, never when it was completed: the ledger learns that by looking every hour. A commission is in the coin: a buyer
receives less, a seller gives more.
"""

from asyncio import gather
from datetime import datetime, timedelta

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.binance.windows import Page, Window, fetch_pages, milliseconds, once, read_envelope, windows
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, a_moment, amount, asset, keep, text

ORDERS = Endpoint(family="sapi", path="c2c/orderMatch/listUserOrderHistory", weight=1, bucket="sapi p2p")
DOING = "Reading P2P orders"
LONGEST_WINDOW = timedelta(days=29)
PAGE_SIZE = 100
KINDS = {"BUY": FlowKind.P2P_PURCHASE, "SELL": FlowKind.P2P_SALE}
STATES = {
    "COMPLETED": FlowState.COUNTED,
    "PENDING": FlowState.PENDING,
    "TRADING": FlowState.PENDING,
    "BUYER_PAYED": FlowState.PENDING,
    "DISTRIBUTING": FlowState.PENDING,
    "IN_APPEAL": FlowState.PENDING,
    "CANCELLED": FlowState.VOID,
    "CANCELLED_BY_SYSTEM": FlowState.VOID,
}
KEPT = ("orderNumber", "tradeType", "asset", "amount", "fiat", "totalPrice", "unitPrice", "orderStatus", "createTime",
        "commission", "takerCommission", "advertisementRole")  # fmt: skip


async def fetch_orders(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """P2P orders made in [since, until]."""
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        for orders in await gather(*(_fetch_window(connection, window, direction) for direction in KINDS)):
            found += orders
    return once(found)


async def _fetch_window(connection: Connection, window: Window, direction: str) -> list[FlowRecord]:
    start, end = window

    async def fetch(number: int) -> Page[FlowRecord]:
        return await connection.call(
            ORDERS,
            DOING,
            _read_orders,
            tradeType=direction,
            startTimestamp=milliseconds(start),
            endTimestamp=milliseconds(end),
            page=number,
            rows=PAGE_SIZE,
        )

    return await fetch_pages(fetch, PAGE_SIZE, DOING)


def _read_orders(answer: object) -> Page[FlowRecord]:
    rows, total = read_envelope(answer)
    return [_record(row) for row in rows], total


def _record(row: Row) -> FlowRecord:
    kind = KINDS.get(text(row, "tradeType"))
    if kind is None:
        raise Malformed("tradeType is neither BUY nor SELL")
    status = text(row, "orderStatus")
    state = STATES.get(status, FlowState.PENDING)
    traded = amount(row, "amount", default=None if state is FlowState.COUNTED else ZERO)
    charged = "takerCommission" if row.get("advertisementRole") == "TAKER" else "commission"
    commission = amount(row, charged, default=ZERO) if state is FlowState.COUNTED else ZERO
    if commission > traded:
        raise Malformed("a commission is larger than its order")
    return FlowRecord(
        kind=kind,
        exchange_id=text(row, "orderNumber"),
        state=state,
        exchange_status=status if status in STATES else f"{status} (unknown)",
        asset=asset(row),
        amount=traded if kind.is_outgoing else traded - commission,
        fee=commission if kind.is_outgoing else ZERO,
        requested_at=a_moment(row, "createTime"),
        completed_at=None,
        raw=keep(row, KEPT),
    )
