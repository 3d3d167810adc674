"""Prices of past minutes and full hours: what was traded, or what the owner stated of a coin that nobody traded then."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from decimal import Decimal

from finance.decimals import ONE, exact
from finance.flow_values import KnownPrice
from finance.prices import VALUATION_ASSET, StatedPrice, find_word
from monitor.accounts.client import ExchangeClient
from monitor.database import Db
from monitor.exchanges.public import Market, Ticker
from monitor.market.minute_prices import PriceKey, fetch_hour_prices, fetch_minute_prices
from monitor.market.store.stated_prices import load_stated_prices

Found = dict[PriceKey, KnownPrice | None]
Fetch = Callable[[Market, dict[str, Decimal], Iterable[PriceKey]], Awaitable[Found]]


async def find_minute_prices(db: Db, client: ExchangeClient, ticker: Ticker, keys: Iterable[PriceKey]) -> Found:
    """The price of each (asset, minute); None where there is none. Raises ExchangeError when the exchange can't be asked."""
    return await _find(db, client, ticker, keys, fetch_minute_prices)


async def find_hour_prices(db: Db, client: ExchangeClient, ticker: Ticker, keys: Iterable[PriceKey]) -> Found:
    """The same at full hours, many of them a call."""
    return await _find(db, client, ticker, keys, fetch_hour_prices)


async def _find(db: Db, client: ExchangeClient, ticker: Ticker, keys: Iterable[PriceKey], fetch: Fetch) -> Found:
    found = await fetch(client.market, ticker.prices, keys)
    words = load_stated_prices(db, client.exchange)
    untraded = [key for key, price in found.items() if price is None or price.stale]
    spoken = {key: word for key in untraded if (word := find_word(words, *key))}
    currencies = {(word.currency, at) for (_, at), word in spoken.items() if word.currency != VALUATION_ASSET}
    known = await fetch(client.market, ticker.prices, currencies) if currencies else {}
    return found | {key: price for key, word in spoken.items() if (price := _follow(word, key, known))}


@exact
def _follow(word: StatedPrice, key: PriceKey, known: Mapping[PriceKey, KnownPrice | None]) -> KnownPrice | None:
    currency = known.get((word.currency, key[1]))
    rate = ONE if word.currency == VALUATION_ASSET else currency.value if currency else None
    if rate is None or word.price is None:
        return None
    return KnownPrice(value=word.price * rate, route=word.origin)
