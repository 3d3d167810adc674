"""Transfers between a main account and its sub-accounts: flows of each, for each is an account of its own.

The same list is asked for twice: what this account started, and what it received. Both ends share the transfer's number.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.bitget.answers import coin, read_named_rows, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.pages import BY_CURSOR, BY_ID, ReadPage, fetch_history, page_of
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, select, text
from monitor.exchanges.windows import once

OF_FAMILY = private("v2/spot/account/sub-main-trans-record")
UNIFIED_OF_FAMILY = private("v3/account/sub-transfer-record")
DOING = "Reading transfers to and from sub-accounts"
LONGEST = timedelta(days=89)
Whose = Callable[[], Awaitable[str]]
ROLES = ("initiator", "receiver")
STATES = {
    "successful": FlowState.COUNTED,
    "success": FlowState.COUNTED,
    "processing": FlowState.PENDING,
    "pending": FlowState.PENDING,
    "failed": FlowState.VOID,
    "fail": FlowState.VOID,
}
FIELDS = ("transferId", "newTransferId", "coin", "size", "amount", "status", "fromType", "toType", "ts", "createdTime")


async def fetch_transfers(
    connection: Connection, since: datetime, until: datetime, *, whose: Whose
) -> tuple[FlowRecord, ...]:
    """Transfers of [since, until] of the account whose number `whose` fetches, in the classic system."""
    rows = page_of(lambda answer: (read_rows(answer), ""), _as_it_is, "transferId")
    found = await _fetch(connection, OF_FAMILY, rows, (since, until), BY_ID)
    return await _read(found, read_transfer, whose)


async def fetch_unified_transfers(
    connection: Connection, since: datetime, until: datetime, *, whose: Whose
) -> tuple[FlowRecord, ...]:
    """The same in the unified system."""
    rows = page_of(partial(read_named_rows, name="list", cursor="cursor"), _as_it_is, "transferId")
    found = await _fetch(connection, UNIFIED_OF_FAMILY, rows, (since, until), BY_CURSOR)
    return await _read(found, read_unified_transfer, whose)


def _as_it_is(row: Row) -> Row:
    return row


async def _fetch(
    connection: Connection, endpoint: Endpoint, read: ReadPage[Row], span: tuple[datetime, datetime], cursor: str
) -> list[Row]:
    asking = (fetch_history(connection, endpoint, DOING, read, span, LONGEST, cursor=cursor, role=r) for r in ROLES)
    return [row for rows in await gather(*asking) for row in rows]


async def _read(rows: list[Row], read: Callable[[Row, str], FlowRecord | None], whose: Whose) -> tuple[FlowRecord, ...]:
    """The account's number is asked for only where there are rows: it may be once a second."""
    uid = await whose() if rows else ""
    return once(record for record in (read(row, uid) for row in rows) if record)


def read_transfer(row: Row, uid: str) -> FlowRecord | None:
    """A transfer of the classic system as the account `uid` sees it; None for one between two others."""
    return _record(row, uid, "size", "ts")


def read_unified_transfer(row: Row, uid: str) -> FlowRecord | None:
    """A transfer of the unified system as the account `uid` sees it; None for one between two others."""
    return _record(row, uid, "amount", "createdTime")


def _record(row: Row, uid: str, quantity: str, time: str) -> FlowRecord | None:
    sender, receiver = text(row, "fromUserId"), text(row, "toUserId")
    if not (sender.isdigit() and receiver.isdigit()):
        raise Malformed("a transfer that does not say between whom")
    is_out, is_in = sender == uid, receiver == uid
    if is_out == is_in:
        return None
    number, status, at = text(row, "transferId"), text(row, "status"), a_moment(row, time)
    state = STATES.get(status.lower(), FlowState.PENDING)
    return FlowRecord(
        kind=FlowKind.TRANSFER_OUT if is_out else FlowKind.TRANSFER_IN,
        exchange_id=number,
        state=state,
        exchange_status=status if status.lower() in STATES else f"{status} (unknown)",
        asset=coin(row),
        amount=amount(row, quantity, default=None if state is FlowState.COUNTED else ZERO),
        fee=ZERO,
        requested_at=at,
        completed_at=at if state is FlowState.COUNTED else None,
        reference=number,
        raw=select(row, FIELDS),
    )
