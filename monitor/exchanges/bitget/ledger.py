"""The ledgers: all that changed the balances of a wallet, read whole and proven by the balance after each row.

What a fill, a deposit or a move between own wallets left there is counted by those; what is left is income. A trade of a
contract leaves its profit and, beside it, its fee.
"""

import logging
from asyncio import gather
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from finance.decimals import ZERO
from finance.records import IncomeKind, IncomeRecord
from monitor.errors import ExchangeUnavailable
from monitor.exchanges.bitget.answers import coin, of_each, read_named_rows, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.futures import PRODUCTS
from monitor.exchanges.bitget.margin import CROSS, ISOLATED, fetch_isolated_pairs
from monitor.exchanges.bitget.pages import BY_CURSOR, fetch_history, page_of
from monitor.exchanges.bitget.rewards import fetch_pair_interest
from monitor.exchanges.bitget.spot import SPOT
from monitor.exchanges.bitget.unified import POOL
from monitor.exchanges.bitget.words import (
    FUTURES,
    MARGIN,
    UNIFIED,
    Meaning,
    Move,
    find_side,
    meaning_in,
    meaning_in_spot,
)
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Row, a_moment, amount, optional_text, select, text
from monitor.exchanges.ledger import LedgerRow, follow_balances
from monitor.exchanges.windows import milliseconds

SPOT_BILLS = private("v2/spot/account/bills")
FUTURES_BILLS = private("v2/mix/account/bill")
CROSS_RECORDS = private("v2/margin/crossed/financial-records")
ISOLATED_RECORDS = private("v2/margin/isolated/financial-records")
UNIFIED_RECORDS = private("v3/account/financial-records")
QUARTER, MONTH = timedelta(days=89), timedelta(days=29)
CATEGORIES = ("SPOT", "MARGIN", "USDT-FUTURES", "COIN-FUTURES", "USDC-FUTURES", "OTHER")
FIELDS = ("billId", "marginId", "id", "symbol", "coin", "groupType", "businessType", "marginType", "type", "size",
          "amount", "fee", "fees", "balance", "cTime", "ts", "category")  # fmt: skip
LOG = logging.getLogger(__name__)
Income = tuple[IncomeRecord, ...]
Rows = Awaitable[Sequence[LedgerRow]]


async def fetch_spot_ledger(connection: Connection, since: datetime, until: datetime) -> Income:
    """The income that the spot ledger shows in [since, until]."""
    doing = "Reading the ledger of spot"
    read = page_of(lambda answer: (read_rows(answer), ""), read_spot_bill, "billId")
    span = (since, until)
    rows = await _prove(
        connection, doing, lambda: fetch_history(connection, SPOT_BILLS, doing, read, span, QUARTER), False
    )
    return _as_income(SPOT, rows, meaning_in_spot)


async def fetch_futures_ledger(connection: Connection, since: datetime, until: datetime, wallet: str) -> Income:
    """The income of one kind of contracts, by the name of its wallet, in [since, until]."""
    doing, product, span = f"Reading the ledger of {wallet}", PRODUCTS[wallet], (since, until)
    read = page_of(partial(read_named_rows, name="bills", cursor="endId"), read_futures_bill, "billId")
    rows = await _prove(
        connection,
        doing,
        lambda: fetch_history(connection, FUTURES_BILLS, doing, read, span, MONTH, productType=product),
        True,
    )
    return _as_income(wallet, rows, meaning_in(FUTURES))


async def fetch_cross_ledger(connection: Connection, since: datetime, until: datetime) -> Income:
    """The income that the ledger of cross margin shows in [since, until]."""
    doing, span = "Reading the ledger of cross margin", (since, until)
    rows = await _prove(
        connection, doing, lambda: fetch_history(connection, CROSS_RECORDS, doing, MARGIN_PAGES, span, QUARTER), False
    )
    return _as_income(CROSS, rows, meaning_in(MARGIN))


async def fetch_isolated_ledger(connection: Connection, since: datetime, until: datetime) -> Income:
    """The income that the ledgers of isolated pairs show in [since, until], and the interest of their debts."""
    span = (since, until)
    pairs = await fetch_isolated_pairs(connection)
    asking = (fetch(connection, pair, span) for pair in pairs for fetch in (_fetch_pair, fetch_pair_interest))
    return tuple(record for income in await gather(*asking) for record in income)


async def _fetch_pair(connection: Connection, pair: str, span: tuple[datetime, datetime]) -> Income:
    doing = f"Reading the ledger of isolated margin, {pair}"
    rows = await _prove(
        connection,
        doing,
        lambda: fetch_history(connection, ISOLATED_RECORDS, doing, MARGIN_PAGES, span, QUARTER, symbol=pair),
        False,
    )
    return _as_income(ISOLATED, rows, meaning_in(MARGIN))


async def fetch_unified_ledger(connection: Connection, since: datetime, until: datetime) -> Income:
    """The income that the unified account's ledger shows in [since, until]: one pool, so one chain over all categories."""
    doing, span = "Reading the ledger of the unified account", (since, until)
    read = page_of(partial(read_named_rows, name="list", cursor="cursor"), read_unified_record, "id")

    async def fetch() -> list[LedgerRow]:
        asking = (
            fetch_history(connection, UNIFIED_RECORDS, doing, read, span, MONTH, cursor=BY_CURSOR, category=category)
            for category in CATEGORIES
        )
        return [row for rows in await gather(*asking) for row in rows]

    return _as_income(POOL, await _prove(connection, doing, fetch, True), meaning_in(UNIFIED))


