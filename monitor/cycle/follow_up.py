"""What a run still does once every account's hour is recorded: fills for what is unexplained, fills of
contracts, orders, hours that were missed, portfolios.

Never in the way of the hours. The accounts share the calls of a run; who comes first changes with the hour, so that one
account whose changes nobody explains does not keep the others waiting for ever.

After an outage the hours that were missed are rebuilt when they are few and exact; hours whose readings were left open
count as soon as these fit: a flow that is recorded late explains them. What fails is tried again by the runs of the next
day.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from finance.hour_status import Outcome
from finance.moments import EPOCH
from monitor.accounts.client import AccountRun, ExchangeClient
from monitor.accounts.store.portfolios import load_portfolios
from monitor.database.containment import contained, gathered
from monitor.database.runs import record_log
from monitor.errors import MonitorError
from monitor.exchanges.public import Ticker
from monitor.market.missing_prices import with_prices
from monitor.market.rates import fill_recent_rates, keep_ticker_rates
from monitor.performance.portfolio_hours import PortfolioRun, record_portfolio_hour
from monitor.performance.recording import record_unread_hour
from monitor.performance.store.portfolio_hours import load_combinable
from monitor.recovery.backfill import combine_history, confirm_gap, fill_gap
from monitor.recovery.contract_fills import read_contract_fills
from monitor.recovery.daily_records import check_days
from monitor.recovery.missing_fills import find_missing_fills
from monitor.recovery.orders import look_for_orders
from monitor.recovery.store.gaps import load_ended_gaps
from monitor.trading.excursions import read_excursions
from monitor.trading.groups import group_all
from sql.rows import Db

MOST_MISSED = 72  # hours
HOUR, TRIED_FOR = timedelta(hours=1), timedelta(hours=24)
RECENT = MOST_MISSED * HOUR + TRIED_FOR
T = TypeVar("T")


async def look_after_accounts(recorded: Sequence[tuple[AccountRun, Outcome]], hour: datetime) -> tuple[str, ...]:
    """Look for missing fills, read contracts and orders, rebuild recent gaps, and see how far closed trades went, account by account.
    Returns what broke, in words."""
    broken: list[str] = []
    calls_left = max((run.client.most_fill_calls for run, _ in recorded), default=0)
    for run, outcome in take_turns(recorded, hour):
        with gathered(f"Completing the hours of the account {run.account.label}", broken):
            calls_left -= await find_missing_fills(run, calls_left, warns=outcome.is_new)
            calls_left -= await read_contract_fills(run, calls_left)
            calls_left -= await look_for_orders(run, calls_left)
            await _fill_outages(run)
            calls_left -= await read_excursions(run, calls_left)
    if recorded:
        with gathered("Seeing how far trades of portfolios went", broken):
            run = recorded[-1][0]
            for portfolio in load_portfolios(run.db):
                calls_left -= await read_excursions(run, calls_left, portfolio.id)
    return tuple(broken)


async def look_after_all(runs: Sequence[AccountRun], now: datetime) -> tuple[str, ...]:
    """Group the orders of trades, rebuild recent hours of portfolios, and compare days with the exchange's records. Returns what
    broke, in words."""
    broken: list[str] = []
    if not runs:
        return ()
    with gathered("Grouping the orders of trades", broken):
        group_all(runs[-1].db, runs[-1].client.order_names)
    with gathered("Completing the hours of all accounts", broken):
        await _combine_outages(runs[-1])
    with gathered("Comparing days with the exchange's records", broken):
        await check_days(runs, now)
    return tuple(broken)


async def look_after_rates(
    db: Db, client: ExchangeClient, ticker: Ticker | MonitorError, hour: datetime, now: datetime
) -> tuple[str, ...]:
    """Keep the hour's rates of other currencies, and read one call's worth of missing ones. Returns what broke, in words."""
    broken: list[str] = []
    if isinstance(ticker, Ticker):
        with gathered("Keeping the rates of other currencies", broken):
            keep_ticker_rates(db, ticker, hour)
            await fill_recent_rates(db, client, now)
    return tuple(broken)


async def record_portfolios(
    db: Db, client: ExchangeClient, ticker: Ticker | MonitorError, run: PortfolioRun
) -> tuple[Outcome, ...]:
    """The hour of every portfolio that an account is part of. One that can't be recorded is no other's matter."""
    found = [await _record_portfolio(db, client, ticker, one.id, run) for one in load_portfolios(db)]
    return tuple(outcome for outcome in found if outcome)


async def _record_portfolio(
    db: Db, client: ExchangeClient, ticker: Ticker | MonitorError, number: int, run: PortfolioRun
) -> Outcome | None:
    hour, run_id = run.current_hour, run.run_id
    assert hour and run_id
    prices = ticker if isinstance(ticker, Ticker) else Ticker(at=hour, prices={})
    try:
        with contained("Adding the accounts up"):
            return await with_prices(
                db, client, prices, lambda fetched: record_portfolio_hour(db, number, fetched, hour, run)
            )
    except MonitorError as failure:
        return record_unread_hour(db, number, hour, str(failure), run_id, hour)


def take_turns(recorded: Sequence[T], hour: datetime) -> Sequence[T]:
    """The same, beginning with another one each hour."""
    first = (hour - EPOCH) // HOUR % len(recorded) if recorded else 0
    return (*recorded[first:], *recorded[:first])


async def _fill_outages(run: AccountRun) -> None:
    """Rebuild the account's recent gaps, after readings in them that fit by now. Raises nothing for a failure.

    Failures are logged. Hours in which the monitor ran and failed are as many as there are.
    """
    since = run.hour - TRIED_FOR + HOUR
    for gap in load_ended_gaps(run.db, run.account_id, since, run.hour):
        await _try(run, run.account_id, confirm_gap(run, gap))
    for gap in load_ended_gaps(run.db, run.account_id, since, run.hour):
        if gap.missed <= MOST_MISSED:
            await _try(run, run.account_id, fill_gap(run, gap))


async def _combine_outages(run: AccountRun) -> None:
    """Rebuild the portfolios' recent rows of hours that all their members have by now. Raises nothing for a failure."""
    for portfolio in load_portfolios(run.db):
        gaps = load_ended_gaps(run.db, portfolio.id, run.hour - TRIED_FOR + HOUR, run.hour)
        since, until = min([run.hour - RECENT, *(gap.before for gap in gaps)]), run.hour - HOUR
        if load_combinable(run.db, portfolio.id, since, until):
            await _try(run, None, combine_history(run, portfolio.id, since, until))


async def _try(run: AccountRun, account_id: int | None, filling: Awaitable[object]) -> None:
    """Await `filling`; a failure is logged."""
    failure: Exception
    try:
        async with asyncio.timeout(run.client.deadline_seconds):
            await filling
            return
    except MonitorError as error:
        failure = error
    except TimeoutError:
        failure = MonitorError(f"it took longer than {run.client.deadline_seconds} s")
    message = f"Hours without a reading could not be rebuilt yet: {failure}"
    record_log(run.db, at=run.now, level="warning", message=message, run_id=run.run_id, account_id=account_id)
    run.note_pause(failure)
