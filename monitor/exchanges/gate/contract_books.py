"""The account books of contracts: profits, fees, funding, rebates, as income. Times are seconds with digits behind the point.

The balance after each row proves that none is missing, while the contracts have their own margin. Points (cards that pay fees)
are no money that this wallet counts, so what is booked in them is none either.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from finance.decimals import ZERO
from finance.records import IncomeKind, IncomeRecord
from monitor.exchanges.gate import endpoints, futures
from monitor.exchanges.gate.pages import fetch_offset, span
from monitor.exchanges.gate.symbols import name_contract
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Row, a_list, amount, optional_text, seconds, select, text
from monitor.exchanges.ledger import LedgerRow, follow_balances
from monitor.exchanges.windows import windows

BOOKS = {
    futures.USDT_FUTURES: endpoints.USDT_BOOK,
    futures.BTC_FUTURES: endpoints.BTC_BOOK,
    futures.DELIVERY: endpoints.DELIVERY_BOOK,
    futures.OPTIONS: endpoints.OPTIONS_BOOK,
}
POINT_FEE = "point_fee"  # of money it is none: a fee of zero, which says that the contract was traded
KINDS = {
    "pnl": IncomeKind.REALISED_PROFIT,
    "prem": IncomeKind.REALISED_PROFIT,  # of options, beside which what is open counts as unrealised
    "set": IncomeKind.REALISED_PROFIT,
    "fee": IncomeKind.FUTURES_COMMISSION,
    POINT_FEE: IncomeKind.FUTURES_COMMISSION,
    "fund": IncomeKind.FUNDING_FEE,
    "refr": IncomeKind.REBATE,
    "bonus_offset": IncomeKind.OTHER,
}
OF_TRADES = ("pnl", "fee")
INTERNAL = ("dnw", "cross_settle")  # from and to the account's own wallets
IN_POINTS = "point_"
LONGEST_WINDOW = timedelta(days=29)
PAGE_SIZE = 1000
FIELDS = ("id", "time", "change", "balance", "type", "text", "contract", "trade_id")
OPTIONS_COIN = "USDT"
LOG = logging.getLogger(__name__)


async def fetch_income(
    connection: Connection, since: datetime, until: datetime, *, wallet: str, pool: str | None = None
) -> tuple[IncomeRecord, ...]:
    """What the contracts of `wallet` booked in [since, until]; `pool`: the wallet in which it counts, where that is another.

    Raises ExchangeUnavailable if the balances of a wallet of its own show that a row is missing.
    """
    doing = f"Reading the account book of {wallet}"
    coin = futures.SETTLED.get(wallet, OPTIONS_COIN)
    found: dict[str, LedgerRow] = {}
    for window in windows(since, until, LONGEST_WINDOW):
        read = partial(read_book, coin=coin)
        rows = await fetch_offset(connection, BOOKS[wallet], doing, read, PAGE_SIZE, **span(window))
        found |= {row.exchange_id: row for row in rows}
    moved = [row for row in found.values() if not row.word.startswith(IN_POINTS)]
    if pool is None:
        follow_balances(moved, doing, is_fee_beside=False, switched_at=connection.switched_at)
    in_points = [replace(row, size=ZERO) for row in found.values() if row.word == POINT_FEE]
    return read_income([*moved, *in_points], wallet, pool or wallet)


def read_book(answer: object, coin: str) -> list[LedgerRow]:
    """The rows of a page of the book of a wallet that holds `coin`."""
    return [_read_row(row, coin) for row in a_list(answer)]


def _read_row(row: Row, coin: str) -> LedgerRow:
    at, moved, balance = (
        seconds(row, "time"),
        amount(row, "change", signed=True),
        amount(row, "balance", signed=True),
    )
    word, contract, trade = text(row, "type"), optional_text(row, "contract"), optional_text(row, "trade_id")
    said = f"{word} {at:%Y-%m-%dT%H:%M:%S.%f} {moved:f} {balance:f} {contract} {trade}".rstrip()
    named = {"symbol": name_contract(contract, coin)} if contract else {}
    if trade not in ("", "0"):
        named["tradeId"] = trade
    elif word in OF_TRADES and contract:
        named["positionSide"] = "any"  # nothing says of which trade it is but its moment
    return LedgerRow(
        exchange_id=optional_text(row, "id") or said,
        asset=coin,
        size=moved,
        balance=balance,
        occurred_at=at,
        word=word,
        raw={**select(row, FIELDS), **named},
    )


def read_income(rows: Iterable[LedgerRow], wallet: str, place: str) -> tuple[IncomeRecord, ...]:
    """The income among `rows` of a wallet's book, counted in the wallet `place`; of an unknown type it is other, and said."""
    reported = [row for row in rows if row.word not in INTERNAL and (row.size or row.word == POINT_FEE)]
    if unknown := sorted({row.word for row in reported} - KINDS.keys()):
        LOG.warning("Gate's book of %s has types that nobody knows, counted as other: %s", wallet, ", ".join(unknown))
    return tuple(
        IncomeRecord(
            kind=KINDS.get(row.word, IncomeKind.OTHER),
            exchange_id=f"{wallet} {row.exchange_id}",
            wallet=place,
            asset=row.asset,
            amount=row.size,
            occurred_at=row.occurred_at,
            raw=row.raw,
        )
        for row in reported
    )
