"""Interest: what Earn paid, what borrowing cost, and what dual investments brought when they were settled.

Times of interest are milliseconds, of dual investments seconds. Rows of interest have no number: their id is what they say,
equal ones of one window numbered.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from finance.decimals import exact
from finance.records import FillMarket, FillRecord, IncomeKind, IncomeRecord
from monitor.exchanges.gate import earn, endpoints, margin, unified
from monitor.exchanges.gate.pages import fetch_numbered, fetch_unmoved, in_ms, span
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_list, amount, asset, optional_text, seconds, select, text
from monitor.exchanges.windows import number_duplicates, once, windows

LONGEST_WINDOW = timedelta(days=29)
PAGE_SIZE = 100
SUCCESS = "1"
BORROWED = ("platform", "margin")  # of a unified account; the exchange shows one of them in a call
SETTLED = "SETTLEMENT_SUCCESS"
FIELDS = ("id", "currency", "currency_pair", "interest", "actual_rate", "interest_status", "type", "status", "create_time",
        "invest_currency", "invest_amount", "settlement_currency", "settlement_amount", "complete_time")  # fmt: skip
Income = tuple[IncomeRecord, ...]


async def fetch_earned(connection: Connection, since: datetime, until: datetime) -> Income:
    """What lending in Earn paid in [since, until]."""
    read = partial(read_interest, kind=IncomeKind.EARN_INTEREST, wallet=earn.LENDING)
    return await _fetch(connection, endpoints.EARN_INTEREST, "Reading the interest of Earn", read, since, until)


async def fetch_isolated(connection: Connection, since: datetime, until: datetime, *, has_pool: bool) -> Income:
    """What borrowing in isolated margin cost in [since, until], and the interest of a unified account does not show, too."""
    read = partial(read_interest, kind=IncomeKind.MARGIN_INTEREST, wallet=margin.ISOLATED)
    found = await _fetch(connection, endpoints.ISOLATED_INTEREST, "Reading margin interest", read, since, until)
    shown = {_what(record) for record in await fetch_unified(connection, since, until)} if has_pool and found else ()
    return tuple(record for record in found if _what(record) not in shown)


def _what(record: IncomeRecord) -> tuple[str, Decimal, datetime]:
    return record.asset, record.amount, record.occurred_at


async def fetch_unified(connection: Connection, since: datetime, until: datetime) -> Income:
    """What borrowing in the unified account cost in [since, until]."""
    read = partial(read_interest, kind=IncomeKind.MARGIN_INTEREST, wallet=unified.UNIFIED)
    doing = "Reading the interest of the unified account"
    found: Income = ()
    for what in BORROWED:
        found += await _fetch(connection, endpoints.UNIFIED_INTEREST, doing, read, since, until, type=what)
    return once(found)


async def _fetch(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    read: Callable[[object], list[IncomeRecord]],
    since: datetime,
    until: datetime,
    **what: str,
) -> Income:
    found: list[IncomeRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        rows = await fetch_unmoved(connection, endpoint, doing, read, PAGE_SIZE, **span(window), **what)
        found += number_duplicates(row for row in rows if row.amount)
    return once(found)


@exact
def read_interest(answer: object, *, kind: IncomeKind, wallet: str) -> list[IncomeRecord]:
    """The interest of a page; what could not be taken is zero."""
    return [_read_interest(row, kind, wallet) for row in a_list(answer)]


def _read_interest(row: Row, kind: IncomeKind, wallet: str) -> IncomeRecord:
    at, coin = in_ms(row, "create_time"), asset(row, "currency")
    said, sign = amount(row, "interest"), 1 if kind is IncomeKind.EARN_INTEREST else -1
    took = text(row, "status") == SUCCESS
    names = (
        optional_text(row, "type"),
        optional_text(row, "currency_pair"),
        coin,
        f"{at:%Y-%m-%dT%H:%M:%S.%f}",
        f"{said:f}",
    )
    return IncomeRecord(
        kind=kind,
        exchange_id=" ".join(filter(None, (wallet, *names))),
        wallet=wallet,
        asset=coin,
        amount=sign * said if took else said * 0,
        occurred_at=at,
        raw=select(row, FIELDS),
    )


async def fetch_dual(connection: Connection, since: datetime, until: datetime) -> tuple[IncomeRecord | FillRecord, ...]:
    """What dual investments that were settled in [since, until] brought: interest, or the other coin of a pair."""
    doing = "Reading settled dual investments"
    found: dict[str, IncomeRecord | FillRecord] = {}
    for window in windows(since, until, LONGEST_WINDOW):
        rows = await fetch_numbered(connection, endpoints.DUAL_ORDERS, doing, read_settled, PAGE_SIZE, **span(window))
        found |= {one.exchange_id: one for one in rows if one and since <= one.occurred_at <= until}
    return tuple(found.values())


def read_settled(answer: object) -> list[IncomeRecord | FillRecord | None]:
    """What each order of a page brought; nothing while it is not settled."""
    return [_read_settled(row) if text(row, "status") == SETTLED else None for row in a_list(answer)]


@exact
def _read_settled(row: Row) -> IncomeRecord | FillRecord:
    number, at = f"dual {text(row, 'id')}", seconds(row, "complete_time")
    gave, got = amount(row, "invest_amount"), amount(row, "settlement_amount")
    invested, settled = asset(row, "invest_currency"), asset(row, "settlement_currency")
    if invested == settled:
        return IncomeRecord(
            kind=IncomeKind.EARN_INTEREST, exchange_id=number, wallet=earn.DUAL, asset=settled, amount=got - gave,
            occurred_at=at, raw=select(row, FIELDS),
        )  # fmt: skip
    return FillRecord(
        market=FillMarket.CONVERT, symbol=f"{invested}>{settled}", exchange_id=number, order_id=text(row, "id"),
        base_asset=settled, base_quantity=got, quote_asset=invested, quote_quantity=-gave,
        occurred_at=at, raw=select(row, FIELDS),
    )  # fmt: skip
