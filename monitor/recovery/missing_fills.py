"""Looking for the fills that an account's unexplained hours lack, and explaining those hours again with what was found.

Never in the way of the hour itself: it is recorded before, and a search that fails is made again by the next run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.attribution.explanation import State
from finance.attribution.hour import LATE
from finance.records import FillMarket
from monitor.accounts.client import ExchangeClient
from monitor.accounts.registry import TrackedAccount
from monitor.database import Db
from monitor.database.runs import record_log, record_pause
from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges.public import Ticker
from monitor.ledger.store.events import load_earliest_move
from monitor.ledger.store.fills import record_fills
from monitor.market.price_rounds import write_priced
from monitor.market.scope import Scope
from monitor.performance.derivation import derive_history
from monitor.performance.store.explanations import load_explanations
from monitor.recovery.fills import Found, Search, find_fills
from monitor.recovery.store.fill_sources import load_gaps, load_sources, record_sources
from monitor.snapshots.store.wallets import load_enabled_wallets, load_idle_wallets

WARNED_SHARE = Decimal("0.005")  # of NAV
PORTFOLIO = FillMarket.PORTFOLIO_MARGIN
MARGIN_MARKETS = (FillMarket.CROSS_MARGIN, FillMarket.ISOLATED_MARGIN, PORTFOLIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """The run that looks."""

    run_id: int
    hour: datetime
    at: datetime  # the snapshot's time: what is read now is read beyond it
    is_new: bool  # the hour was not recorded before: what it lacks has not been told yet


async def complete_hours(
    db: Db, client: ExchangeClient, ticker: Ticker, account: TrackedAccount, run: RunContext, most_calls: int
) -> int:
    """Explain the account's hours with fills that are not known yet; returns the calls used. Raises no ExchangeError.

    Without an unexplained quantity nothing is asked, except once a day for the pairs that the account trades.
    """
    opened = client.open_account(account)
    search = plan_search(db, account.id, ticker, opened.quotes, run.at)
    found = await find_fills(opened, search, most_calls)
    failures = list(found.failures.values())
    if found.sources:
        scope = Scope(account_id=account.id, exchange=client.exchange, fetched={})
        try:
            await write_priced(db, client, ticker, scope, lambda: _record(db, scope, found, run))
        except ExchangeError as unpriced:
            failures.append(unpriced)
    for failure in failures:
        _tell(db, client, account.id, failure, run)
    if run.is_new:
        _warn(db, account.id, client.unexplained_limit, run)
    return found.calls


def plan_search(db: Db, account_id: int, ticker: Ticker, quotes: Sequence[str], now: datetime) -> Search:
    """What is known of the account's fills, and the hours that lack some."""
    return Search(
        gaps=load_gaps(db, account_id),
        known=load_sources(db, account_id),
        markets=(FillMarket.SPOT, *_list_margin_markets(db, account_id, now)),
        symbols=ticker.prices.keys(),
        quotes=quotes,
        now=now,
    )


def _list_margin_markets(db: Db, account_id: int, now: datetime) -> Iterable[FillMarket]:
    """Those of the account's wallets; portfolio margin stands for cross margin where it holds something."""
    wallets, idle = load_enabled_wallets(db, account_id), load_idle_wallets(db, account_id, now)
    is_unified = PORTFOLIO.value in wallets - idle
    left_out = FillMarket.CROSS_MARGIN if is_unified else PORTFOLIO
    return [market for market in MARGIN_MARKETS if market.value in wallets and market is not left_out]


def _record(db: Db, scope: Scope, found: Found, run: RunContext) -> None:
    """Store what was found and derive every hour again that it changes; fills before the first hour change nothing."""
    new = record_fills(db, scope.account_id, found.fills, seen_at=run.at, run_id=run.run_id)
    record_sources(db, scope.account_id, found.sources)
    since = load_earliest_move(db, scope.account_id, run.run_id)
    if since and new:
        derive_history(db, scope, since=since - LATE)


def _tell(db: Db, client: ExchangeClient, account_id: int, failure: ExchangeError, run: RunContext) -> None:
    message = f"Fills could not be read, some changes stay unexplained until they are: {failure}"
    record_log(db, at=run.at, level="warning", message=message, run_id=run.run_id, account_id=account_id)
    if isinstance(failure, ExchangePaused):
        record_pause(db, client.exchange, failure)


def _warn(db: Db, account_id: int, limit: Decimal, run: RunContext) -> None:
    for hour in load_explanations(db, account_id, run.hour, run.hour):
        if hour.state is State.UNEXPLAINED and hour.missing_value > min(limit, abs(hour.nav_after) * WARNED_SHARE):
            message = f"{hour.missing_value:,.2f} USDT are unexplained. {hour.cause}"
            record_log(db, at=run.at, level="warning", message=message, run_id=run.run_id, account_id=account_id)
