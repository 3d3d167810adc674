"""Transfers that need no chain: to and from other users of MEXC, and between a main account and its sub-accounts.

The accounts of other users come masked. Which way it went follows from our own number: who is named in full is us; where
neither side is, the hour's quantities decide, and until then it is pending.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Row, a_list, a_moment, amount, an_object, asset, optional_text, select, text
from monitor.exchanges.mexc.dialect import spot
from monitor.exchanges.windows import call_pages, milliseconds, once, windows

INTERNAL = spot("capital/transfer/internal")
FAMILY = spot("capital/sub-account/universalTransfer")
WEEK, PAGE_SIZE = timedelta(days=7), 100
COUNTED = "SUCCESS"
FIELDS = ("tranId", "asset", "amount", "toAccountType", "fromAccountType", "status", "timestamp")
Flows = tuple[FlowRecord, ...]


async def fetch_internal(connection: Connection, uid: str, since: datetime, until: datetime) -> Flows:
    """What went to and came from other users in [since, until], of the account with the number `uid`."""
    found = await _fetch(connection, INTERNAL, lambda row: read_internal(row, uid), "data", (since, until))
    return once(found)


async def fetch_family(connection: Connection, since: datetime, until: datetime) -> Flows:
    """What went to and came from the account's own sub-accounts in [since, until]."""
    return once(await _fetch(connection, FAMILY, read_family, "result", (since, until)))


async def _fetch(
    connection: Connection,
    endpoint: Endpoint,
    read: Callable[[Row], FlowRecord],
    name: str,
    span: tuple[datetime, datetime],
) -> list[FlowRecord]:
    found: list[FlowRecord] = []
    for start, end in windows(*span, WEEK - timedelta(seconds=1)):
        found += await call_pages(
            connection,
            endpoint,
            "Reading transfers",
            lambda answer: ([read(row) for row in a_list(an_object(answer, name)[name], name)], None),
            PAGE_SIZE,
            number="page",
            startTime=milliseconds(start),
            endTime=milliseconds(end) + 999,
            limit=PAGE_SIZE,
        )
    return found


def read_internal(row: Row, uid: str) -> FlowRecord:
    """A transfer with another user."""
    giver, taker = optional_text(row, "fromAccount"), optional_text(row, "toAccount")
    is_known = uid in (giver, taker)
    return _record(row, is_out=giver == uid, is_known=is_known)


def read_family(row: Row) -> FlowRecord:
    """A transfer in the family: the main account's own name is empty, or its key's alone."""
    return _record(row, is_out=not optional_text(row, "fromAccount"), is_known=True)


def _record(row: Row, *, is_out: bool, is_known: bool) -> FlowRecord:
    status, at = text(row, "status"), a_moment(row, "timestamp")
    state = FlowState.COUNTED if status == COUNTED and is_known else FlowState.PENDING
    size, coin = amount(row, "amount"), asset(row)
    number = optional_text(row, "tranId") or f"{at.isoformat()} {coin} {size:f}"
    return FlowRecord(
        kind=FlowKind.TRANSFER_OUT if is_out else FlowKind.TRANSFER_IN,
        exchange_id=number,
        state=state,
        exchange_status=status if is_known else f"{status} (direction unknown)",
        asset=coin,
        amount=size,
        fee=ZERO,
        requested_at=at,
        completed_at=at if state is FlowState.COUNTED else None,
        reference=optional_text(row, "tranId"),
        raw=select(row, FIELDS),
    )
