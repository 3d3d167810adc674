"""Income of the wallets beside rewards: dividends and airdrops, commission rebates, margin interest."""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from finance.records import IncomeKind, IncomeRecord
from monitor.exchanges.binance.dialect import read_counted
from monitor.exchanges.binance.margin import fetch_isolated_pairs
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, a_moment, amount, an_object, asset, select, text
from monitor.exchanges.windows import (
    Page,
    Window,
    call_pages,
    fetch_halves,
    milliseconds,
    number_duplicates,
    once,
    windows,
)

DIVIDENDS = Endpoint(family="sapi", path="asset/assetDividend", weight=10, bucket="sapi dividends")
REBATES = Endpoint(family="sapi", path="rebate/taxQuery", weight=12_000, bucket="uid rebates", per_account=True)
INTEREST = Endpoint(family="sapi", path="margin/interestHistory", weight=1, bucket="sapi margin interest")
MONTH = timedelta(days=29)
HALF_YEAR = timedelta(days=179)
PAGE_SIZE, REBATES_PAGE_SIZE, MOST_DIVIDENDS = 100, 100, 500
FIELDS = ("asset", "amount", "type", "id", "tranId", "enInfo", "divTime", "direction", "updateTime", "txId", "interest",
        "interestAccuredTime", "principal", "isolatedSymbol")  # fmt: skip
Income = tuple[IncomeRecord, ...]


async def fetch_dividends(connection: Connection, since: datetime, until: datetime) -> Income:
    """Dividends, airdrops and distributions of [since, until]; a full answer is asked for again in halves."""

    async def fetch(start: datetime, end: datetime) -> Sequence[IncomeRecord]:
        return await connection.call(
            DIVIDENDS,
            "Reading dividends",
            lambda answer: [_dividend(row) for row in read_counted(answer)[0]],
            **_range((start, end)),
            limit=MOST_DIVIDENDS,
        )

    found: list[IncomeRecord] = []
    for window in windows(since, until, HALF_YEAR):
        found += await fetch_halves(fetch, window, MOST_DIVIDENDS, "Reading dividends")
    return once(found)


def _dividend(row: Row) -> IncomeRecord:
    paid = amount(row, "amount", signed=True)
    if str(row.get("direction", 1)) == "-1":
        paid = -abs(paid)
    return _record(IncomeKind.DIVIDEND, row, "spot", text(row, "id"), (paid, a_moment(row, "divTime")))


async def fetch_rebates(connection: Connection, since: datetime, until: datetime) -> Income:
    """Commission rebates and referral kickbacks of spot trading in [since, until]."""
    found: list[IncomeRecord] = []
    for window in windows(since, until, MONTH):
        rebates = await call_pages(
            connection, REBATES, "Reading rebates", _read_rebates, REBATES_PAGE_SIZE, number="page", **_range(window)
        )
        found += number_duplicates(rebates)
    return once(found)


def _read_rebates(answer: object) -> Page[IncomeRecord]:
    page = an_object(an_object(answer, "data")["data"], "data", "totalRecords")
    rows = a_list(page["data"], "data")
    return [_rebate(row) for row in rows], int(amount(page, "totalRecords"))


def _rebate(row: Row) -> IncomeRecord:
    paid, at = amount(row, "amount", signed=True), a_moment(row, "updateTime")
    names = (text(row, "type"), asset(row), f"{at:%Y-%m-%dT%H:%M:%S.%f}", f"{paid:f}")
    return _record(IncomeKind.REBATE, row, "spot", " ".join(names), (paid, at))


async def fetch_margin_interest(connection: Connection, since: datetime, until: datetime) -> Income:
    """Interest charged on cross margin debts in [since, until], those of portfolio margin among them."""
    return once(await _fetch_interest(connection, since, until))


async def fetch_isolated_interest(connection: Connection, since: datetime, until: datetime) -> Income:
    """Interest charged on the debts of isolated pairs in [since, until]. Raises WalletNotOpened where there are none."""
    pairs = await fetch_isolated_pairs(connection)
    fetching = (_fetch_interest(connection, since, until, isolatedSymbol=pair) for pair in pairs)
    return once(record for records in await gather(*fetching) for record in records)


async def _fetch_interest(connection: Connection, since: datetime, until: datetime, **pair: str) -> list[IncomeRecord]:
    found: list[IncomeRecord] = []
    for window in windows(since, until, MONTH):
        asked = {**_range(window), **pair, "size": PAGE_SIZE}
        found += await call_pages(
            connection, INTEREST, "Reading margin interest", _read_interest, PAGE_SIZE, number="current", **asked
        )
    return found


def _read_interest(answer: object) -> Page[IncomeRecord]:
    rows, total = read_counted(answer)
    return [_interest(row) for row in rows], total


def _interest(row: Row) -> IncomeRecord:
    wallet = "isolated_margin" if row.get("isolatedSymbol") else "cross_margin"
    at = a_moment(row, "interestAccuredTime")
    return _record(IncomeKind.MARGIN_INTEREST, row, wallet, text(row, "txId"), (-amount(row, "interest"), at))


def _range(window: Window) -> dict[str, int]:
    return {"startTime": milliseconds(window[0]), "endTime": milliseconds(window[1])}


def _record(kind: IncomeKind, row: Row, wallet: str, name: str, paid: tuple[Decimal, datetime]) -> IncomeRecord:
    if not name:
        raise Malformed("a row of an income history has no id")
    return IncomeRecord(
        kind=kind,
        exchange_id=name,
        wallet=wallet,
        asset=asset(row),
        amount=paid[0],
        occurred_at=paid[1],
        raw=select(row, FIELDS),
    )
