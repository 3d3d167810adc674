"""Transfers to and from other users of the exchange, and between a main account and its sub-accounts. Times are seconds.

Both ends of a transfer share its number. A transfer with a sub-account is reported as the main account sees it: `to` is out of the
main account, whoever asks.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.gate import endpoints
from monitor.exchanges.gate.pages import fetch_offset, span
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, asset, optional_text, seconds, select, text
from monitor.exchanges.windows import number_duplicates, once, windows

LONGEST_WINDOW = timedelta(days=29)
PAGE_SIZE = 100
DOING_PUSHES = "Reading transfers to and from other users"
DOING_SUBS = "Reading transfers with sub-accounts"
DIRECTIONS = {"withdraw": FlowKind.TRANSFER_OUT, "deposit": FlowKind.TRANSFER_IN}
PUSH_STATES = {
    **dict.fromkeys(("RECEIVED", "DONE"), FlowState.COUNTED),
    **dict.fromkeys(("CREATING", "PENDING", "CANCELLING", "REFUSING", "RECEIVING"), FlowState.PENDING),
    **dict.fromkeys(("CANCELLED", "REFUSED"), FlowState.VOID),
}
SUB_STATES = {"success": FlowState.COUNTED}
UNNUMBERED = "unnumbered "
Whose = Callable[[], Awaitable[str]]
FIELDS = ("id", "currency", "amount", "status", "create_time", "transaction_type", "timest", "direction",
        "sub_account_type", "client_order_id")  # fmt: skip


async def fetch_pushes(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Transfers to and from other users, begun in [since, until]."""
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        for direction, kind in DIRECTIONS.items():
            asked = {**span(window), "transaction_type": direction}
            read = partial(read_pushes, kind=kind)
            found += await fetch_offset(connection, endpoints.PUSHES, DOING_PUSHES, read, PAGE_SIZE, **asked)
    return once(found)


def read_pushes(answer: object, kind: FlowKind) -> list[FlowRecord]:
    """The transfers of a page, which all go one way."""
    return [_read_push(row, kind) for row in a_list(answer)]


def _read_push(row: Row, kind: FlowKind) -> FlowRecord:
    status = text(row, "status")
    at = seconds(row, "create_time")
    return FlowRecord(
        kind=kind,
        exchange_id=f"push {text(row, 'id')}",
        state=PUSH_STATES.get(status, FlowState.PENDING),
        exchange_status=status if status in PUSH_STATES else f"{status} (unknown)",
        asset=asset(row, "currency"),
        amount=amount(row, "amount"),
        fee=ZERO,
        requested_at=at,
        completed_at=None,
        reference=f"push {text(row, 'id')}",
        raw=select(row, FIELDS),
    )


async def fetch_sub_transfers(
    connection: Connection, since: datetime, until: datetime, *, whose: Whose
) -> tuple[FlowRecord, ...]:
    """Transfers of [since, until] between a main account and its sub-accounts, as the account whose number `whose` fetches
    sees them: it is asked for only where there are some. Raises Malformed for one between other accounts.
    """
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        listed = await fetch_offset(connection, endpoints.SUB_TRANSFERS, DOING_SUBS, a_list, PAGE_SIZE, **span(window))
        rows = read_sub_transfers(listed, uid=await whose()) if listed else []
        numbered = [row for row in rows if not row.exchange_id.startswith(UNNUMBERED)]
        found += numbered + number_duplicates(row for row in rows if row.exchange_id.startswith(UNNUMBERED))
    return once(found)


def read_sub_transfers(answer: object, uid: str) -> list[FlowRecord]:
    """The transfers of a page as the account `uid` sees them."""
    return [_read_sub_transfer(row, uid) for row in a_list(answer)]


def _read_sub_transfer(row: Row, uid: str) -> FlowRecord:
    direction, main, sub = text(row, "direction"), text(row, "uid"), text(row, "sub_account")
    if direction not in ("to", "from") or uid not in (main, sub):
        raise Malformed("a transfer in no direction, or between other accounts")
    status = optional_text(row, "status") or "success"
    at, moved = seconds(row, "timest"), amount(row, "amount")
    coin = asset(row, "currency")
    number = (
        optional_text(row, "client_order_id")
        or f"{UNNUMBERED}{sub} {direction} {coin} {at:%Y-%m-%dT%H:%M:%S} {moved:f}"
    )
    return FlowRecord(
        kind=FlowKind.TRANSFER_OUT if (direction == "to") == (uid == main) else FlowKind.TRANSFER_IN,
        exchange_id=number,
        state=SUB_STATES.get(status, FlowState.PENDING),
        exchange_status=status if status in SUB_STATES else f"{status} (unknown)",
        asset=coin,
        amount=moved,
        fee=ZERO,
        requested_at=at,
        completed_at=at if status in SUB_STATES else None,
        reference="" if number.startswith(UNNUMBERED) else number,
        raw=select(row, FIELDS),
    )
