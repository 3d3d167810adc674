"""Which histories a Gate account has, and reading several of them side by side, each with its own outcome."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from finance.observed import Role
from finance.records import FlowKind
from monitor.exchanges.contract import Source, SourceReading
from monitor.exchanges.gate import (
    book,
    book_words,
    contract_books,
    deposits,
    earn,
    fills,
    futures,
    interest,
    margin,
    spot,
    transfers,
    unified,
)
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.reading import Record, read_histories

Fetch = Callable[[Connection, "Owner", datetime, datetime], Awaitable[tuple[Record, ...]]]
DAY, WEEK, MONTH, QUARTER = timedelta(days=1), timedelta(days=7), timedelta(days=28), timedelta(days=88)
BEHIND_ORDERS = timedelta(days=8)  # trades are selected by when their order ended
TRANSFER_KINDS = (FlowKind.TRANSFER_IN, FlowKind.TRANSFER_OUT)
DEPOSITS, WITHDRAWALS, PUSHES, SUBS = (
    "deposits",
    "withdrawals",
    "transfers between users",
    "transfers with sub-accounts",
)
BOOK, TRADES = "account book", "trades"
EARNED, ISOLATED, POOLED = "interest of Earn", "margin interest", "interest of the unified account"
DUAL = "settled dual investments"


def _required(name: str, kind: FlowKind) -> Source:
    return Source(
        name=name,
        first=QUARTER,
        overlap=WEEK,
        wide=QUARTER,
        kinds=(kind,),
        role=Role.REQUIRED,
        window=deposits.LONGEST_WINDOW,
    )


def _moves(name: str) -> Source:
    return Source(name=name, first=QUARTER, overlap=WEEK, wide=MONTH, kinds=TRANSFER_KINDS, has_own_right=True)


def _income(name: str, wallet: str = "", overlap: timedelta = 2 * DAY) -> Source:
    return Source(
        name=name, first=MONTH, overlap=overlap, wide=MONTH, role=Role.INCOME, has_own_right=True, wallet=wallet
    )


def name_book(wallet: str) -> str:
    """The history of what the contracts of a wallet booked."""
    return f"account book of {wallet}"


FLOWS = (
    _required(DEPOSITS, FlowKind.DEPOSIT),
    _required(WITHDRAWALS, FlowKind.WITHDRAWAL),
    _moves(PUSHES),
    _moves(SUBS),
    Source(name=BOOK, first=MONTH, overlap=DAY, wide=WEEK, kinds=book_words.FLOW_KINDS, window=book.LONGEST_WINDOW),
)
INCOME = (  # of USDT futures every hour: in a unified account their wallet is empty, and what they book is not
    replace(_income(TRADES, overlap=BEHIND_ORDERS), has_own_right=False),
    *(_income(name_book(wallet), "" if wallet == futures.USDT_FUTURES else wallet) for wallet in contract_books.BOOKS),
    _income(EARNED, earn.LENDING),
    _income(ISOLATED, margin.ISOLATED),
    _income(POOLED, unified.UNIFIED),
    replace(_income(DUAL, earn.DUAL), is_daily=True),
)


class Owner(Protocol):
    """What a history has to know of its account."""

    async def fetch_uid(self) -> str:
        """The exchange's number of the account."""

    async def find_pooled(self) -> frozenset[str]:
        """The wallets that are parts of a unified account."""


Records = tuple[Record, ...]


async def _fetch_subs(connection: Connection, owner: Owner, since: datetime, until: datetime) -> Records:
    return await transfers.fetch_sub_transfers(connection, since, until, whose=owner.fetch_uid)


async def _fetch_book(connection: Connection, owner: Owner, since: datetime, until: datetime) -> Records:
    is_chained = spot.SPOT not in await owner.find_pooled()
    return await book.fetch_reported(connection, since, until, is_chained=is_chained)


async def _fetch_booked(
    connection: Connection, owner: Owner, since: datetime, until: datetime, *, wallet: str
) -> Records:
    pool = unified.UNIFIED if wallet in await owner.find_pooled() else None
    return await contract_books.fetch_income(connection, since, until, wallet=wallet, pool=pool)


async def _fetch_isolated(connection: Connection, owner: Owner, since: datetime, until: datetime) -> Records:
    return await interest.fetch_isolated(connection, since, until, has_pool=bool(await owner.find_pooled()))


def _alone(fetch: Callable[[Connection, datetime, datetime], Awaitable[Records]]) -> Fetch:
    """Of a history that needs to know nothing of its account."""
    return lambda connection, _, since, until: fetch(connection, since, until)


FETCHES: dict[str, Fetch] = {
    DEPOSITS: _alone(deposits.fetch_deposits),
    WITHDRAWALS: _alone(deposits.fetch_withdrawals),
    PUSHES: _alone(transfers.fetch_pushes),
    SUBS: _fetch_subs,
    BOOK: _fetch_book,
    TRADES: _alone(fills.fetch_trades),
    **{name_book(wallet): partial(_fetch_booked, wallet=wallet) for wallet in contract_books.BOOKS},
    EARNED: _alone(interest.fetch_earned),
    ISOLATED: _fetch_isolated,
    POOLED: _alone(interest.fetch_unified),
    DUAL: _alone(interest.fetch_dual),
}


async def fetch_histories(
    connection: Connection,
    owner: Owner,
    sources: Iterable[Source],
    since: Mapping[str, datetime],
    until: datetime,
) -> tuple[SourceReading, ...]:
    """A reading of each of `sources` that `since` names, from its moment on. Raises ExchangePaused on a ban."""
    fetches = ((source, partial(FETCHES[source.name], connection, owner)) for source in sources)
    return await read_histories(fetches, since, until, connection.now)
