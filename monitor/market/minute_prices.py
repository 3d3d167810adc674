"""Prices of the past, fetched symbol by symbol through an asset's route: at minutes for flows, at hours for history.

What a contract was marked at is known among them by a name of its own.
"""

from asyncio import gather
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from finance.flow_values import MARK, KnownPrice
from finance.prices import BRIDGES, VALUATION_ASSET, Leg, Route, follow, list_routes, name_pair, name_route, price_asset
from monitor.exchanges.public import LONGEST_STOP, Market, MinutePrice

PriceKey = tuple[str, datetime]  # asset, or contract to be marked, and minute
EARLIER = ", traded earlier"  # how the route of a price ends that is older than its hour
MARKED = "mark price"  # the route of what is no price that anybody traded at
FetchPrices = Callable[[str, Collection[datetime]], Awaitable[dict[datetime, MinutePrice | None]]]


async def fetch_minute_prices(
    market: Market, prices: dict[str, Decimal], keys: Iterable[PriceKey]
) -> dict[PriceKey, KnownPrice | None]:
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


async def _fetch_marks(market: Market, keys: Iterable[PriceKey]) -> dict[PriceKey, KnownPrice | None]:
    minutes = _by_name(keys)
    found = await gather(*(market.fetch_mark_prices(name.removeprefix(MARK), at) for name, at in minutes.items()))
    return {
        (name, minute): KnownPrice(value=price.value, route=MARKED, stale=price.stale) if price else None
        for name, prices in zip(minutes, found, strict=True)
        for minute, price in prices.items()
    }


async def fetch_hour_prices(
    market: Market, prices: dict[str, Decimal], keys: Iterable[PriceKey]
) -> dict[PriceKey, KnownPrice | None]:
    """The same at full hours, many of them a call; a price from before the hour says so in its route."""
    found = await _fetch_prices(market.fetch_hour_prices, prices, keys)
    return {key: price and _tell_age(price) for key, price in found.items()}


def _tell_age(price: KnownPrice) -> KnownPrice:
    return replace(price, route=price.route + EARLIER) if price.stale else price


async def _fetch_prices(
    fetch: FetchPrices, prices: dict[str, Decimal], keys: Iterable[PriceKey]
) -> dict[PriceKey, KnownPrice | None]:
    found = await gather(*(_fetch_asset(fetch, prices, asset, at) for asset, at in _by_name(keys).items()))
    return {key: price for part in found for key, price in part.items()}


def _by_name(keys: Iterable[PriceKey]) -> dict[str, set[datetime]]:
    minutes: defaultdict[str, set[datetime]] = defaultdict(set)
    for name, minute in keys:
        minutes[name].add(minute)
    return dict(minutes)


async def _fetch_asset(
    fetch: FetchPrices, prices: dict[str, Decimal], asset: str, minutes: Collection[datetime]
) -> dict[PriceKey, KnownPrice | None]:
    found: dict[PriceKey, KnownPrice | None] = {(asset, minute): None for minute in minutes}
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


def _follow(route: Route, legs: list[MinutePrice | None]) -> KnownPrice | None:
    known = [leg for leg in legs if leg is not None and leg.at - leg.known_at <= LONGEST_STOP]
    if len(known) < len(legs):
        return None
    values = {leg.symbol: leg.value for leg in known}
    return KnownPrice(value=follow(route, values), route=name_route(route), stale=any(leg.stale for leg in known))
