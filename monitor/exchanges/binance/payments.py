"""What is paid between users: P2P orders, and Binance Pay with its refunds and gifts."""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.binance.dialect import read_envelope
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, a_moment, amount, asset, select, text
from monitor.exchanges.windows import Page, call_pages, fetch_halves, milliseconds, once, windows

P2P_ORDERS = Endpoint(family="sapi", path="c2c/orderMatch/listUserOrderHistory", weight=1, bucket="sapi p2p")
READING_P2P = "Reading P2P orders"
P2P_WINDOW = timedelta(days=29)
PAGE_SIZE = 100
P2P_KINDS = {"BUY": FlowKind.P2P_PURCHASE, "SELL": FlowKind.P2P_SALE}
P2P_STATES = {
    "COMPLETED": FlowState.COUNTED,
    "PENDING": FlowState.PENDING,
    "TRADING": FlowState.PENDING,
    "BUYER_PAYED": FlowState.PENDING,
    "DISTRIBUTING": FlowState.PENDING,
    "IN_APPEAL": FlowState.PENDING,
    "CANCELLED": FlowState.VOID,
    "CANCELLED_BY_SYSTEM": FlowState.VOID,
}
P2P_FIELDS = ("orderNumber", "tradeType", "asset", "amount", "fiat", "totalPrice", "unitPrice", "orderStatus", "createTime",
        "commission", "takerCommission", "advertisementRole")  # fmt: skip
TRANSACTIONS = Endpoint(family="sapi", path="pay/transactions", weight=3_000, bucket="uid pay", per_account=True)
READING_PAY = "Reading Binance Pay"
PAY_WINDOW = timedelta(days=89)
MOST_PAYMENTS = 100
REFUNDS = ("PAY_REFUND", "CRYPTO_BOX_RF")
CARDS = ("4", "6")  # wallet types
PAY_FIELDS = ("orderType", "transactionId", "transactionTime", "amount", "currency", "walletType", "totalPaymentFee")


async def fetch_p2p_orders(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """P2P orders made in [since, until]."""
    found: list[FlowRecord] = []
    for window in windows(since, until, P2P_WINDOW):
        start, end = map(milliseconds, window)
        asked = {"startTimestamp": start, "endTimestamp": end, "rows": PAGE_SIZE}
        fetching = (
            call_pages(
                connection,
                P2P_ORDERS,
                READING_P2P,
                _read_orders,
                PAGE_SIZE,
                number="page",
                tradeType=direction,
                **asked,
            )
            for direction in P2P_KINDS
        )
        for orders in await gather(*fetching):
            found += orders
    return once(found)


def _read_orders(answer: object) -> Page[FlowRecord]:
    rows, total = read_envelope(answer)
    return [_read_order(row) for row in rows], total


def _read_order(row: Row) -> FlowRecord:
    kind = P2P_KINDS.get(text(row, "tradeType"))
    if kind is None:
        raise Malformed("tradeType is neither BUY nor SELL")
    status = text(row, "orderStatus")
    state = P2P_STATES.get(status, FlowState.PENDING)
    traded = amount(row, "amount", default=None if state is FlowState.COUNTED else ZERO)
    charged = "takerCommission" if row.get("advertisementRole") == "TAKER" else "commission"
    commission = amount(row, charged, default=ZERO) if state is FlowState.COUNTED else ZERO
    if commission > traded:
        raise Malformed("a commission is larger than its order")
    return FlowRecord(
        kind=kind,
        exchange_id=text(row, "orderNumber"),
        state=state,
        exchange_status=status if status in P2P_STATES else f"{status} (unknown)",
        asset=asset(row),
        amount=traded if kind.is_outgoing else traded - commission,
        fee=commission if kind.is_outgoing else ZERO,
        requested_at=a_moment(row, "createTime"),
        completed_at=None,
        raw=select(row, P2P_FIELDS),
    )


async def fetch_payments(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Payments and gifts of [since, until], in and out."""

    async def fetch(start: datetime, end: datetime) -> Sequence[tuple[FlowRecord, ...]]:
        return await connection.call(
            TRANSACTIONS,
            READING_PAY,
            lambda answer: [_read_payment(row) for row in read_envelope(answer)[0]],
            startTime=milliseconds(start),
            endTime=milliseconds(end),
            limit=MOST_PAYMENTS,
        )

    found: list[FlowRecord] = []
    for window in windows(since, until, PAY_WINDOW):
        rows = await fetch_halves(fetch, window, MOST_PAYMENTS, READING_PAY)
        found += [record for row in rows for record in row]
    return once(found)


def _read_payment(row: Row) -> tuple[FlowRecord, ...]:
    is_outgoing = amount(row, "amount", signed=True) < 0
    by_card = is_outgoing and str(row.get("walletType", "")) in CARDS
    at, name = a_moment(row, "transactionTime"), text(row, "transactionId")
    funds = _read_funds(row, is_outgoing=is_outgoing)
    currency, fee = asset(row, "currency"), amount(row, "totalPaymentFee", default=ZERO) if is_outgoing else ZERO
    if fee:
        funds.setdefault(currency, ZERO)
    return tuple(
        FlowRecord(
            kind=FlowKind.PAY_SENT if is_outgoing else FlowKind.PAY_RECEIVED,
            exchange_id=name if len(funds) == 1 else f"{name} {coin}",
            state=FlowState.VOID if by_card else FlowState.COUNTED,
            exchange_status=text(row, "orderType") + (" (paid by card)" if by_card else ""),
            asset=coin,
            amount=quantity,
            fee=fee if coin == currency else ZERO,
            requested_at=at,
            completed_at=at,
            raw=select(row, PAY_FIELDS),
        )
        for coin, quantity in funds.items()
    )


def _read_funds(row: Row, *, is_outgoing: bool) -> dict[str, Decimal]:
    """What was really given or received, by coin."""
    whole = {asset(row, "currency"): abs(amount(row, "amount", signed=True))}
    funds: dict[str, Decimal] = {}
    for part in a_list(row.get("fundsDetail") or [], "fundsDetail"):
        coin = asset(part, "currency")
        funds[coin] = funds.get(coin, ZERO) + abs(amount(part, "amount", signed=True))
    is_paid = not is_outgoing and text(row, "orderType") not in REFUNDS
    return whole if not funds or (is_paid and len(funds) == 1) else funds
