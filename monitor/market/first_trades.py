"""When a coin that nobody had traded was traded first."""

from datetime import datetime, timedelta

from finance.prices import price_asset
from monitor.exchanges.public import Market, Ticker

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOST_MINUTES = timedelta(minutes=1000)  # a call

FirstTradeKey = tuple[str, datetime, datetime]  # asset, and the time within which it must have been


async def find_first_trade(market: Market, ticker: Ticker, key: FirstTradeKey) -> datetime | None:
    """The first minute of a time in which the pairs that price an asset today were all traded; None if nobody can tell.

    Raises ExchangeError.
    """
    asset, since, until = key
    price = price_asset(asset, ticker.prices)
    found = [await _find_minute(market, leg.symbol, since, until) for leg in (price.route if price else ())]
    known = [minute for minute in found if minute]
    return max(known) if known and len(known) == len(found) else None


async def _find_minute(market: Market, symbol: str, since: datetime, until: datetime) -> datetime | None:
    if until - since > MOST_MINUTES:
        hours = await market.fetch_klines(symbol, HOUR, since.replace(minute=0, second=0, microsecond=0), until)
        traded = next((kline.opened for kline in hours if kline.volume), None)
        since, until = (max(since, traded), traded + HOUR) if traded else (until - HOUR, until)
    minutes = await market.fetch_klines(symbol, MINUTE, since.replace(second=0, microsecond=0), until)
    return next((max(kline.opened, since) for kline in minutes if kline.volume), None)
