"""Deposits and withdrawals. Times are seconds; a list shows neither when a balance changed nor whether a fee came on top.

The account book shows both, so each row is looked for in it: the movement of the same coin and amount, in the order of time. What
is found there has counted, at that moment, whatever the list calls it. What is not found waits for what readings prove.

By the lists alone the fee of a withdrawal is assumed to be inside `amount`: of 9 USDT with a fee of 2 arrive 7.
GateCodes are rows of these lists, too, often without an amount: they are counted from the account book.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from finance.decimals import ZERO, exact
from finance.records import FlowKind, FlowRecord, FlowState
from finance.withdrawal_fees import read_fee
from monitor.exchanges.gate import book, book_words, endpoints
from monitor.exchanges.gate.pages import Reader, fetch_offset
from monitor.exchanges.gate.pages import span as window_of
from monitor.exchanges.gate.symbols import name_coin
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_list, amount, asset, optional_text, seconds, select, text
from monitor.exchanges.ledger import LedgerRow, find_span, place_in_ledger
from monitor.exchanges.windows import once, windows

LONGEST_WINDOW = timedelta(days=29)
PAGE_SIZE = 500
EARLY, LATE = timedelta(minutes=10), timedelta(days=30)  # how far from its row a movement may be in the book
DEPOSIT_STATES = {
    "DONE": FlowState.COUNTED,
    "DEP_CREDITED": FlowState.COUNTED,  # in the account, and not to be withdrawn yet
    **dict.fromkeys(("PEND", "REVIEW", "TRACK", "REQUEST", "MANUAL", "VERIFY", "PROCES"), FlowState.PENDING),
    **dict.fromkeys(("BLOCKED", "INVALID", "CANCEL", "FAIL"), FlowState.VOID),
}
WITHDRAWAL_STATES = {
    "DONE": FlowState.COUNTED,
    **dict.fromkeys(
        ("REQUEST", "MANUAL", "EXTPEND", "VERIFY", "PROCES", "PEND", "DMOVE", "REVIEW", "SPLITPEND"), FlowState.PENDING
    ),
    **dict.fromkeys(("CANCEL", "FAIL", "INVALID"), FlowState.VOID),
}
GATECODE, BY_GATECODE = "b", "BCODE"
FIELDS = ("id", "currency", "chain", "status", "amount", "fee", "txid", "timestamp", "timestamp2", "withdraw_order_id")


async def fetch_deposits(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Deposits first seen by the exchange in [since, until]."""
    flows = await _fetch(connection, endpoints.DEPOSITS, "Reading deposits", read_deposits, since, until)
    return await _find_in_book(connection, flows, book_words.DEPOSIT)


async def fetch_withdrawals(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Withdrawals requested in [since, until]."""
    flows = await _fetch(connection, endpoints.WITHDRAWALS, "Reading withdrawals", read_withdrawals, since, until)
    return await _find_in_book(connection, flows, book_words.WITHDRAWAL)


async def _fetch(
    connection: Connection, endpoint: Endpoint, doing: str, read: Reader[FlowRecord], since: datetime, until: datetime
) -> tuple[FlowRecord, ...]:
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        found += await fetch_offset(connection, endpoint, doing, read, PAGE_SIZE, **window_of(window))
    return tuple(flow for flow in once(found) if not _is_gatecode(flow))


def _is_gatecode(flow: FlowRecord) -> bool:
    return flow.exchange_id.startswith(GATECODE) or flow.exchange_status == BY_GATECODE


async def _find_in_book(connection: Connection, flows: tuple[FlowRecord, ...], word: str) -> tuple[FlowRecord, ...]:
    span = find_span(flows, EARLY, LATE)
    if span is None:
        return flows
    rows = await book.fetch_rows(connection, (span[0], min(span[1], connection.now())), type=word)
    return place_in_book(flows, rows)


def place_in_book(flows: Iterable[FlowRecord], rows: Sequence[LedgerRow]) -> tuple[FlowRecord, ...]:
    """`flows` as the book shows them: counted at the moment at which it does, with the fee inside or on top as it does."""
    return place_in_ledger(flows, rows, early=EARLY, late=LATE)


def read_deposits(answer: object) -> list[FlowRecord]:
    """The deposits of a page."""
    return [_record(FlowKind.DEPOSIT, row, DEPOSIT_STATES) for row in a_list(answer)]


def read_withdrawals(answer: object) -> list[FlowRecord]:
    """The withdrawals of a page."""
    return [_record(FlowKind.WITHDRAWAL, row, WITHDRAWAL_STATES) for row in a_list(answer)]


@exact
def _record(kind: FlowKind, row: Row, states: dict[str, FlowState]) -> FlowRecord:
    status, number = text(row, "status"), text(row, "id")
    state = states.get(status, FlowState.PENDING)
    is_sure = state is FlowState.COUNTED and not number.startswith(GATECODE)
    moved = amount(row, "amount", default=None if is_sure else ZERO)
    fee = amount(row, "fee", default=ZERO) if kind is FlowKind.WITHDRAWAL else ZERO
    sent, assumed = read_fee(moved, fee)
    return FlowRecord(
        kind=kind,
        exchange_id=number,
        state=state,
        exchange_status=status if status in states or status == BY_GATECODE else f"{status} (unknown)",
        asset=name_coin(asset(row, "currency")),
        amount=sent,
        fee=fee,
        assumed_fee=assumed,
        requested_at=seconds(row, "timestamp"),
        completed_at=None,
        reference=optional_text(row, "txid"),
        network=optional_text(row, "chain"),
        address=optional_text(row, "address"),
        raw=select(row, FIELDS),
    )
