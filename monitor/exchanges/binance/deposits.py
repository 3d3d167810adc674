"""Crypto deposits and withdrawals, internal (off-chain) ones between users included.

The same status number means different things: a deposit's 1 is credited, a withdrawal's 1 is cancelled; a deposit's 6
is credited (not yet withdrawable), a withdrawal's 6 is completed. A status nobody knows is pending, never counted.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_list, a_moment, amount, asset, moment, optional_text, select, text
from monitor.exchanges.windows import Page, Window, fetch_pages, milliseconds, number_duplicates, once, windows

DEPOSITS = Endpoint(family="sapi", path="capital/deposit/hisrec", weight=1, bucket="sapi deposits")
WITHDRAWALS = Endpoint(
    family="sapi", path="capital/withdraw/history", weight=18_000, bucket="uid withdrawals", per_account=True
)
SUB_DEPOSITS = Endpoint(family="sapi", path="capital/deposit/subHisrec", weight=1, bucket="sapi sub deposits")
LONGEST_WINDOW = timedelta(days=89)
PAGE_SIZE = 1000
UNNAMED = "unnamed-"
DEPOSIT_STATES = {
    "0": FlowState.PENDING,
    "1": FlowState.COUNTED,
    "2": FlowState.VOID,  # rejected
    "6": FlowState.COUNTED,
    "7": FlowState.VOID,  # wrong deposit
    "8": FlowState.PENDING,  # waits for the owner's confirmation
}
WITHDRAWAL_STATES = {
    "0": FlowState.PENDING,
    "1": FlowState.VOID,  # cancelled
    "2": FlowState.PENDING,
    "3": FlowState.VOID,  # rejected
    "4": FlowState.PENDING,
    "5": FlowState.VOID,  # failed
    "6": FlowState.COUNTED,
}
IMMUTABLE = ("coin", "network", "address", "addressTag", "txId", "amount", "insertTime", "applyTime")
FIELDS = ("id", "coin", "network", "status", "amount", "transactionFee", "txId", "insertTime", "applyTime", "completeTime",
        "transferType", "walletType")  # fmt: skip


async def fetch_deposits(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Deposits first seen by the exchange in [since, until]."""
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        found += await _fetch_window(connection, DEPOSITS, "Reading deposits", window, _read_deposit)
    return once(found)


async def fetch_sub_deposits(
    connection: Connection, since: datetime, until: datetime, *, email: str
) -> tuple[FlowRecord, ...]:
    """Deposits of a sub-account, with its master's key, first seen by the exchange in [since, until]."""
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        found += await _fetch_window(
            connection, SUB_DEPOSITS, "Reading a sub-account's deposits", window, _read_deposit, email=email
        )
    return once(found)


async def fetch_withdrawals(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Withdrawals requested in [since, until]."""
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        found += await _fetch_window(connection, WITHDRAWALS, "Reading withdrawals", window, _read_withdrawal)
    return once(found)


async def _fetch_window(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    window: Window,
    read: Callable[[Row], FlowRecord],
    **whose: str,
) -> list[FlowRecord]:
    start, end = window

    async def fetch(number: int) -> Page[FlowRecord]:
        rows = await connection.call(
            endpoint,
            doing,
            lambda answer: [read(row) for row in a_list(answer)],
            startTime=milliseconds(start),
            endTime=milliseconds(end),
            offset=(number - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
            **whose,
        )
        return rows, None

    records = await fetch_pages(fetch, PAGE_SIZE, doing)
    named = [record for record in records if not record.exchange_id.startswith(UNNAMED)]
    return named + number_duplicates(record for record in records if record.exchange_id.startswith(UNNAMED))


def _read_deposit(row: Row) -> FlowRecord:
    return _record(FlowKind.DEPOSIT, row, DEPOSIT_STATES, "insertTime")


def _read_withdrawal(row: Row) -> FlowRecord:
    return _record(FlowKind.WITHDRAWAL, row, WITHDRAWAL_STATES, "applyTime")


def _record(kind: FlowKind, row: Row, states: dict[str, FlowState], requested: str) -> FlowRecord:
    status = text(row, "status")
    state = states.get(status, FlowState.PENDING)
    return FlowRecord(
        kind=kind,
        exchange_id=_identify(row),
        state=state,
        exchange_status=status if status in states else f"{status} (unknown)",
        asset=asset(row, "coin"),
        amount=amount(row, "amount", default=None if state is FlowState.COUNTED else ZERO),
        fee=amount(row, "transactionFee", default=ZERO) if kind is FlowKind.WITHDRAWAL else ZERO,
        requested_at=a_moment(row, requested),
        completed_at=moment(row, "completeTime"),
        reference=text(row, "txId") if row.get("txId") else "",
        network=optional_text(row, "network"),
        address=optional_text(row, "address"),
        raw=select(row, FIELDS),
    )


def _identify(row: Row) -> str:
    """A row's id; old rows without one get a stable name from what never changes."""
    if row.get("id"):
        return text(row, "id")
    facts = "|".join(str(row.get(name, "")) for name in IMMUTABLE)
    return UNNAMED + hashlib.sha256(facts.encode()).hexdigest()[:24]
