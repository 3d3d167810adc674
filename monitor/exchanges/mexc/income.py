"""What futures gain and cost: funding, and the profit and fees of orders that were filled; both of the whole account."""

from datetime import datetime, timedelta

from finance.decimals import exact
from finance.records import IncomeKind, IncomeRecord
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, a_moment, amount, an_object, asset, select, text
from monitor.exchanges.mexc.dialect import contract
from monitor.exchanges.mexc.futures import FUTURES
from monitor.exchanges.mexc.symbols import name_contract, settled_in
from monitor.exchanges.windows import call_pages, fetch_pages, milliseconds, once, windows

FUNDING = contract("position/funding_records")
ORDERS = contract("order/list/history_orders")
RUNNING, ENDED = ("1", "2"), ("3", "4", "5")  # not known yet, not complete; complete, cancelled, invalid
LONGEST, PAGE_SIZE = timedelta(days=30), 100
FIELDS = ("id", "orderId", "symbol", "positionType", "funding", "rate", "settleTime", "side", "category", "dealVol",
          "dealAvgPrice", "profit", "takerFee", "makerFee", "feeCurrency", "state", "updateTime")  # fmt: skip
Income = tuple[IncomeRecord, ...]


async def fetch_funding(connection: Connection, since: datetime, until: datetime) -> Income:
    """Funding paid and received in [since, until]. Pages are newest first, and there is no window to ask for."""

    async def fetch(number: int) -> tuple[list[IncomeRecord], int | None]:
        rows = await connection.call(
            FUNDING, "Reading funding of futures", read_funding, page_num=number, page_size=PAGE_SIZE
        )
        wanted = [row for row in rows if row.occurred_at >= since]
        # A page that reaches behind `since` is the last that is wanted: it counts as one that is not full.
        return wanted if len(wanted) < len(rows) else rows, None

    found = await fetch_pages(fetch, PAGE_SIZE, "Reading funding of futures")
    return once(row for row in found if since <= row.occurred_at <= until)


def read_funding(answer: object) -> list[IncomeRecord]:
    """A page of funding: a payment is negative."""
    rows = a_list(an_object(answer, "resultList")["resultList"], "resultList")
    return [
        IncomeRecord(
            kind=IncomeKind.FUNDING_FEE,
            exchange_id=text(row, "id"),
            wallet=FUTURES,
            asset=settled_in(text(row, "symbol")),
            amount=amount(row, "funding", signed=True),
            occurred_at=a_moment(row, "settleTime"),
            raw={**select(row, FIELDS), "symbol": name_contract(text(row, "symbol"))},
        )
        for row in rows
    ]


async def fetch_orders(connection: Connection, since: datetime, until: datetime) -> Income:
    """Profit and fees of the futures orders that were made in [since, until] and have ended."""
    found: list[IncomeRecord] = []
    for start, end in windows(since, until, LONGEST):
        rows = await call_pages(
            connection,
            ORDERS,
            "Reading orders of futures",
            lambda answer: (a_list(answer, "data"), None),
            PAGE_SIZE,
            number="page_num",
            start_time=milliseconds(start),
            end_time=milliseconds(end) + 999,
            page_size=PAGE_SIZE,
        )
        found += [record for row in rows for record in read_order(row)]
    return once(found)


@exact
def read_order(row: Row) -> list[IncomeRecord]:
    """What an order gained and cost, once it has ended: two records at most.

    One that is filled in part would be booked with what it has gained so far, and never with the rest. One that cost nothing is
    a fee of zero: it says that the contract was traded.
    """
    if text(row, "state") not in (*RUNNING, *ENDED):
        raise Malformed("state is none that is known")
    if text(row, "state") in RUNNING:
        return []
    number, symbol, at = text(row, "orderId"), text(row, "symbol"), a_moment(row, "updateTime")
    profit = amount(row, "profit", signed=True)
    fee = amount(row, "takerFee", signed=True) + amount(row, "makerFee", signed=True)
    begun = {"orderedAt": a_moment(row, "createTime").isoformat()} if row.get("createTime") else {}  # no fill is older
    kinds = (
        (IncomeKind.REALISED_PROFIT, settled_in(symbol), profit),
        (IncomeKind.FUTURES_COMMISSION, asset(row, "feeCurrency") if fee else settled_in(symbol), -fee),
    )
    is_free = not profit and not fee and amount(row, "dealVol") > 0
    return [
        IncomeRecord(
            kind=kind,
            exchange_id=number,
            wallet=FUTURES,
            asset=coin,
            amount=gained,
            occurred_at=at,
            raw={**select(row, FIELDS), "symbol": name_contract(symbol), **begun},
        )
        for kind, coin, gained in kinds
        if gained or (is_free and kind is IncomeKind.FUTURES_COMMISSION)
    ]
