"""Deposits and withdrawals, by the week: MEXC shows them 90 days back and no further.

A deposit has no number: it is named by its transaction, coin, amount and time. `insertTime` is when it was credited. The
network's fee of a withdrawal is assumed to be inside its amount, as ccxt reads it; no document says so.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from finance.decimals import ZERO, exact
from finance.records import FlowKind, FlowRecord, FlowState
from finance.withdrawal_fees import read_fee
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_list, a_moment, amount, asset, optional_text, select, text
from monitor.exchanges.mexc.dialect import spot
from monitor.exchanges.windows import fetch_halves, milliseconds, number_duplicates, once, windows

DEPOSITS = spot("capital/deposit/hisrec")
WITHDRAWALS = spot("capital/withdraw/history")
WEEK, PAGE_SIZE = timedelta(days=7), 1000
DEPOSIT_STATES = {
    **dict.fromkeys(("1", "2", "3", "4", "6", "9"), FlowState.PENDING),
    **dict.fromkeys(("5", "12"), FlowState.COUNTED),
    **dict.fromkeys(("7", "8", "10", "11"), FlowState.VOID),
}
WITHDRAWAL_STATES = {
    **dict.fromkeys(("1", "2", "3", "4", "5", "6", "10"), FlowState.PENDING),
    "7": FlowState.COUNTED,
    **dict.fromkeys(("8", "9"), FlowState.VOID),
}
FIELDS = ("id", "coin", "network", "status", "amount", "transactionFee", "txId", "transHash", "insertTime", "applyTime",
          "updateTime", "transferType")  # fmt: skip
Flows = tuple[FlowRecord, ...]


async def fetch_deposits(connection: Connection, since: datetime, until: datetime) -> Flows:
    """Deposits that the exchange saw in [since, until]."""
    found = await _fetch(connection, DEPOSITS, "Reading deposits", read_deposit, (since, until))
    return tuple(number_duplicates(sorted(found, key=lambda one: (one.requested_at, one.exchange_id))))


async def fetch_withdrawals(connection: Connection, since: datetime, until: datetime) -> Flows:
    """Withdrawals requested in [since, until]."""
    return once(await _fetch(connection, WITHDRAWALS, "Reading withdrawals", read_withdrawal, (since, until)))


async def _fetch(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    read: Callable[[Row], FlowRecord],
    span: tuple[datetime, datetime],
) -> list[FlowRecord]:
    """Windows end a moment before the next begins, because what has no number would be counted in both."""

    async def fetch(start: datetime, end: datetime) -> Sequence[FlowRecord]:
        return await connection.call(
            endpoint,
            doing,
            lambda answer: [read(row) for row in a_list(answer)],
            startTime=milliseconds(start),
            endTime=milliseconds(end) - 1 if end < span[1] else milliseconds(end) + 999,
            limit=PAGE_SIZE,
        )

    found: list[FlowRecord] = []
    for window in windows(*span, WEEK - timedelta(seconds=1)):
        found += await fetch_halves(fetch, window, PAGE_SIZE, doing)
    return found


def read_deposit(row: Row) -> FlowRecord:
    """A deposit. Its coin may have the network behind it: USDC-TRX is USDC."""
    status, at = text(row, "status"), a_moment(row, "insertTime")
    state, size = DEPOSIT_STATES.get(status, FlowState.PENDING), amount(row, "amount")
    coin, hashed = asset(row, "coin").partition("-")[0], optional_text(row, "txId")
    return FlowRecord(
        kind=FlowKind.DEPOSIT,
        exchange_id=f"{hashed or at.isoformat()} {coin} {size:f}",
        state=state,
        exchange_status=status if status in DEPOSIT_STATES else f"{status} (unknown)",
        asset=coin,
        amount=size,
        fee=ZERO,
        requested_at=at,
        completed_at=at if state is FlowState.COUNTED else None,
        reference=hashed,
        network=optional_text(row, "network"),
        address=optional_text(row, "address"),
        raw=select(row, FIELDS),
    )


@exact
def read_withdrawal(row: Row) -> FlowRecord:
    """A withdrawal; `updateTime` is when it was last changed, which of a finished one is when it left."""
    status = text(row, "status")
    state = WITHDRAWAL_STATES.get(status, FlowState.PENDING)
    size, fee = amount(row, "amount"), amount(row, "transactionFee", default=ZERO)
    sent, assumed = read_fee(size, fee)
    return FlowRecord(
        kind=FlowKind.WITHDRAWAL,
        exchange_id=text(row, "id"),
        state=state,
        exchange_status=status if status in WITHDRAWAL_STATES else f"{status} (unknown)",
        asset=asset(row, "coin").partition("-")[0],
        amount=sent,
        fee=fee,
        assumed_fee=assumed,
        requested_at=a_moment(row, "applyTime"),
        completed_at=a_moment(row, "updateTime") if state is FlowState.COUNTED else None,
        reference=optional_text(row, "transHash") or optional_text(row, "txId"),
        network=optional_text(row, "network"),
        address=optional_text(row, "address"),
        raw=select(row, FIELDS),
    )
