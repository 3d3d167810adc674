"""Which histories a Binance account has, and reading several of them side by side, each with its own outcome."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from finance.moments import SECOND
from finance.observed import Role
from finance.records import FlowKind
from monitor.exchanges.binance import (
    deposits,
    dual_investment,
    earn,
    fiat,
    futures_income,
    income,
    options,
    payments,
    transfers,
)
from monitor.exchanges.contract import Source, SourceReading
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.reading import Record, read_histories

Fetch = Callable[[Connection, datetime, datetime], Awaitable[tuple[Record, ...]]]
DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONTH, QUARTER = timedelta(days=28), timedelta(days=88)  # with a day to spare inside one window
HALF_YEAR, LONG = timedelta(days=179), timedelta(days=540)
ALL_OF_IT = timedelta(days=3650)  # in one answer, however long ago
OWN_RIGHTS = ("usd_m_futures", "coin_m_futures", "portfolio_margin", "options")


def _crypto(name: str, kind: FlowKind) -> Source:
    return Source(
        name=name,
        first=QUARTER,
        overlap=WEEK,
        wide=QUARTER,
        kinds=(kind,),
        role=Role.REQUIRED,
        is_timed=False,
        window=deposits.LONGEST_WINDOW,
    )


def _flows(
    name: str,
    first: timedelta,
    overlap: timedelta,
    *kinds: FlowKind,
    longest: timedelta | None = None,
    available: timedelta | None = None,
) -> Source:
    return Source(
        name=name, first=first, overlap=overlap, wide=first, kinds=kinds, longest=longest, available=available
    )


def _income(name: str, wallet: str = "", available: timedelta | None = None) -> Source:
    return Source(
        name=name,
        first=MONTH,
        overlap=2 * DAY,
        wide=MONTH,
        role=Role.INCOME,
        has_own_right=wallet in OWN_RIGHTS,
        wallet=wallet,
        available=available,
    )


TRANSFER_KINDS = (FlowKind.TRANSFER_IN, FlowKind.TRANSFER_OUT)
FLOWS: dict[Source, Fetch] = {
    _crypto("deposits", FlowKind.DEPOSIT): deposits.fetch_deposits,
    replace(_crypto("withdrawals", FlowKind.WITHDRAWAL), pace=6 * SECOND): deposits.fetch_withdrawals,
    replace(
        _flows("fiat orders", MONTH, MONTH - DAY, FlowKind.FIAT_DEPOSIT, FlowKind.FIAT_WITHDRAWAL, longest=2 * MONTH),
        pace=30 * SECOND,
    ): fiat.fetch_orders,
    _flows("fiat payments", QUARTER, WEEK, FlowKind.CARD_PURCHASE, FlowKind.CARD_SALE): fiat.fetch_payments,
    replace(
        _flows("P2P orders", QUARTER, WEEK, FlowKind.P2P_PURCHASE, FlowKind.P2P_SALE, available=HALF_YEAR),
        is_timed=False,
    ): payments.fetch_p2p_orders,
    replace(
        _flows("Binance Pay", QUARTER, WEEK, FlowKind.PAY_RECEIVED, FlowKind.PAY_SENT, available=LONG),
        window=payments.PAY_WINDOW,
        pace=SECOND,
    ): payments.fetch_payments,
    _flows("transfers of a sub-account", MONTH, DAY, *TRANSFER_KINDS): transfers.fetch_of_sub,
    replace(
        _flows("transfers of a master account", MONTH, DAY, *TRANSFER_KINDS), window=transfers.LONGEST_OF_FAMILY
    ): transfers.fetch_of_master,
}
INCOME: dict[Source, Fetch] = {
    _income("flexible Earn rewards", "earn_flexible"): earn.fetch_real_time_rewards,
    replace(_income("flexible Earn bonuses"), is_daily=True): earn.fetch_bonuses,
    replace(_income("locked Earn rewards"), is_daily=True): earn.fetch_locked_rewards,
    replace(_income("On-chain Yields rewards", "onchain_yields"), window=earn.QUARTER): earn.fetch_onchain_rewards,
    replace(
        _income("Dual Investment settlements", "dual_investment"), window=ALL_OF_IT
    ): dual_investment.fetch_settlements,
    replace(_income("soft staking rewards"), is_daily=True, window=earn.QUARTER): earn.fetch_soft_rewards,
    replace(_income("SOL staking boosts"), is_daily=True, window=earn.QUARTER): earn.fetch_boosts,
    replace(_income("dividends"), window=income.HALF_YEAR): income.fetch_dividends,
    replace(_income("rebates"), pace=4 * SECOND): income.fetch_rebates,
    _income("margin interest", available=QUARTER): income.fetch_margin_interest,
    _income("isolated margin interest", "isolated_margin", available=QUARTER): income.fetch_isolated_interest,
    _income("USD-M futures income", "usd_m_futures", available=QUARTER): partial(
        futures_income.fetch_income, endpoint=futures_income.USD_M
    ),
    _income("COIN-M futures income", "coin_m_futures", available=QUARTER): partial(
        futures_income.fetch_income, endpoint=futures_income.COIN_M
    ),
    _income("USD-M income in portfolio margin", "portfolio_margin", available=QUARTER): partial(
        futures_income.fetch_income, endpoint=futures_income.PORTFOLIO_USD_M
    ),
    _income("COIN-M income in portfolio margin", "portfolio_margin", available=QUARTER): partial(
        futures_income.fetch_income, endpoint=futures_income.PORTFOLIO_COIN_M
    ),
    _income("bill of options", "options", available=QUARTER): options.fetch_bill,
}


def of_sub_account(fetch_deposits: Fetch, fetch_transfers: Fetch) -> dict[Source, Fetch]:
    """The flow histories of a sub-account that its master can see."""
    return {
        _crypto("deposits", FlowKind.DEPOSIT): fetch_deposits,
        _flows("transfers of a sub-account", MONTH, DAY, *TRANSFER_KINDS): fetch_transfers,
    }


async def fetch_histories(
    connection: Connection, histories: Mapping[Source, Fetch], since: Mapping[str, datetime], until: datetime
) -> tuple[SourceReading, ...]:
    """A reading of each of `histories` that `since` names, from its moment on. Raises ExchangePaused on a ban."""
    fetches = ((source, partial(fetch, connection)) for source, fetch in histories.items())
    return await read_histories(fetches, since, until, connection.now)
