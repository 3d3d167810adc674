"""Transfers that need no chain: to and from other users of MEXC, and between a main account and its sub-accounts.

The accounts of other users come masked. Which way it went follows from our own number: who is named in full is us; where
neither side is, the hour's quantities decide, and until then it is pending.

A main account's transfers are asked for sub-account by sub-account, because an end that is not named is the main account,
and by every pair of account types, because MEXC demands one. Which way one went follows from the list of sub-accounts.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from itertools import product
from typing import TypeVar

from finance.decimals import ZERO
from finance.observed import RefusalReason
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.errors import ExchangeError, ExchangePaused, ExchangeUnavailable
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    a_moment,
    amount,
    an_object,
    asset,
    optional_text,
    select,
    text,
)
from monitor.exchanges.mexc.dialect import spot
from monitor.exchanges.windows import Page, call_pages, milliseconds, once, windows

INTERNAL = spot("capital/transfer/internal")
FAMILY = spot("capital/sub-account/universalTransfer")
SUBS = spot("sub-account/list")
TYPES = tuple(product(("SPOT", "FUTURES"), repeat=2))
IS_A_SUB_ACCOUNT = 140002  # which may not see what its main account sends and takes
WEEK, PAGE_SIZE = timedelta(days=7), 100
STATES = {"SUCCESS": FlowState.COUNTED, "FAILED": FlowState.VOID, "INTERRUPTED": FlowState.VOID}
FIELDS = ("tranId", "asset", "amount", "toAccountType", "fromAccountType", "status", "timestamp")
T = TypeVar("T")
Flows = tuple[FlowRecord, ...]


async def fetch_internal(
    connection: Connection, since: datetime, until: datetime, *, whose: Callable[[], Awaitable[str]]
) -> Flows:
    """What went to and came from other users in [since, until]; `whose` fetches the account's number, where there is any."""
    rows: list[Row] = await _fetch(connection, INTERNAL, lambda row: row, "data", (since, until))
    uid = await whose() if rows else ""
    return once(read_internal(row, uid) for row in rows)


async def fetch_family(connection: Connection, since: datetime, until: datetime) -> Flows:
    """What went to and came from the account's own sub-accounts in [since, until].

    Raises ExchangeUnavailable where it is refused for anything but that the account, or its key, may not see it: transfers
    that nobody listed are no performance. What a sub-account may not see stays refused: there are such transfers.
    """
    try:
        subs = await fetch_sub_names(connection)
        found = await gather(*(_fetch_of_sub(connection, name, subs, (since, until)) for name in subs))
    except ExchangePaused:
        raise
    except ExchangeError as failure:
        no = failure.refusal
        if no and no.reason is not RefusalReason.KEY and no.code != IS_A_SUB_ACCOUNT:
            raise ExchangeUnavailable(str(failure)) from failure
        raise
    return once(one for of_sub in found for one in of_sub)


async def fetch_sub_names(connection: Connection) -> frozenset[str]:
    """The names of the sub-accounts. Raises ExchangeError where the account is no main account."""
    doing = "Reading the sub-accounts"
    return frozenset(await call_pages(connection, SUBS, doing, _read_subs, PAGE_SIZE, number="page", limit=PAGE_SIZE))


def _read_subs(answer: object) -> Page[str]:
    return [
        text(row, "subAccount") for row in a_list(an_object(answer, "subAccounts")["subAccounts"], "subAccounts")
    ], None


async def _fetch_of_sub(
    connection: Connection, name: str, subs: Collection[str], span: tuple[datetime, datetime]
) -> list[FlowRecord]:
    """Both ways and all pairs of account types side by side: one after the other, a quarter of a year takes ten seconds."""
    reading = (
        _fetch(
            connection,
            FAMILY,
            lambda row: read_family(row, subs),
            "result",
            span,
            **{end: name, "fromAccountType": source, "toAccountType": target},
        )
        for end, (source, target) in product(("fromAccount", "toAccount"), TYPES)
    )
    return [one for found in await gather(*reading) for one in found if one]


async def _fetch(
    connection: Connection,
    endpoint: Endpoint,
    read: Callable[[Row], T],
    name: str,
    span: tuple[datetime, datetime],
    **asked: str,
) -> list[T]:
    found: list[T] = []
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
            **asked,
        )
    return found


def read_internal(row: Row, uid: str) -> FlowRecord:
    """A transfer with another user."""
    giver, taker = optional_text(row, "fromAccount"), optional_text(row, "toAccount")
    is_known = uid in (giver, taker)
    return _record(row, is_out=giver == uid, is_known=is_known)


def read_family(row: Row, subs: Collection[str]) -> FlowRecord | None:
    """A transfer as a flow of the main account, which is in no list of `subs`; None for one between two of them.

    Raises Malformed where neither end is on the list: a guess would turn money that came into money that left.
    """
    is_from_sub, is_to_sub = (optional_text(row, name) in subs for name in ("fromAccount", "toAccount"))
    if is_from_sub and is_to_sub:
        return None
    if not (is_from_sub or is_to_sub):
        raise Malformed("a transfer of which neither end is on the list of sub-accounts")
    return _record(row, is_out=is_to_sub, is_known=True)


def _record(row: Row, *, is_out: bool, is_known: bool) -> FlowRecord:
    status, at = text(row, "status"), a_moment(row, "timestamp")
    state = STATES.get(status, FlowState.PENDING)
    written = status if status in STATES else f"{status} (unknown)"
    if state is FlowState.COUNTED and not is_known:
        state, written = FlowState.PENDING, f"{status} (direction unknown)"
    size, coin = amount(row, "amount"), asset(row)
    number = optional_text(row, "tranId") or f"{at.isoformat()} {coin} {size:f}"
    return FlowRecord(
        kind=FlowKind.TRANSFER_OUT if is_out else FlowKind.TRANSFER_IN,
        exchange_id=number,
        state=state,
        exchange_status=written,
        asset=coin,
        amount=size,
        fee=ZERO,
        requested_at=at,
        completed_at=at if state is FlowState.COUNTED else None,
        reference=optional_text(row, "tranId"),
        raw=select(row, FIELDS),
    )
