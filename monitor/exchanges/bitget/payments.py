"""Bank money, cards and P2P trades: flows that no list of the exchange has, only the ledgers of spot and funding.

What was paid or obtained for the coins is nowhere said, so a flow is worth what its coins were at its minute.
"""

from asyncio import gather
from datetime import datetime, timedelta
from functools import partial

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.bitget.answers import coin, read_named_rows, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.ledger import SPOT_BILLS
from monitor.exchanges.bitget.pages import BY_CURSOR, fetch_history, page_of
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Row, a_moment, amount, optional_text, select, text
from monitor.exchanges.windows import once

FUNDING_RECORDS = private("v3/account/funding-financial-records")
QUARTER, MONTH = timedelta(days=89), timedelta(days=29)
DOING = "Reading bank money and P2P trades"
# By group, as the exchange spells it: what comes and what goes.
KINDS = {
    "fait": (FlowKind.FIAT_DEPOSIT, FlowKind.FIAT_WITHDRAWAL),
    "c2c": (FlowKind.P2P_PURCHASE, FlowKind.P2P_SALE),
}
FIELDS = ("billId", "id", "coin", "groupType", "businessType", "type", "size", "amount", "fees", "cTime", "ts")
Flows = tuple[FlowRecord, ...]


async def fetch_payments(connection: Connection, since: datetime, until: datetime) -> Flows:
    """What came and went in [since, until] by banks, cards and P2P, in the classic system."""
    read = page_of(lambda answer: (read_rows(answer), ""), read_bill, "billId")
    asking = (
        fetch_history(connection, SPOT_BILLS, DOING, read, (since, until), QUARTER, groupType=group) for group in KINDS
    )
    return once(flow for flows in await gather(*asking) for flow in flows if flow)


async def fetch_unified_payments(connection: Connection, since: datetime, until: datetime) -> Flows:
    """The same in the unified system, where it goes through the funding wallet."""
    read = page_of(partial(read_named_rows, name="list", cursor="cursor"), read_record, "id")
    span = (since, until)
    found = await fetch_history(connection, FUNDING_RECORDS, DOING, read, span, MONTH, cursor=BY_CURSOR)
    return once(flow for flow in found if flow)


def read_bill(row: Row) -> FlowRecord | None:
    """A row of the spot ledger; None for one of another group."""
    return _record(row, ("billId", "size", "cTime"), optional_text(row, "businessType"))


def read_record(row: Row) -> FlowRecord | None:
    """A row of the funding wallet's ledger; None for one of another group."""
    return _record(row, ("id", "amount", "ts"), optional_text(row, "type"))


def _record(row: Row, names: tuple[str, str, str], said: str) -> FlowRecord | None:
    number, size, time = names
    group, moved, at = text(row, "groupType").lower(), amount(row, size, signed=True), a_moment(row, time)
    if group not in KINDS or not moved:
        return None
    comes, goes = KINDS[group]
    return FlowRecord(
        kind=comes if moved > 0 else goes,
        exchange_id=text(row, number),
        state=FlowState.COUNTED,
        exchange_status=said,
        asset=coin(row),
        amount=abs(moved),
        fee=ZERO,
        requested_at=at,
        completed_at=at,
        raw=select(row, FIELDS),
    )
