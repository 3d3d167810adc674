"""What an asset is worth in the valuation asset, and the route over symbols that says so.

One call reads every symbol's last price; an asset takes the first route of a fixed order that exists: its own pair,
the inverse pair (fiat: USDTTRY), then one bridge asset. Stablecoins are priced by their market, never set to 1; only
the valuation asset itself is 1 by definition. An asset without a route has no price: that is a state, not a zero.

A pair has one name here, whatever an exchange calls it: base and quote joined (SOL + BTC = SOLBTC).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.decimals import ONE, exact
from finance.exchanges import NAMES

VALUATION_ASSET = "USDT"
OTHER_CURRENCIES = ("EUR", "USDC", "BTC", "ETH")  # a rate of each is kept every hour, for readers who count in it
BRIDGES = ("BTC", "ETH", "BNB", "FDUSD", "USDC", "TRY", "EUR", "BRL")
SIGNIFICANT_DIGITS = 28
LARGEST_DIFFERENCE = Decimal(3)  # factor between two exchanges' prices: beyond it, one name is of two coins


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One symbol of a route; an inverse leg divides by its price."""

    symbol: str
    inverse: bool = False


Route = tuple[Leg, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPrice:
    """The price of one unit of `asset` in the valuation asset."""

    asset: str
    value: Decimal
    route: Route = ()  # of symbols that trade
    origin: str = ""  # where it comes from else, in words; empty: from the route
    traded_at: datetime | None = None  # of the last trade, where nobody trades it now

    @property
    def route_name(self) -> str:
        """Where it comes from: names of pairs with * between them and 1/ before an inverted one, or its origin."""
        return self.origin or name_route(self.route)


def name_pair(base: str, quote: str) -> str:
    """Our name of a pair; the adapter of an exchange that calls it otherwise translates."""
    return base + quote


def name_route(route: Route) -> str:
    """`route` as text; the valuation asset's own route is its name."""
    return "*".join(f"1/{leg.symbol}" if leg.inverse else leg.symbol for leg in route) or VALUATION_ASSET


def name_elsewhere(route: str, exchange: str) -> str:
    """A route as text, of a price that another exchange has."""
    return f"{route} at {NAMES[exchange]}"


def is_elsewhere(route: str) -> bool:
    """Whether a route as text is that of a price at another exchange: what is stored of a price is this text."""
    return any(name_elsewhere("", exchange) in route for exchange in NAMES)


def list_routes(asset: str) -> Iterator[Route]:
    """Every route from `asset` to the valuation asset, best first."""
    if asset == VALUATION_ASSET:
        yield ()
        return
    yield from _direct_routes(asset)
    for bridge in BRIDGES:
        if bridge != asset:
            yield from ((Leg(symbol=name_pair(asset, bridge)), *rest) for rest in _direct_routes(bridge))


def _direct_routes(asset: str) -> Iterator[Route]:
    yield (Leg(symbol=name_pair(asset, VALUATION_ASSET)),)
    yield (Leg(symbol=name_pair(VALUATION_ASSET, asset), inverse=True),)


def price_asset(asset: str, prices: Mapping[str, Decimal]) -> AssetPrice | None:
    """The price of `asset` through its best route over `prices` (by symbol), or None when there is no route."""
    route = find_route(asset, prices)
    return AssetPrice(asset=asset, value=follow(route, prices), route=route) if route is not None else None


def find_route(asset: str, prices: Mapping[str, Decimal]) -> Route | None:
    """The best route of `asset` all of whose symbols have a price."""
    for route in list_routes(asset):
        if all(prices.get(leg.symbol, 0) > 0 for leg in route):
            return route
    return None


@exact
def follow(route: Route, prices: Mapping[str, Decimal]) -> Decimal:
    """The product of a route's legs; 28 significant digits when a leg must be inverted, exact otherwise."""
    value = ONE
    for leg in route:
        value = value / prices[leg.symbol] if leg.inverse else value * prices[leg.symbol]
    if any(leg.inverse for leg in route):
        return value.quantize(ONE.scaleb(value.adjusted() - SIGNIFICANT_DIGITS + 1))
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPrice:
    """What one unit of a coin is worth from a moment on, or that nothing is said of it any more."""

    asset: str
    price: Decimal | None  # None: the word before is taken back
    currency: str = VALUATION_ASSET
    since: datetime
    stated_at: datetime
    note: str

    @property
    def origin(self) -> str:
        """Where a price comes from that follows it, as holdings show it."""
        unit = "" if self.currency == VALUATION_ASSET else f" in {self.currency}"
        return f"stated by the owner on {self.stated_at:%Y-%m-%d}{unit}"


def find_word(words: Iterable[StatedPrice], asset: str, moment: datetime) -> StatedPrice | None:
    """The word about `asset` that holds at `moment`, given all words in the order in which they were said."""
    last = None
    for word in words:
        if word.asset == asset and word.since <= moment:
            last = word
    return last if last and last.price is not None else None


@exact
def is_far(one: Decimal, other: Decimal, factor: Decimal) -> bool:
    """Whether two prices differ by more than `factor`, up or down."""
    return not ONE <= max(one, other) / min(one, other) <= factor


def may_be_another(price: AssetPrice, own: AssetPrice | None) -> bool:
    """Whether the `price` that another exchange has under a coin's name may be that of another coin.

    `own` is what the exchange itself last had: one that was itself from elsewhere says nothing.
    """
    if own is None or not (own.value and price.value) or is_elsewhere(own.route_name):
        return False
    return is_far(price.value, own.value, LARGEST_DIFFERENCE)


@exact
def describe_far(
    held: Iterable[tuple[str, Decimal]],
    prices: Mapping[str, AssetPrice],
    far: Mapping[str, AssetPrice],
    dust_limit: Decimal,
) -> tuple[str, ...]:
    """Why figures are estimates in which coins are `held` at `prices` that are `far` from those elsewhere.

    Nothing is said where the difference is no more than coins may come to that count as nothing.
    """
    differences = {asset: (prices[asset].value - far[asset].value, n) for asset, n in held if asset in far}
    return tuple(
        f"{asset} is valued with this exchange's own price, more than 5 % {'above' if difference > 0 else 'below'} "
        f"{far[asset].route_name}"
        for asset, (difference, quantity) in sorted(differences.items())
        if abs(difference * quantity) > dust_limit
    )
