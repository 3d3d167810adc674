"""Every price in one call, and those that are not believed although they are well-formed: far off, or hours old.

A price that is new, or far from the last one known, is compared with what the exchange's own klines say of that minute.
So is every price when not one of them has moved since the last run: then the exchange may be sending old ones. What
the klines do not confirm is no price: the hour is PARTIAL and says why.

Prices also stand still when the exchange itself does not trade. Its busiest symbol trades every minute while it trades at
all; when that stops for more than five minutes, the market is closed, the prices are the last ones there were, and the
hour says since when. Live readings and rebuilt hours follow the same rule.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.exchanges import NAMES
from finance.flow_values import ValuationPrice
from finance.moments import minute_of
from finance.prices import VALUATION_ASSET, AssetPrice, is_far, price_asset
from monitor.accounts.client import ExchangeClient
from monitor.database.runs import load_pauses, note_pause
from monitor.errors import ExchangeError, ExchangePaused, MonitorError
from monitor.exchanges import EXCHANGES
from monitor.exchanges.public import STALE_AFTER, LastTrade, Market, Ticker
from monitor.market.known_prices import PriceKey
from monitor.market.past_prices import fetch_minute_prices
from monitor.market.store.prices import load_last_prices
from sql.rows import Db

LARGEST_STEP = Decimal("1.5")  # factor between two runs
LARGEST_SPREAD = Decimal("1.05")  # factor between a price and the one at its minute's beginning
SMALLEST_SPREAD = Decimal("1.001")  # the same, of prices that stood still
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FEWEST = 2  # prices that stand still together by no chance


async def fetch_ticker(client: ExchangeClient) -> Ticker | MonitorError:
    """All prices, or why there are none."""
    try:
        async with asyncio.timeout(client.deadline_seconds):
            ticker = await client.market.fetch_ticker()
            return replace(ticker, closed_since=await find_closure(client.market, ticker.at))
    except ExchangeError as failure:
        return failure
    except TimeoutError:
        return ExchangeError(f"Reading all prices took longer than {client.deadline_seconds} s.")


async def fetch_tickers(db: Db, client: ExchangeClient, exchanges: Iterable[str], now: datetime) -> dict[str, Ticker]:
    """For a command: the prices of each exchange that answers; of the others it is said why they don't.

    Raises the first ExchangeError if none does.
    """
    found: dict[str, Ticker] = {}
    failures: list[ExchangeError] = []
    pauses = load_pauses(db, now)
    for name in exchanges:
        try:
            found[name] = await _fetch_ticker(client, name, pauses)
        except ExchangeError as failure:
            failures.append(failure)
            note_pause(db, name, failure)
            print(f"{NAMES[name]}: {failure} Its accounts are left as they are.", flush=True)
    if not found:
        raise failures[0]
    return found


async def _fetch_ticker(client: ExchangeClient, exchange: str, pauses: Mapping[str, ExchangePaused]) -> Ticker:
    if exchange in pauses:
        raise pauses[exchange]
    if exchange not in EXCHANGES:
        raise ExchangeError("this version of the program does not read it.")
    return await client.at(exchange).market.fetch_ticker()


async def check_ticker(
    db: Db, client: ExchangeClient, ticker: Ticker, assets: Collection[str], hour: datetime
) -> Ticker:
    """`ticker`, read for `hour`, with the reason why for each of `assets` whose price is not believed."""
    prices = [price for asset in sorted(assets) if (price := price_asset(asset, ticker.prices)) and price.route]
    known = load_last_prices(db, client.exchange, hour)
    has_stood_still = stand_still(prices, known)
    doubtful = prices if has_stood_still else find_doubtful(prices, known)
    if not doubtful:
        return ticker
    spread = SMALLEST_SPREAD if has_stood_still else LARGEST_SPREAD
    found, failures = await _fetch(db, client, ticker, doubtful)
    traded = {asset: price for (asset, _), price in found.items() if price}
    doubts = {
        price.asset: _describe(price, traded.get(price.asset), failures.get(price.asset, ""))
        for price in doubtful
        if price.asset not in traded or is_far(price.value, traded[price.asset].value, spread)
    }
    return replace(ticker, doubts=doubts)


def stand_still(prices: Collection[AssetPrice], known: Mapping[str, Decimal]) -> bool:
    """Whether every price that was known before is still the same, to the last digit."""
    both = [(price.value, known[price.asset]) for price in prices if price.asset in known]
    return len(both) >= FEWEST and all(now == before for now, before in both)


def find_doubtful(prices: Iterable[AssetPrice], known: Mapping[str, Decimal]) -> list[AssetPrice]:
    """Those of `prices` that are new (or were worth nothing), or far from the last one `known`."""
    return [p for p in prices if not known.get(p.asset) or is_far(p.value, known[p.asset], LARGEST_STEP)]


async def _fetch(
    db: Db, client: ExchangeClient, ticker: Ticker, doubtful: Sequence[AssetPrice]
) -> tuple[Mapping[PriceKey, ValuationPrice | None], Mapping[str, str]]:
    """What was traded in the ticker's minute, and by asset why that is not known; an answer that can't be read costs its own."""
    keys = [(price.asset, minute_of(ticker.at)) for price in doubtful]
    try:
        async with asyncio.timeout(client.deadline_seconds):
            return await fetch_minute_prices(client.market, ticker.prices, keys), {}
    except ExchangePaused as pause:
        note_pause(db, client.exchange, pause)
        return {}, dict.fromkeys((price.asset for price in doubtful), str(pause))
    except TimeoutError:
        return {}, dict.fromkeys((price.asset for price in doubtful), "it took too long")
    except ExchangeError as failure:
        if len(doubtful) == 1:
            return {}, {doubtful[0].asset: str(failure)}
    each = await asyncio.gather(*(_fetch(db, client, ticker, [price]) for price in doubtful))
    found = {key: price for one, _ in each for key, price in one.items()}
    return found, {asset: failure for _, failed in each for asset, failure in failed.items()}


def _describe(price: AssetPrice, traded: ValuationPrice | None, failure: str) -> str:
    stated = (
        f"the price of {price.asset} is reported as {price.value.normalize():f} {VALUATION_ASSET} ({price.route_name})"
    )
    if traded:
        return f"{stated}, but it was {traded.value.normalize():f} at that minute's beginning: not believed"
    return f"{stated}, which could not be checked: {failure or 'nothing was traded'}"


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
