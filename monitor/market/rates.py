"""What other currencies cost in USDT, hour by hour, for readers who count in them.

A run takes the rates of its hour from the ticker, which has every price already. What the ticker did not say, or said
too far from the last rate known, is read from hourly klines: by a run one call an hour, by `backfill` all that is missing.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from finance.moments import EPOCH, HOUR
from finance.prices import OTHER_CURRENCIES, VALUATION_ASSET, is_far, name_pair
from monitor.accounts.client import ExchangeClient
from monitor.database.runs import note_pause, record_log
from monitor.errors import ExchangeError
from monitor.exchanges.public import Ticker
from monitor.market.store.prices import is_any_rate_known, load_hours_without_rate, load_last_rates, record_rates
from monitor.market.ticker import LARGEST_STEP
from sql.rows import Db

RECENT = timedelta(days=2)  # how far back a run looks for hours without a rate, and for the last rate known
MOST_HOURS = 1000  # of a call


def keep_ticker_rates(db: Db, ticker: Ticker, hour: datetime) -> None:
    """Record the hour's rates, those that are not far from the last ones known; the first of all are never known."""
    known = load_last_rates(db, hour - RECENT, hour)
    for currency in OTHER_CURRENCIES:
        rate = ticker.prices.get(name_pair(currency, VALUATION_ASSET))
        last = known.get(currency)
        if rate and last and not is_far(rate, last, LARGEST_STEP):
            record_rates(db, currency, {hour: rate}, "ticker")


async def fill_recent_rates(db: Db, client: ExchangeClient, now: datetime) -> None:
    """Read what recent hours lack, with one call; of the first hour every currency. Raises no ExchangeError."""
    most_calls = 1 if is_any_rate_known(db) else len(OTHER_CURRENCIES)
    missing = {
        currency: load_hours_without_rate(db, currency, now - RECENT, MOST_HOURS) for currency in OTHER_CURRENCIES
    }
    asked = [currency for currency, hours in missing.items() if hours][:most_calls]
    try:
        await asyncio.gather(*(_fill(db, client, currency, missing[currency]) for currency in asked))
    except ExchangeError as failure:
        message = f"Rates of other currencies are missing until the next run. {failure}"
        record_log(db, at=now, level="warning", message=message)
        note_pause(db, client.exchange, failure)


async def fill_rates(db: Db, client: ExchangeClient, now: datetime) -> int:
    """Read the rates of all valued hours that have none; returns how many hours were read. Raises ExchangeError.

    What was read before a failure stays, and is not read again.
    """
    read = 0
    for currency in OTHER_CURRENCIES:
        while missing := load_hours_without_rate(db, currency, EPOCH, MOST_HOURS):
            read += await _fill(db, client, currency, missing)
    if read:  # pages that were made before it are not true any more
        record_log(
            db, at=now, level="info", message=f"{read:,} hourly rates of {', '.join(OTHER_CURRENCIES)} were read."
        )
    return read


def is_any_rate_missing(db: Db) -> bool:
    """Whether a valued hour has a rate that was never asked for."""
    return any(load_hours_without_rate(db, currency, EPOCH, 1) for currency in OTHER_CURRENCIES)


async def _fill(db: Db, client: ExchangeClient, currency: str, missing: Sequence[datetime]) -> int:
    """Read the newest of the `missing` hours, as many as one call answers; returns how many. Where nobody traded at an
    hour there is no rate."""
    hours = [hour for hour in missing if missing[0] - hour < MOST_HOURS * HOUR]
    prices = await client.market.fetch_hour_prices(name_pair(currency, VALUATION_ASSET), hours)
    found = {hour: price.value if price and not price.stale else None for hour, price in prices.items()}
    record_rates(db, currency, found, "kline")
    return len(found)
