"""Portfolios that are made, changed and removed: their history is computed at once from their members' stored hours.

Each change is one transaction: a portfolio is there with all of its history, or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from finance.moments import EPOCH
from monitor.accounts.client import ExchangeClient
from monitor.accounts.registry import ensure_benchmarks
from monitor.accounts.store.benchmarks import delete_benchmark, load_configs
from monitor.accounts.store.portfolios import (
    Portfolio,
    delete_portfolio,
    find_next_number,
    record_leaving,
    record_members,
    record_portfolio,
)
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices
from monitor.performance.portfolio_hours import PortfolioRun, update_portfolio
from monitor.performance.store.changes import forget_recomputation, record_changed_hours
from monitor.performance.store.history import load_shown
from monitor.performance.store.portfolio_hours import forget_portfolio_hours, forget_transfers, record_member_hours
from monitor.performance.store.valued_hours import load_last_valued
from monitor.settings import Weights
from sql.rows import Db

END = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPortfolio:
    """What a portfolio is to be."""

    key: str
    label: str
    account_ids: Sequence[int]
    since: datetime | None  # the first hour of all members; None: each one's own first
    weights: Weights  # of its first benchmarks


async def make_portfolio(db: Db, client: ExchangeClient, new: NewPortfolio, now: datetime) -> int:
    """Add a portfolio with its history; returns its number. Raises ExchangeError and MonitorError like a benchmark."""

    number = find_next_number(db)

    def write(fetched: Fetched) -> int:
        record_portfolio(db, number, new.key, new.label, now)
        ensure_benchmarks(db, number, new.weights)
        record_members(db, number, new.account_ids, new.since)
        rewrite_hours(db, number, fetched, EPOCH, now, "")
        return number

    return await with_prices(db, client, None, write)


async def add_members(
    db: Db, client: ExchangeClient, portfolio: Portfolio, account_ids: Sequence[int], since: datetime, now: datetime
) -> None:
    """Let accounts be part of a portfolio from the hour `since` on. Raises ExclusionViolation for one that is already."""

    def write(fetched: Fetched) -> None:
        record_members(db, portfolio.id, account_ids, since)
        rewrite_hours(db, portfolio.id, fetched, since, now, "an account is part of it that was none before")

    await with_prices(db, client, None, write)


async def remove_members(
    db: Db, client: ExchangeClient, portfolio: Portfolio, account_ids: Sequence[int], since: datetime, now: datetime
) -> None:
    """Let accounts be no part of a portfolio from the hour `since` on."""

    def write(fetched: Fetched) -> None:
        for account_id in account_ids:
            record_leaving(db, portfolio.id, account_id, since)
        rewrite_hours(db, portfolio.id, fetched, since, now, "an account is no part of it any more")

    await with_prices(db, client, None, write)


def rewrite_hours(db: Db, number: int, fetched: Fetched, since: datetime, now: datetime, reason: str) -> None:
    """Make a portfolio's hours from `since` on anew from its members', and say that those that were shown have changed.

    Raises PricesNeeded, or MonitorError when a benchmark's asset had no price.
    """
    last = load_last_valued(db, number, taken_until=END, before=since)
    moment = last.taken_at if last else EPOCH
    shown = load_shown(db, number, moment, None)
    forget_portfolio_hours(db, number, since, moment)
    record_member_hours(db, number, since)
    sent_at = forget_transfers(db, number, moment)  # who is part of it decides which are none of its flows
    first = min(moment, sent_at.replace(microsecond=0)) if sent_at else moment
    update_portfolio(db, number, fetched, PortfolioRun(at=now), since=first)
    figures = load_shown(db, number, moment, None)
    changed = [hour for hour in shown if shown[hour] != figures.get(hour)]
    record_changed_hours(db, number, changed, reason=reason, at=now)


def remove_portfolio(db: Db, portfolio: Portfolio, now: datetime) -> None:
    """Remove a portfolio and everything that is derived for it; its accounts keep theirs. Call in a transaction."""
    forget_portfolio_hours(db, portfolio.id, EPOCH, EPOCH)
    for config in load_configs(db, portfolio.id):
        delete_benchmark(db, config.id)
    forget_transfers(db, portfolio.id, EPOCH)
    forget_recomputation(db, portfolio.id)
    delete_portfolio(db, portfolio.id, now)
