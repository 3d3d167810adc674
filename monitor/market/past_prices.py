"""Prices of the past: what was traded at minutes (for flows) and full hours (for history), or what the owner stated of a
coin that nobody traded then.

They are fetched symbol by symbol through an asset's route. What a contract was marked at is known among them by a name of
its own.
"""

from asyncio import gather
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ONE, exact
from finance.flow_values import MARK, ValuationPrice, read_mark
from finance.moments import hour_of
from finance.prices import (
    BRIDGES,
    VALUATION_ASSET,
    Leg,
    Route,
    StatedPrice,
    find_word,
    follow,
    list_routes,
    may_be_another,
    name_elsewhere,
    name_pair,
    name_route,
    price_asset,
)
from monitor.accounts.client import ExchangeClient
from monitor.accounts.store.portfolios import load_read_exchanges
from monitor.database.runs import load_pauses, note_pause
from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges import EXCHANGES
from monitor.exchanges.public import LONGEST_STOP, Market, MinutePrice, Ticker
from monitor.market.known_prices import FirstTradeKey, PriceKey
from monitor.market.store.prices import load_stated_prices, load_valued_prices
from sql.rows import Db

HistoricalPrices = dict[PriceKey, ValuationPrice | None]  # None: there is none
EARLIER = ", traded earlier"  # how the route of a price ends that is older than its hour
MARKED = "mark price"  # the route of what is no price that anybody traded at
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOST_MINUTES = timedelta(minutes=1000)  # a call
FetchPrices = Callable[[str, Collection[datetime]], Awaitable[dict[datetime, MinutePrice | None]]]
FetchHistoricalPrices = Callable[[Market, dict[str, Decimal], Iterable[PriceKey]], Awaitable[HistoricalPrices]]


async def find_minute_prices(
    db: Db, client: ExchangeClient, ticker: Ticker, keys: Iterable[PriceKey]
) -> HistoricalPrices:
    """The price of each (asset, minute); None where there is none. Raises ExchangeError when the exchange can't be asked."""
    return await _find(db, client, ticker, keys, fetch_minute_prices)


async def find_hour_prices(
    db: Db, client: ExchangeClient, ticker: Ticker, keys: Iterable[PriceKey], nothing: Container[str] = ()
) -> HistoricalPrices:
    """The same at full hours, many of them a call; for coins that count as `nothing` no other exchange is asked."""
    return await _find(db, client, ticker, keys, fetch_hour_prices, nothing)


async def _find(
    db: Db,
    client: ExchangeClient,
    ticker: Ticker,
    keys: Iterable[PriceKey],
    fetch: FetchHistoricalPrices,
    nothing: Container[str] = (),
) -> HistoricalPrices:
    found = await fetch(client.market, ticker.prices, keys)
    words = load_stated_prices(db, client.exchange)
    untraded = [key for key, price in found.items() if price is None or price.stale]
    spoken = {key: word for key in untraded if (word := find_word(words, *key))}
    currencies = {(word.currency, at) for (_, at), word in spoken.items() if word.currency != VALUATION_ASSET}
    known = await fetch(client.market, ticker.prices, currencies) if currencies else {}
    found |= {key: price for key, word in spoken.items() if (price := _follow_word(word, key, known))}
    unpriced = {
        key for key, price in found.items() if price is None and not key[0].startswith(MARK) and key[0] not in nothing
    }
    return found | await _find_elsewhere(db, client, ticker, unpriced, fetch)


async def _find_elsewhere(
    db: Db, client: ExchangeClient, ticker: Ticker, keys: Collection[PriceKey], fetch: FetchHistoricalPrices
) -> HistoricalPrices:
    """Prices of coins that the exchange itself has none of: at the first of the others that trades them, as now.

    One whose accounts are all disabled may be gone for good: it is not waited for. Nor is one that is away, for the minutes of
    coins that no NAV had a price for: a flow of them counts when they have one. Raises ExchangeError where it must be known.
    """
    found: HistoricalPrices = {}
    assets = {asset for asset, _ in keys}
    valued = load_valued_prices(db, client.exchange, assets) if assets else {}
    own = valued | {asset: price for asset in assets if (price := price_asset(asset, ticker.prices))}
    for name in (name for name in load_read_exchanges(db) if name in EXCHANGES and name != client.exchange):
        missing = [key for key in keys if key not in found]
        is_needed = fetch is fetch_hour_prices or any(asset in valued for asset, _ in missing)
        if missing:
            prices = await _list_elsewhere(db, client.at(name), ticker.at, is_needed=is_needed)
            there = {asset: price for asset, _ in missing if (price := price_asset(asset, prices))}
            other = {asset for asset, price in there.items() if may_be_another(price, own.get(asset))}
            same = [key for key in missing if key[0] in there.keys() - other]
            with _as_unknown(db, name):
                traded = await fetch(client.at(name).market, prices, same)
            found |= {key: _name_elsewhere(price, name) for key, price in traded.items() if price}
    return found


async def _list_elsewhere(db: Db, other: ExchangeClient, now: datetime, *, is_needed: bool) -> dict[str, Decimal]:
    """What another exchange lists; nothing where that is not known and not needed. Raises ExchangeError where it is."""
    try:
        with _as_unknown(db, other.exchange):
            if pause := load_pauses(db, now).get(other.exchange):
                raise pause
            return (await other.market.fetch_ticker()).prices
    except ExchangeError:
        if is_needed:
            raise
        return {}


