"""The hour of every portfolio, once the accounts' hours are recorded."""

from finance.hour_status import Outcome
from monitor.accounts.client import ExchangeClient
from monitor.accounts.store.portfolios import load_portfolios
from monitor.database import Db
from monitor.database.containment import contained
from monitor.errors import MonitorError
from monitor.exchanges.public import Ticker
from monitor.market.missing_prices import with_prices
from monitor.performance.combined import Telling, record_combined_hour
from monitor.performance.recording import record_unread_hour


async def record_portfolios(
    db: Db, client: ExchangeClient, ticker: Ticker | MonitorError, telling: Telling
) -> tuple[Outcome, ...]:
    """The hour of every portfolio that an account is part of. One that can't be recorded is no other's matter."""
    found = [await _record_portfolio(db, client, ticker, one.id, telling) for one in load_portfolios(db)]
    return tuple(outcome for outcome in found if outcome)


async def _record_portfolio(
    db: Db, client: ExchangeClient, ticker: Ticker | MonitorError, number: int, telling: Telling
) -> Outcome | None:
    hour, run_id = telling.current_hour, telling.run_id
    assert hour and run_id
    prices = ticker if isinstance(ticker, Ticker) else Ticker(at=hour, prices={})
    try:
        with contained("Adding the accounts up"):
            return await with_prices(
                db, client, prices, lambda fetched: record_combined_hour(db, number, fetched, hour, telling)
            )
    except MonitorError as failure:
        return record_unread_hour(db, number, hour, str(failure), run_id, hour)
