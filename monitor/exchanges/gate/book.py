"""The account book of spot: everything that moved the balance of a coin, with the balance after it. Times are milliseconds.

Most of what it lists other histories show with more: trades, deposits, transfers. What only the book shows is taken from it:
GateCodes, trades between users (P2P), coins bought with bank money, gifts, rebates, rewards. In a classic account its
balances prove that no row is missing. In the unified modes other books move the same balances, so they prove nothing there.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from finance.records import FlowRecord, FlowState, IncomeKind, IncomeRecord
from monitor.exchanges.gate import endpoints, spot
from monitor.exchanges.gate.book_words import FLOWS, INCOME, SHOWN_ELSEWHERE
from monitor.exchanges.gate.pages import fetch_numbered, in_ms, span
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import a_list, amount, asset, select, text
from monitor.exchanges.ledger import LedgerRow, follow_balances
from monitor.exchanges.windows import Window, once, windows

READING = "Reading the account book"
LONGEST_WINDOW = timedelta(days=7)  # of 30: a busy account has many rows
PAGE_SIZE = 1000
FIELDS = ("id", "time", "currency", "change", "balance", "type", "code", "text")
LOG = logging.getLogger(__name__)


def read_book(answer: object) -> list[LedgerRow]:
    """The rows of a page."""
    return [
        LedgerRow(
            exchange_id=text(row, "id"),
            asset=asset(row, "currency"),
            size=amount(row, "change", signed=True),
            balance=amount(row, "balance", signed=True),
            occurred_at=in_ms(row, "time"),
            word=text(row, "type"),
            raw=select(row, FIELDS),
        )
        for row in a_list(answer)
    ]


async def fetch_rows(connection: Connection, window: Window, **only: str) -> list[LedgerRow]:
    """The rows of [since, until], those of one type where `only` says so, oldest first, each once."""
    found: dict[str, LedgerRow] = {}
    for part in windows(*window, LONGEST_WINDOW):
        rows = await fetch_numbered(
            connection, endpoints.SPOT_BOOK, READING, read_book, PAGE_SIZE, **span(part), **only
        )
        found |= {row.exchange_id: row for row in rows}
    return sorted(found.values(), key=lambda row: (row.occurred_at, row.exchange_id))


async def fetch_reported(
    connection: Connection, since: datetime, until: datetime, *, is_chained: bool
) -> tuple[FlowRecord | IncomeRecord, ...]:
    """What only the book shows of [since, until]. Raises ExchangeUnavailable if its balances show that a row is missing."""
    rows = await fetch_rows(connection, (since, until))
    if is_chained:
        follow_balances(rows, READING, is_fee_beside=False, switched_at=connection.switched_at)
    return read_reported(rows)


def read_reported(rows: Iterable[LedgerRow]) -> tuple[FlowRecord | IncomeRecord, ...]:
    """The flows and the income among `rows`; of a type that nobody knows it is other income, and said."""
    reported = [row for row in rows if row.size and row.word not in SHOWN_ELSEWHERE]
    unknown = sorted({row.word for row in reported} - FLOWS.keys() - INCOME.keys())
    if unknown:
        LOG.warning("Gate's account book has types that nobody knows, counted as other income: %s", ", ".join(unknown))
    flows = once(_flow(row) for row in reported if row.word in FLOWS)
    return (*flows, *once(_income(row) for row in reported if row.word not in FLOWS))


def _flow(row: LedgerRow) -> FlowRecord:
    incoming, outgoing = FLOWS[row.word]
    return FlowRecord(
        kind=incoming if row.size > 0 else outgoing,
        exchange_id=f"book {row.exchange_id}",
        state=FlowState.COUNTED,
        exchange_status=row.word,
        asset=row.asset,
        amount=abs(row.size),
        fee=row.fee,
        requested_at=row.occurred_at,
        completed_at=row.occurred_at,
        raw=row.raw,
    )


def _income(row: LedgerRow) -> IncomeRecord:
    return IncomeRecord(
        kind=INCOME.get(row.word, IncomeKind.OTHER),
        exchange_id=f"book {row.exchange_id}",
        wallet=spot.SPOT,
        asset=row.asset,
        amount=row.size,
        occurred_at=row.occurred_at,
        raw=row.raw,
    )
