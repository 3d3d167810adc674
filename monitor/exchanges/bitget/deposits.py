"""Deposits and withdrawals, those between users of the exchange (`dest` internal) among them, in both account systems.

By the lists alone a withdrawal's fee is assumed to be inside its `size`: what arrives is less by the fee. No document says
so; where the ledger has the row of a withdrawal, that decides.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from finance.decimals import ZERO, exact
from finance.records import FlowKind, FlowRecord, FlowState
from finance.withdrawal_fees import read_fee
from monitor.exchanges.bitget.answers import coin, of_each, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.ledger import fetch_bills, fetch_records
from monitor.exchanges.bitget.pages import PAGE_SIZE, fetch_history, page_of
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_moment, amount, optional_text, select, text
from monitor.exchanges.ledger import LedgerRow, Span, find_span, place_in_ledger
from monitor.exchanges.windows import fetch_halves, milliseconds, once, windows

DEPOSITS = private("v2/spot/wallet/deposit-records")
WITHDRAWALS = private("v2/spot/wallet/withdrawal-records")
UNIFIED_DEPOSITS = private("v3/account/deposit-records")
UNIFIED_WITHDRAWALS = private("v3/account/withdrawal-records")
LONGEST, LONGEST_UNIFIED = timedelta(days=89), timedelta(days=29)
EARLY, LATE = timedelta(minutes=1), timedelta(days=7)  # how far from when it was asked for a row may be in the ledger
STATES = {
    "success": FlowState.COUNTED,
    "pending": FlowState.PENDING,
    "pending_review": FlowState.PENDING,
    "fail": FlowState.VOID,
    "pending_review_fail": FlowState.VOID,
    "reject": FlowState.VOID,
}
CLASSIC_NAMES = ("cTime", "uTime", "tradeId")  # requested, changed last, the transaction's hash
UNIFIED_NAMES = ("createdTime", "updatedTime", "recordId")
FIELDS = ("orderId", "tradeId", "recordId", "coin", "type", "size", "fee", "status", "dest", "chain", "cTime", "uTime",
        "createdTime", "updatedTime")  # fmt: skip
Flows = tuple[FlowRecord, ...]


async def fetch_deposits(connection: Connection, since: datetime, until: datetime) -> Flows:
    """Deposits that the exchange saw in [since, until], in the classic system."""
    flows = await _fetch(connection, DEPOSITS, "Reading deposits", read_deposit, (since, until))
    return await _find_in_ledger(connection, flows, partial(fetch_bills, connection, "deposit"))


async def fetch_withdrawals(connection: Connection, since: datetime, until: datetime) -> Flows:
    """Withdrawals requested in [since, until], in the classic system."""
    flows = await _fetch(connection, WITHDRAWALS, "Reading withdrawals", read_withdrawal, (since, until))
    return await _find_in_ledger(connection, flows, partial(fetch_bills, connection, "withdraw"))


async def fetch_unified_deposits(connection: Connection, since: datetime, until: datetime) -> Flows:
    """Deposits that the exchange saw in [since, until], in the unified system."""
    doing = "Reading deposits"
    flows = await _fetch_unified(connection, UNIFIED_DEPOSITS, doing, read_unified_deposit, (since, until))
    return await _find_in_ledger(connection, flows, partial(fetch_records, connection))


async def fetch_unified_withdrawals(connection: Connection, since: datetime, until: datetime) -> Flows:
    """Withdrawals requested in [since, until], in the unified system."""
    doing = "Reading withdrawals"
    flows = await _fetch_unified(connection, UNIFIED_WITHDRAWALS, doing, read_unified_withdrawal, (since, until))
    return await _find_in_ledger(connection, flows, partial(fetch_records, connection))


async def _find_in_ledger(
    connection: Connection, flows: Flows, fetch: Callable[[Span], Awaitable[Sequence[LedgerRow]]]
) -> Flows:
    span = find_span(flows, EARLY, LATE)
    if span is None:
        return flows
    rows = await fetch((span[0], min(span[1], connection.now())))
    return place_in_ledger(flows, rows, early=EARLY, late=LATE)


async def _fetch(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    read: Callable[[Row], FlowRecord],
    span: tuple[datetime, datetime],
) -> Flows:
    pages = page_of(lambda answer: (read_rows(answer), ""), read, "orderId")
    return once(await fetch_history(connection, endpoint, doing, pages, span, LONGEST))


async def _fetch_unified(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    read: Callable[[Row], FlowRecord],
    span: tuple[datetime, datetime],
) -> Flows:
    """A full answer is asked for again in two halves: it names no cursor for the rest."""

    async def fetch(start: datetime, end: datetime) -> Sequence[FlowRecord]:
        times = {"startTime": milliseconds(start), "endTime": milliseconds(end) + 999}
        return await connection.call(endpoint, doing, of_each(read), **times, limit=PAGE_SIZE)

    found: list[FlowRecord] = []
    for window in windows(*span, LONGEST_UNIFIED):
        found += await fetch_halves(fetch, window, PAGE_SIZE, doing)
    return once(found)


def read_deposit(row: Row) -> FlowRecord:
    """A deposit of the classic system."""
    return _record(row, FlowKind.DEPOSIT, CLASSIC_NAMES)


def read_withdrawal(row: Row) -> FlowRecord:
    """A withdrawal of the classic system."""
    return _record(row, FlowKind.WITHDRAWAL, CLASSIC_NAMES)


def read_unified_deposit(row: Row) -> FlowRecord:
    """A deposit of the unified system."""
    return _record(row, FlowKind.DEPOSIT, UNIFIED_NAMES)


def read_unified_withdrawal(row: Row) -> FlowRecord:
    """A withdrawal of the unified system."""
    return _record(row, FlowKind.WITHDRAWAL, UNIFIED_NAMES)


@exact
def _record(row: Row, kind: FlowKind, names: tuple[str, str, str]) -> FlowRecord:
    requested, changed, hashed = names
    status = text(row, "status")
    state = STATES.get(status, FlowState.PENDING)
    size = amount(row, "size", default=None if state is FlowState.COUNTED else ZERO)
    fee = abs(amount(row, "fee", default=ZERO, signed=True)) if kind is FlowKind.WITHDRAWAL else ZERO
    sent, assumed = read_fee(size, fee)
    return FlowRecord(
        kind=kind,
        exchange_id=text(row, "orderId"),
        state=state,
        exchange_status=status if status in STATES else f"{status} (unknown)",
        asset=coin(row),
        amount=sent,
        fee=fee,
        assumed_fee=assumed,
        requested_at=a_moment(row, requested),
        completed_at=a_moment(row, changed) if state is FlowState.COUNTED else None,
        reference=optional_text(row, hashed),
        network=optional_text(row, "chain"),
        address=optional_text(row, "toAddress"),
        raw=select(row, FIELDS),
    )
