"""What coins are worth that the ticker does not price: those whose pairs don't trade now, margin that trades nowhere,
and what the owner has stated.

One rule for all of them, in this order. A pair that stopped trading counts with its last trade for a week (a halt, a
delisting, a change of name), unless the owner has spoken since. Then the exchange's own index price. Then the owner's
word. What is left has no price. Two calls a run ask for all coins of all accounts, and only while one is held that the
ticker does not price; each pair that stopped is one more.

And prices beside those of the same coin at other exchanges. One that is far from the other may be a mistake of either, or two
coins may have one name. Which of the two is right nobody knows: the own one counts as ever, and the hour is an estimate that
says so.
"""

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from finance.decimals import exact
from finance.prices import (
    VALUATION_ASSET,
    AssetPrice,
    Leg,
    StatedPrice,
    find_route,
    find_word,
    follow,
    is_far,
    may_be_another,
    name_elsewhere,
    name_pair,
    name_route,
    price_asset,
)
from monitor.accounts.client import ExchangeClient
from monitor.database.runs import note_pause
from monitor.errors import ExchangeError, MonitorError
from monitor.exchanges.public import LONGEST_STOP, STALE_AFTER, LastTrade, Ticker
from monitor.market.store.prices import load_stated_prices, load_valued_prices, record_stated_price
from sql.rows import Db