@contextmanager
def _as_unknown(db: Db, exchange: str) -> Iterator[None]:
    """Another exchange's pause is remembered, and is none of ours: what it would say is not known. Raises ExchangeError."""
    try:
        yield
    except ExchangePaused as pause:
        note_pause(db, exchange, pause)
        raise ExchangeError(str(pause)) from None


def _name_elsewhere(price: ValuationPrice, exchange: str) -> ValuationPrice:
    route = price.route.removesuffix(EARLIER)
    return replace(price, route=name_elsewhere(route, exchange) + price.route.removeprefix(route))


@exact
def _follow_word(
    word: StatedPrice, key: PriceKey, known: Mapping[PriceKey, ValuationPrice | None]
) -> ValuationPrice | None:
    currency = known.get((word.currency, key[1]))
    rate = ONE if word.currency == VALUATION_ASSET else currency.value if currency else None
    if rate is None or word.price is None:
        return None
    return ValuationPrice(value=word.price * rate, route=word.origin)


async def fetch_minute_prices(market: Market, prices: dict[str, Decimal], keys: Iterable[PriceKey]) -> HistoricalPrices:
    """The price of each (asset, minute) in the valuation asset; None where no route has one of the week before.

    `prices` is the current ticker by symbol: an asset's route today is tried first. Raises ExchangeError when the
    exchange can't be asked.
    """
    keys = set(keys)
    marks = {key for key in keys if key[0].startswith(MARK)}
    assets, contracts = await gather(
        _fetch_prices(market.fetch_minute_prices, prices, keys - marks), _fetch_marks(market, marks)
    )
    return assets | contracts


async def _fetch_marks(market: Market, keys: Iterable[PriceKey]) -> HistoricalPrices:
    minutes = _by_name(keys)
    found = await gather(*(market.fetch_mark_prices(read_mark(name)[0], at) for name, at in minutes.items()))
    return {
        (name, minute): ValuationPrice(value=price.value, route=MARKED, stale=price.stale) if price else None
        for name, prices in zip(minutes, found, strict=True)
        for minute, price in prices.items()
    }


async def fetch_hour_prices(market: Market, prices: dict[str, Decimal], keys: Iterable[PriceKey]) -> HistoricalPrices:
    """The same at full hours, many of them a call; a price from before the hour says so in its route."""
    found = await _fetch_prices(market.fetch_hour_prices, prices, keys)
    return {key: price and _mark_age(price) for key, price in found.items()}


def _mark_age(price: ValuationPrice) -> ValuationPrice:
    return replace(price, route=price.route + EARLIER) if price.stale else price


async def _fetch_prices(fetch: FetchPrices, prices: dict[str, Decimal], keys: Iterable[PriceKey]) -> HistoricalPrices:
    found = await gather(*(_fetch_asset(fetch, prices, asset, at) for asset, at in _by_name(keys).items()))
    return {key: price for part in found for key, price in part.items()}


def _by_name(keys: Iterable[PriceKey]) -> dict[str, set[datetime]]:
    minutes: defaultdict[str, set[datetime]] = defaultdict(set)
    for name, minute in keys:
        minutes[name].add(minute)
    return dict(minutes)


async def _fetch_asset(
    fetch: FetchPrices, prices: dict[str, Decimal], asset: str, minutes: Collection[datetime]
) -> HistoricalPrices:
    found: HistoricalPrices = {(asset, minute): None for minute in minutes}
    for route in _candidates(asset, prices):
        missing = {minute for (_, minute), price in found.items() if price is None}
        if not missing:
            break
        legs = await gather(*(fetch(leg.symbol, missing) for leg in route))
        found |= {(asset, minute): _follow(route, [leg.get(minute) for leg in legs]) for minute in missing}
    return found


def _candidates(asset: str, prices: dict[str, Decimal]) -> Iterable[Route]:
    current = price_asset(asset, prices)
    if current:
        return [current.route]
    # No route today (delisted?): its own pair may still have klines, and so may one through the first bridge.
    bridge = Leg(symbol=name_pair(BRIDGES[0], VALUATION_ASSET))
    return [route for route in list_routes(asset) if bridge in route or len(route) == 1]


def _follow(route: Route, legs: list[MinutePrice | None]) -> ValuationPrice | None:
    known = [leg for leg in legs if leg is not None and leg.at - leg.known_at <= LONGEST_STOP]
    if len(known) < len(legs):
        return None
    values = {leg.symbol: leg.value for leg in known}
    return ValuationPrice(value=follow(route, values), route=name_route(route), stale=any(leg.stale for leg in known))


async def find_first_trade(market: Market, ticker: Ticker, key: FirstTradeKey) -> datetime | None:
    """The first minute of a time in which the pairs that price an asset today were all traded; None if nobody knows.

    Raises ExchangeError.
    """
    asset, since, until = key
    price = price_asset(asset, ticker.prices)
    found = [await _find_minute(market, leg.symbol, since, until) for leg in (price.route if price else ())]
    known = [minute for minute in found if minute]
    return max(known) if known and len(known) == len(found) else None


async def _find_minute(market: Market, symbol: str, since: datetime, until: datetime) -> datetime | None:
    if until - since > MOST_MINUTES:
        hours = await market.fetch_klines(symbol, HOUR, hour_of(since), until)
        traded = next((kline.opened for kline in hours if kline.volume), None)
        since, until = (max(since, traded), traded + HOUR) if traded else (until - HOUR, until)
    minutes = await market.fetch_klines(symbol, MINUTE, since.replace(second=0, microsecond=0), until)
    return next((max(kline.opened, since) for kline in minutes if kline.volume), None)
