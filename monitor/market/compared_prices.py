"""Prices beside those of the same coin at other exchanges: pure.

A price that is far from the one elsewhere may be a mistake of either exchange, or two coins may have one name. Which of the
two is right nobody knows: the own one counts as ever, and the hour is an estimate that says so.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal

from finance.prices import VALUATION_ASSET, AssetPrice, is_far, name_elsewhere, price_asset
from monitor.errors import MonitorError
from monitor.market.other_prices import RunPrices

LARGEST_DISTANCE = Decimal("1.05")  # factor between the prices of one coin at two exchanges


def compare_prices(
    found: Mapping[str, RunPrices | MonitorError], wanted: Mapping[str, Collection[str]]
) -> dict[str, RunPrices | MonitorError]:
    """The same by exchange, each knowing which of the coins that it trades cost something else elsewhere.

    A price is compared with that of the first other exchange that trades the coin now, as this one does.
    """
    live = {name: one for name, one in found.items() if isinstance(one, RunPrices) and not one.ticker.closed_since}
    compared = dict(found)
    for name, prices in live.items():
        others = {other: there for other, there in live.items() if other != name}
        pairs = ((_find_traded(asset, prices), _find_first(asset, others)) for asset in wanted[name])
        far = {a.asset: b for a, b in pairs if a and b and is_far(a.value, b.value, LARGEST_DISTANCE)}
        compared[name] = replace(prices, far=far)
    return compared


def _find_first(asset: str, others: Mapping[str, RunPrices]) -> AssetPrice | None:
    for name, prices in others.items():
        if price := _find_traded(asset, prices):
            return AssetPrice(asset=asset, value=price.value, origin=name_elsewhere(price.route_name, name))
    return None


def _find_traded(asset: str, prices: RunPrices) -> AssetPrice | None:
    if asset == VALUATION_ASSET or asset in prices.ticker.doubts:
        return None
    return price_asset(asset, prices.ticker.prices)
