"""Which histories a Bitget account has in each of its systems, and reading several of them, each with its own outcome.

A history has one name in both systems where both have it, so that it goes on where it stood when an account is switched.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from finance.observed import Role
from finance.records import FlowKind
from monitor.exchanges.bitget import deposits, ledger, payments, rewards, transfers
from monitor.exchanges.bitget.earn import EARN
from monitor.exchanges.bitget.futures import COIN_FUTURES, USDC_FUTURES, USDT_FUTURES
from monitor.exchanges.bitget.key import System
from monitor.exchanges.bitget.margin import CROSS, ISOLATED
from monitor.exchanges.bitget.unified import POOL
from monitor.exchanges.contract import Source, SourceReading, SourceState
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.reading import Record, read_histories

Fetch = Callable[[Connection, datetime, datetime], Awaitable[tuple[Record, ...]]]
DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONTH, QUARTER = timedelta(days=28), timedelta(days=88)  # with a day to spare inside one window
AVAILABLE = timedelta(days=89)  # of the ledgers; the exchange keeps 90 days


def _flows(name: str, *kinds: FlowKind, role: Role = Role.FLOWS) -> Source:
    return Source(name=name, first=QUARTER, overlap=WEEK, wide=QUARTER, kinds=kinds, role=role, window=MONTH)


def _income(name: str, wallet: str = "", *, has_own_right: bool = False) -> Source:
    return Source(
        name=name,
        first=MONTH,
        overlap=2 * DAY,
        wide=MONTH,
        role=Role.INCOME,
        has_own_right=has_own_right,
        wallet=wallet,
        available=AVAILABLE,
    )


DEPOSITS = _flows("deposits", FlowKind.DEPOSIT, role=Role.REQUIRED)
WITHDRAWALS = _flows("withdrawals", FlowKind.WITHDRAWAL, role=Role.REQUIRED)
TRANSFERS = replace(
    _flows("transfers of sub-accounts", FlowKind.TRANSFER_IN, FlowKind.TRANSFER_OUT), has_own_right=True
)
PAYMENTS = _flows(
    "bank money and P2P",
    FlowKind.FIAT_DEPOSIT,
    FlowKind.FIAT_WITHDRAWAL,
    FlowKind.P2P_PURCHASE,
    FlowKind.P2P_SALE,
)
FLOWS: dict[Source, dict[System, Fetch]] = {
    PAYMENTS: {System.CLASSIC: payments.fetch_payments, System.UNIFIED: payments.fetch_unified_payments},
    DEPOSITS: {System.CLASSIC: deposits.fetch_deposits, System.UNIFIED: deposits.fetch_unified_deposits},
    WITHDRAWALS: {System.CLASSIC: deposits.fetch_withdrawals, System.UNIFIED: deposits.fetch_unified_withdrawals},
}


def flows_of(whose: transfers.Whose) -> dict[Source, dict[System, Fetch]]:
    """The histories of flows of the account whose number `whose` fetches."""
    of_family: dict[System, Fetch] = {
        System.CLASSIC: partial(transfers.fetch_transfers, whose=whose),
        System.UNIFIED: partial(transfers.fetch_unified_transfers, whose=whose),
    }
    return FLOWS | {TRANSFERS: of_family}


INCOME: dict[Source, dict[System, Fetch]] = {
    _income("ledger of spot"): {System.CLASSIC: ledger.fetch_spot_ledger},
    **{
        _income(f"ledger of {kind} futures", wallet, has_own_right=True): {
            System.CLASSIC: partial(ledger.fetch_futures_ledger, wallet=wallet)
        }
        for kind, wallet in (("USDT", USDT_FUTURES), ("USDC", USDC_FUTURES), ("coin", COIN_FUTURES))
    },
    _income("ledger of cross margin", CROSS, has_own_right=True): {System.CLASSIC: ledger.fetch_cross_ledger},
    _income("ledger of isolated margin", ISOLATED, has_own_right=True): {System.CLASSIC: ledger.fetch_isolated_ledger},
    _income("interest of cross margin", CROSS, has_own_right=True): {System.CLASSIC: rewards.fetch_cross_interest},
    _income("interest of savings", EARN, has_own_right=True): {
        System.CLASSIC: rewards.fetch_savings,
        System.UNIFIED: rewards.fetch_savings,
    },
    _income("ledger of the unified account", POOL): {System.UNIFIED: ledger.fetch_unified_ledger},
}


async def fetch_histories(
    connection: Connection,
    system: System,
    histories: Mapping[Source, Mapping[System, Fetch]],
    since: Mapping[str, datetime],
    until: datetime,
) -> tuple[SourceReading, ...]:
    """A reading of each of `histories` that `since` names, from its moment on. Raises ExchangePaused on a ban.

    What only the other system keeps has nothing in it while the account is of this one.
    """
    own = System.CLASSIC if system is System.CLASSIC else System.UNIFIED
    chosen = [(source, of_system.get(own)) for source, of_system in histories.items() if source.name in since]
    fetches = ((source, partial(fetch, connection)) for source, fetch in chosen if fetch)
    empty = (SourceReading(source=source.name, state=SourceState.READ) for source, fetch in chosen if not fetch)
    return (*await read_histories(fetches, since, until, connection.now), *empty)