INDEX_CURRENCY = "USD"
LARGEST_DISTANCE = Decimal("1.05")  # factor between the prices of one coin at two exchanges
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPrices:
    """Every price of a run."""

    ticker: Ticker
    others: Mapping[str, AssetPrice] = field(default_factory=dict)  # by asset: what the ticker does not price
    outdated: Mapping[str, AssetPrice] = field(default_factory=dict)  # last traded too long ago to be a price
    valued: Mapping[str, AssetPrice] = field(default_factory=dict)  # of the last NAV, where there is no price now
    far: Mapping[str, AssetPrice] = field(default_factory=dict)  # at another exchange, where the own one is far from it
    problem: str = ""  # why not all of them could be asked for

    def find(self, asset: str) -> AssetPrice | None:
        """The price of `asset`; None if there is none, or it is not believed."""
        if asset in self.ticker.doubts:
            return None
        return price_asset(asset, self.ticker.prices) or self.others.get(asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the exchange reports of pairs that don't trade now, and of margin."""

    trades: Mapping[str, LastTrade | None]  # the last ones of pairs that don't trade now
    index: Mapping[str, Decimal]
    problem: str


async def find_run_prices(db: Db, client: ExchangeClient, ticker: Ticker, assets: Iterable[str]) -> RunPrices:
    """The prices of `assets`: by `ticker`, or by what else there is. Raises nothing: what can't be read is said."""
    words = load_stated_prices(db, client.exchange)
    _end_words(db, client.exchange, ticker, words)
    missing = [a for a in sorted(assets) if a not in ticker.doubts and not price_asset(a, ticker.prices)]
    if not missing:
        return RunPrices(ticker=ticker)
    asked = await _ask(db, client, ticker, missing)
    found = {asset: price for asset in missing if (price := _price(asset, ticker, asked, words))}
    outdated = {asset: price for asset, price in found.items() if _is_outdated(price, ticker)}
    others = {asset: price for asset, price in found.items() if asset not in outdated}
    valued = load_valued_prices(db, client.exchange, set(missing) - others.keys())
    return RunPrices(ticker=ticker, others=others, outdated=outdated, valued=valued, problem=asked.problem)


def share_prices(
    found: Mapping[str, RunPrices | MonitorError], wanted: Mapping[str, Collection[str]]
) -> dict[str, RunPrices | MonitorError]:
    """The same by exchange, where what an exchange does not trade has the price of the first of the others that does.

    It has none where that may be another coin of the same name.
    """
    shared = dict(found)
    for exchange, prices in found.items():
        if isinstance(prices, RunPrices):
            missing = [a for a in wanted[exchange] if a not in prices.ticker.doubts and not prices.find(a)]
            others = {asset: price for asset in missing if (price := _find_elsewhere(asset, exchange, found))}
            shared[exchange] = replace(prices, others={**prices.others, **others}) if others else prices
    return shared


def _find_elsewhere(asset: str, exchange: str, found: Mapping[str, RunPrices | MonitorError]) -> AssetPrice | None:
    own = found[exchange]
    valued = own.valued.get(asset) if isinstance(own, RunPrices) else None
    for other, prices in found.items():
        price = prices.find(asset) if other != exchange and isinstance(prices, RunPrices) else None
        if price and not may_be_another(price, valued):
            return AssetPrice(asset=asset, value=price.value, origin=name_elsewhere(price.route_name, other))
    return None


def _end_words(db: Db, exchange: str, ticker: Ticker, words: Collection[StatedPrice]) -> None:
    """The market's price wins for good: an old word does not come back when the market stops again."""
    for asset in sorted({word.asset for word in words} - ticker.doubts.keys()):
        price = price_asset(asset, ticker.prices)
        if price and find_word(words, asset, ticker.at):
            note = f"the market prices it ({price.route_name})"
            end = StatedPrice(asset=asset, price=None, since=ticker.at, stated_at=ticker.at, note=note)
            record_stated_price(db, exchange, end)


async def _ask(db: Db, client: ExchangeClient, ticker: Ticker, missing: Iterable[str]) -> Asked:
    (last_prices, *said), (index, *also) = await asyncio.gather(
        _try(db, client, client.market.fetch_all_prices()), _try(db, client, client.market.fetch_index())
    )
    routes = [find_route(asset, {**(last_prices or {}), **ticker.prices}) or () for asset in missing]
    symbols = sorted({leg.symbol for route in routes for leg in route} - ticker.prices.keys())
    fetching = (_try(db, client, client.market.fetch_last_trade(symbol, ticker.at)) for symbol in symbols)
    traded = await asyncio.gather(*fetching)
    problems = [*said, *also, *(problem for _, problem in traded)]
    return Asked(
        trades={symbol: trade for symbol, (trade, _) in zip(symbols, traded, strict=True)},
        index=index or {},
        problem=" ".join(dict.fromkeys(problem for problem in problems if problem)),
    )


async def _try(db: Db, client: ExchangeClient, asking: Awaitable[T]) -> tuple[T | None, str]:
    """What is answered, or nothing and why."""
    try:
        async with asyncio.timeout(client.deadline_seconds):
            return await asking, ""
    except ExchangeError as failure:
        note_pause(db, client.exchange, failure)
        return None, str(failure)
    except TimeoutError:
        return None, f"Reading prices took longer than {client.deadline_seconds} s."


def _price(asset: str, ticker: Ticker, asked: Asked, words: Iterable[StatedPrice]) -> AssetPrice | None:
    last, word = _follow_trades(asset, ticker, asked), find_word(words, asset, ticker.at)
    has_spoken = last and word and last.traded_at and word.since > last.traded_at
    if last and not has_spoken and not _is_outdated(last, ticker):
        return last
    stated = follow_word(word, ticker.prices) if word else None
    return _follow_index(asset, asked.index) or stated or last


def _is_outdated(price: AssetPrice, ticker: Ticker) -> bool:
    return bool(price.traded_at and ticker.at - price.traded_at > LONGEST_STOP)


def _follow_trades(asset: str, ticker: Ticker, asked: Asked) -> AssetPrice | None:
    """By what its pairs last traded at, those that trade at the ticker's price."""
    trades = {symbol: trade for symbol, trade in asked.trades.items() if trade}
    prices = {symbol: trade.value for symbol, trade in trades.items()} | ticker.prices
    route = find_route(asset, prices)
    if route is None:
        return None
    traded_at = min(trades[leg.symbol].at for leg in route if leg.symbol not in ticker.prices)
    if ticker.at - traded_at <= STALE_AFTER:
        return AssetPrice(asset=asset, value=follow(route, prices), route=route)
    origin = f"{name_route(route)}, last traded {traded_at:%Y-%m-%d %H:%M}"
    return AssetPrice(asset=asset, value=follow(route, prices), origin=origin, traded_at=traded_at)


def _follow_index(asset: str, index: Mapping[str, Decimal]) -> AssetPrice | None:
    """By its index price in USD and that of the valuation asset."""
    route = (
        Leg(symbol=name_pair(asset, INDEX_CURRENCY)),
        Leg(symbol=name_pair(VALUATION_ASSET, INDEX_CURRENCY), inverse=True),
    )
    if not all(leg.symbol in index for leg in route):
        return None
    return AssetPrice(asset=asset, value=follow(route, index), origin=f"index {name_route(route)}")


@exact
def follow_word(word: StatedPrice, prices: Mapping[str, Decimal]) -> AssetPrice | None:
    """What the owner stated, in the valuation asset; None while the currency has no price."""
    currency = price_asset(word.currency, prices)
    if currency is None or word.price is None:
        return None
    return AssetPrice(asset=word.asset, value=word.price * currency.value, origin=word.origin)


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