async def fetch_bills(connection: Connection, group: str, span: tuple[datetime, datetime]) -> list[LedgerRow]:
    """The rows of one group of the spot ledger in `span`, their sizes as the balances moved by them."""
    doing = "Reading what the ledger of spot has of it"
    read = page_of(lambda answer: (read_rows(answer), ""), read_spot_bill, "billId")
    rows = await fetch_history(connection, SPOT_BILLS, doing, read, span, QUARTER, groupType=group)
    return [await _measure(connection, row) if row.fee else row for row in rows]


async def _measure(connection: Connection, row: LedgerRow) -> LedgerRow:
    """`row` with its fee in its size if the balance before it shows that; without a row before it the fee counts as inside."""
    earlier = await connection.call(
        SPOT_BILLS,
        "Reading the balance before a row of the ledger",
        of_each(read_spot_bill),
        coin=row.asset,
        startTime=milliseconds(row.occurred_at - QUARTER),
        endTime=milliseconds(row.occurred_at) + 999,
        idLessThan=row.exchange_id,
        limit=1,
    )
    return replace(row, size=row.balance - earlier[0].balance if earlier else row.size, fee=ZERO)


async def fetch_records(connection: Connection, span: tuple[datetime, datetime]) -> list[LedgerRow]:
    """The rows of the unified account's ledger in `span` that are of no kind of trading, with their fees in their sizes."""
    doing = "Reading what the ledger of the unified account has of it"
    read = page_of(partial(read_named_rows, name="list", cursor="cursor"), read_unified_record, "id")
    rows = await fetch_history(
        connection, UNIFIED_RECORDS, doing, read, span, MONTH, cursor=BY_CURSOR, category=CATEGORIES[-1]
    )
    return [replace(row, size=row.size + row.fee, fee=ZERO) for row in rows]


async def _prove(
    connection: Connection, doing: str, fetch: Callable[[], Rows], is_fee_beside: bool
) -> tuple[tuple[LedgerRow, Decimal], ...]:
    """The rows with what they moved. Where the balances don't follow each other the ledger is read once more."""
    prove = partial(follow_balances, doing=doing, is_fee_beside=is_fee_beside, switched_at=connection.switched_at)
    try:
        return prove(await fetch())
    except ExchangeUnavailable:
        return prove(await fetch())


def read_spot_bill(row: Row) -> LedgerRow:
    """A row of the spot ledger. Its word is group and type."""
    return LedgerRow(
        exchange_id=text(row, "billId"),
        asset=coin(row),
        size=amount(row, "size", signed=True),
        fee=amount(row, "fees", default=ZERO, signed=True),
        balance=amount(row, "balance", signed=True),
        occurred_at=a_moment(row, "cTime"),
        word=f"{text(row, 'groupType')} {optional_text(row, 'businessType')}",
        raw=select(row, FIELDS),
    )


def read_futures_bill(row: Row) -> LedgerRow:
    """A row of a futures ledger: its fee is beside its amount."""
    return _read(row, "billId", "businessType", "cTime")


def read_margin_record(row: Row) -> LedgerRow:
    """A row of a margin ledger."""
    return _read(row, "marginId", "marginType", "cTime")


def read_unified_record(row: Row) -> LedgerRow:
    """A row of the unified account's ledger, whose type says the direction where the amount has no sign."""
    return _read(row, "id", "type", "ts")


MARGIN_PAGES = page_of(partial(read_named_rows, name="resultList", cursor="minId"), read_margin_record, "marginId")


def _read(row: Row, number: str, word: str, time: str) -> LedgerRow:
    size, name = amount(row, "amount", signed=True), text(row, word)
    return LedgerRow(
        exchange_id=text(row, number),
        asset=coin(row),
        size=-abs(size) if name.endswith(("_OUT", "_out")) else size,
        fee=amount(row, "fee", default=ZERO, signed=True),
        balance=amount(row, "balance", signed=True),
        occurred_at=a_moment(row, time),
        word=name,
        raw=select(row, FIELDS),
    )


def _as_income(
    wallet: str, rows: Iterable[tuple[LedgerRow, Decimal]], meaning: Callable[[str], Meaning | None]
) -> Income:
    found: list[IncomeRecord] = []
    unknown: set[str] = set()
    for row, moved in rows:
        kind = meaning(row.word)
        if kind is None:
            unknown.add(row.word)
        if not isinstance(kind, Move):
            found += _split(wallet, row, moved, kind or IncomeKind.OTHER)
    if unknown:
        LOG.warning("%s booked income of a kind nobody knows, counted as other: %s", wallet, ", ".join(sorted(unknown)))
    return tuple(found)


def _split(wallet: str, row: LedgerRow, moved: Decimal, kind: IncomeKind) -> Iterable[IncomeRecord]:
    """The row as income; of a contract's trade the fee by itself."""
    parts: Mapping[IncomeKind, Decimal] = {kind: moved}
    if kind is IncomeKind.REALISED_PROFIT and row.fee:
        parts = {kind: moved - row.fee, IncomeKind.FUTURES_COMMISSION: row.fee}
    # Nothing in the row says of which trade it is: that is found by its moment, and by the side of the position.
    side = {"positionSide": find_side(row.word)} if kind is IncomeKind.REALISED_PROFIT and row.raw.get("symbol") else {}
    return (
        IncomeRecord(
            kind=part,
            exchange_id=f"{wallet} {row.exchange_id}",
            wallet=wallet,
            asset=row.asset,
            amount=value,
            occurred_at=row.occurred_at,
            raw=row.raw | side,
        )
        for part, value in parts.items()
        if value or (side and not moved)  # a trade without profit or fee says that there was one
    )
