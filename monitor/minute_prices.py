"""Prices of past minutes, fetched symbol by symbol through an asset's route; only new flows need any."""

from asyncio import gather
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from monitor.exchanges.contract import Market, MinutePrice
from monitor.flows import KnownPrice
from monitor.prices import Leg, Route, follow, list_routes, name_route, price_asset


async def fetch_minute_prices(
    market: Market, prices: dict[str, Decimal], keys: Iterable[tuple[str, datetime]]
) -> dict[tuple[str, datetime], KnownPrice | None]:
    """The price of each (asset, minute) in the valuation asset; None where no route has a price.

    `prices` is the current ticker by symbol: an asset's route today is tried first. Raises ExchangeError when the
    exchange can't be asked.
    """
    keys = list(keys)
    found = await gather(*(_fetch_price(market, prices, asset, minute) for asset, minute in keys))
    return dict(zip(keys, found, strict=True))


async def _fetch_price(market: Market, prices: dict[str, Decimal], asset: str, minute: datetime) -> KnownPrice | None:
    for route in _candidates(asset, prices):
        legs = await gather(*(market.fetch_minute_price(leg.symbol, minute) for leg in route))
        if all(leg is not None for leg in legs):
            return _follow(route, [leg for leg in legs if leg is not None])
    return None


def _candidates(asset: str, prices: dict[str, Decimal]) -> Iterable[Route]:
    current = price_asset(asset, prices)
    if current:
        return [current.route]
    # No route today (delisted?): its own pair may still have klines, and so may one through BTC.
    return [route for route in list_routes(asset) if Leg(symbol="BTCUSDT") in route or len(route) == 1]


def _follow(route: Route, legs: list[MinutePrice]) -> KnownPrice:
    values = {leg.symbol: leg.value for leg in legs}
    return KnownPrice(value=follow(route, values), route=name_route(route), stale=any(leg.stale for leg in legs))
