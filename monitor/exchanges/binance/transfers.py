"""Transfers between a master and its sub-accounts: flows of each, for each is an account of its own.

A sub-account's key lists its own transfers; a master's key lists those of the whole family. A master's own e-mail
address is written nowhere, so what came in is found through the senders: everything a sub-account sent to an address that
is none of the sub-accounts'. Both ends share the transfer's number (`tranId`).
"""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime, timedelta

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.contract import SubAccount
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_list, a_moment, amount, an_object, asset, select, text
from monitor.exchanges.windows import Page, Window, call_pages, fetch_halves, milliseconds, once, windows

OF_SUB = Endpoint(family="sapi", path="sub-account/transfer/subUserHistory", weight=1, bucket="sapi sub transfers")
SUBS = Endpoint(family="sapi", path="sub-account/list", weight=1, bucket="sapi sub-accounts")
OF_FAMILY = Endpoint(family="sapi", path="sub-account/universalTransfer", weight=1, bucket="sapi universal transfers")
DOING = "Reading transfers to and from sub-accounts"
LONGEST_OF_SUB = timedelta(days=29)
LONGEST_OF_FAMILY = timedelta(days=6)
PAGE_SIZE = 500
SUBS_PAGE_SIZE = 200
DIRECTIONS = {1: FlowKind.TRANSFER_IN, 2: FlowKind.TRANSFER_OUT}
STATES = {"SUCCESS": FlowState.COUNTED, "PROCESS": FlowState.PENDING, "FAILURE": FlowState.VOID}
FIELDS = ("tranId", "asset", "qty", "amount", "type", "fromAccountType", "toAccountType", "status", "time",
        "createTimeStamp")  # fmt: skip


async def fetch_of_sub(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Transfers of [since, until] as a sub-account sees them. Raises WalletNotOpened where the account is none."""
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_OF_SUB):
        for transfers in await gather(*(_fetch_direction(connection, window, direction) for direction in DIRECTIONS)):
            found += transfers
    return once(found)


async def _fetch_direction(connection: Connection, window: Window, direction: int) -> list[FlowRecord]:
    async def fetch(start: datetime, end: datetime) -> Sequence[FlowRecord]:
        return await connection.call(
            OF_SUB,
            DOING,
            lambda answer: [_record(DIRECTIONS[direction], row, "qty", "time") for row in a_list(answer)],
            type=direction,
            startTime=milliseconds(start),
            endTime=milliseconds(end),
            limit=PAGE_SIZE,
        )

    return await fetch_halves(fetch, window, PAGE_SIZE, DOING)


async def fetch_of_master(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Transfers of [since, until] between a master and its sub-accounts. Raises WalletNotOpened where it has none."""
    subs = [sub.email for sub in await fetch_sub_accounts(connection)]
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_OF_FAMILY):
        found += await _fetch_family(connection, window, FlowKind.TRANSFER_OUT, subs)
        for sender in subs:
            found += await _fetch_family(connection, window, FlowKind.TRANSFER_IN, subs, fromEmail=sender)
    return once(found)


async def fetch_of_member(
    connection: Connection, since: datetime, until: datetime, *, email: str
) -> tuple[FlowRecord, ...]:
    """Transfers of [since, until] of the sub-account `email`, as its master's key sees them."""
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_OF_FAMILY):
        found += await _fetch_family(connection, window, FlowKind.TRANSFER_OUT, (email,), fromEmail=email)
        found += await _fetch_family(connection, window, FlowKind.TRANSFER_IN, (email,), toEmail=email)
    return once(found)


async def fetch_sub_accounts(connection: Connection) -> tuple[SubAccount, ...]:
    """The sub-accounts of a master. Raises WalletNotOpened where the account is none."""
    doing, size = "Reading the sub-accounts", SUBS_PAGE_SIZE
    return tuple(await call_pages(connection, SUBS, doing, _read_list, size, number="page", limit=size))


def _read_list(answer: object) -> Page[SubAccount]:
    rows = a_list(an_object(answer, "subAccounts")["subAccounts"], "subAccounts")
    return [
        SubAccount(email=text(row, "email"), uid=text(row, "subUserId") if row.get("subUserId") else None)
        for row in rows
    ], None


async def _fetch_family(
    connection: Connection, window: Window, kind: FlowKind, subs: Sequence[str], **sender: str
) -> list[FlowRecord]:
    start, end = map(milliseconds, window)

    def read(answer: object) -> Page[FlowRecord | None]:
        page = an_object(answer, "result", "totalCount")
        rows = a_list(page["result"], "result")
        return [_of_master(row, kind, subs) for row in rows], int(amount(page, "totalCount"))

    asked = {"startTime": start, "endTime": end, "limit": PAGE_SIZE, **sender}
    records = await call_pages(connection, OF_FAMILY, DOING, read, PAGE_SIZE, number="page", **asked)
    return [record for record in records if record]


def _of_master(row: Row, kind: FlowKind, subs: Sequence[str]) -> FlowRecord | None:
    """The row as a flow of the master; None for a transfer inside the master or between its sub-accounts."""
    is_from_sub, is_to_sub = (text(row, name) in subs for name in ("fromEmail", "toEmail"))
    if is_from_sub == is_to_sub:
        return None
    return _record(kind, row, "amount", "createTimeStamp")


def _record(kind: FlowKind, row: Row, quantity: str, time: str) -> FlowRecord:
    number, status, at = text(row, "tranId"), text(row, "status"), a_moment(row, time)
    state = STATES.get(status, FlowState.PENDING)
    return FlowRecord(
        kind=kind,
        exchange_id=number,
        state=state,
        exchange_status=status if status in STATES else f"{status} (unknown)",
        asset=asset(row),
        amount=amount(row, quantity, default=None if state is FlowState.COUNTED else ZERO),
        fee=ZERO,
        requested_at=at,
        completed_at=at if state is FlowState.COUNTED else None,
        reference=number,
        raw=select(row, FIELDS),
    )
