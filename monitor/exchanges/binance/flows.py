"""Crypto deposits and withdrawals: windows within the exchange's 90 days, all pages, statuses by direction.

The same status number means different things: a deposit's 1 is credited, a withdrawal's 1 is cancelled; a deposit's 6
is credited (not yet withdrawable), a withdrawal's 6 is completed. A status nobody knows is pending, never counted.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.connection import Connection, Endpoint
from monitor.exchanges.gate import IllShaped, Row, a_list, amount, asset, moment, text
from monitor.exchanges.happenings import FlowKind, FlowRecord, FlowState
from monitor.precision import ZERO

DEPOSITS = Endpoint(family="sapi", path="capital/deposit/hisrec", weight=1, bucket="sapi deposits")
WITHDRAWALS = Endpoint(family="sapi", path="capital/withdraw/history", weight=100, bucket="sapi withdrawals")
LONGEST_WINDOW = timedelta(days=89)
PAGE_SIZE = 1000
MOST_PAGES = 100
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


async def fetch_deposits(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Deposits first seen by the exchange in [since, until]."""
    return await _fetch_windows(connection, DEPOSITS, "Reading deposits", since, until, _read_deposits)


async def fetch_withdrawals(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Withdrawals requested in [since, until]."""
    return await _fetch_windows(connection, WITHDRAWALS, "Reading withdrawals", since, until, _read_withdrawals)


Reader = Callable[[object], tuple[FlowRecord, ...]]


async def _fetch_windows(
    connection: Connection, endpoint: Endpoint, doing: str, since: datetime, until: datetime, read: Reader
) -> tuple[FlowRecord, ...]:
    found: dict[str, FlowRecord] = {}
    start = since
    while start < until:
        end = min(start + LONGEST_WINDOW, until)
        for record in await _fetch_pages(connection, endpoint, doing, start, end, read):
            found[record.exchange_id] = record
        start = end  # windows share their edge: a flow at it is read twice and kept once
    return tuple(found.values())


async def _fetch_pages(
    connection: Connection, endpoint: Endpoint, doing: str, start: datetime, end: datetime, read: Reader
) -> list[FlowRecord]:
    records: list[FlowRecord] = []
    for page in range(MOST_PAGES):
        rows = await connection.call(
            endpoint,
            doing,
            read,
            startTime=_milliseconds(start),
            endTime=_milliseconds(end),
            offset=page * PAGE_SIZE,
            limit=PAGE_SIZE,
        )
        records += rows
        if len(rows) < PAGE_SIZE:
            return records
    raise ExchangeUnavailable(f"{doing}: more than {MOST_PAGES * PAGE_SIZE} rows in one window.")


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1000


def _read_deposits(answer: object) -> tuple[FlowRecord, ...]:
    rows = a_list(answer)
    return tuple(_record(FlowKind.DEPOSIT, key, row, DEPOSIT_STATES, "insertTime") for key, row in _identify(rows))


def _read_withdrawals(answer: object) -> tuple[FlowRecord, ...]:
    rows = a_list(answer)
    return tuple(_record(FlowKind.WITHDRAWAL, key, row, WITHDRAWAL_STATES, "applyTime") for key, row in _identify(rows))


def _identify(rows: Iterable[Row]) -> list[tuple[str, Row]]:
    """Each row with its id; old rows without one get a stable name from what never changes, numbered among twins."""
    twins: Counter[str] = Counter()
    named = []
    for row in rows:
        if row.get("id"):
            named.append((text(row, "id"), row))
            continue
        told = "|".join(str(row.get(name, "")) for name in IMMUTABLE)
        name = hashlib.sha256(told.encode()).hexdigest()[:24]
        twins[name] += 1
        named.append((f"unnamed-{name}-{twins[name]}", row))
    return named


def _record(kind: FlowKind, key: str, row: Row, states: dict[str, FlowState], requested: str) -> FlowRecord:
    status = text(row, "status")
    requested_at = moment(row, requested)
    if requested_at is None:
        raise IllShaped(f"{requested} is missing")
    return FlowRecord(
        kind=kind,
        exchange_id=key,
        state=states.get(status, FlowState.PENDING),
        exchange_status=status if status in states else f"{status} (unknown)",
        asset=asset(row, "coin"),
        amount=amount(row, "amount"),
        fee=amount(row, "transactionFee", default=ZERO) if kind is FlowKind.WITHDRAWAL else ZERO,
        requested_at=requested_at,
        completed_at=moment(row, "completeTime"),
        raw={name: str(value)[:200] for name, value in row.items() if name in KEPT},
    )


KEPT = ("id", "coin", "network", "status", "amount", "transactionFee", "txId", "insertTime", "applyTime", "completeTime",
        "transferType", "walletType")  # fmt: skip
