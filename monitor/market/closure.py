"""Whether the exchange itself traded at a moment. While it does not, the last traded prices are all there are.

Its busiest symbol trades every minute while it trades at all; when that stops for more than five minutes, the market is
closed. Live readings and rebuilt hours follow the same rule, so both say so in the same words.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges.public import STALE_AFTER, LastTrade, Market

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def find_closure(market: Market, moment: datetime) -> datetime | None:
    """Since when nothing had been traded at `moment`; None while the market is open, or if that can't be known.

    Raises ExchangePaused.
    """
    try:
        last = await market.fetch_last_trade(market.pulse, moment)
    except ExchangePaused:
        raise
    except ExchangeError:
        return None
    return _closed_since(last, moment)


async def find_closures(market: Market, hours: Collection[datetime]) -> dict[datetime, datetime]:
    """Those of the full `hours` at which the market was closed, and since when. Raises ExchangeError.

    Only hours in which nothing was traded either are looked at more closely: a stop of less than an hour is not noticed.
    """
    klines = await market.fetch_klines(market.pulse, HOUR, min(hours), max(hours) + HOUR)
    traded = {kline.opened for kline in klines if kline.volume}
    found: dict[datetime, datetime] = {}
    for hour in sorted(set(hours) - traded):
        since = found.get(hour - HOUR)  # nothing was traded between the two
        if since is None:
            last = await market.fetch_last_trade(market.pulse, hour)
            if last is None:
                break  # the exchange has no such symbol
            since = _closed_since(last, hour)
        if since:
            found[hour] = since
    return found


def _closed_since(last: LastTrade | None, moment: datetime) -> datetime | None:
    return last.at + MINUTE if last and moment - last.at > STALE_AFTER else None
