"""Prices: every symbol in one call, those that trade or all there are."""

from collections import Counter
from decimal import Decimal

from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, amount, an_object, text

TICKER = Endpoint(family="public", path="ticker/price", weight=4, bucket="api", signed=False)


async def fetch_prices(connection: Connection) -> dict[str, Decimal]:
    """Last price of every symbol that trades: none, when the exchange itself does not; halted pairs are left out by it."""
    return await connection.call(TICKER, "Reading all prices", _read_prices, symbolStatus="TRADING")


async def fetch_all_prices(connection: Connection) -> dict[str, Decimal]:
    """The same with the pairs that don't trade now: what they last traded at."""
    return await connection.call(TICKER, "Reading the last prices of pairs that don't trade now", _read_some_prices)


def _read_some_prices(answer: object) -> dict[str, Decimal]:
    prices = _read_prices(answer)
    if not prices:
        raise Malformed("no prices at all")
    return prices


def _read_prices(answer: object) -> dict[str, Decimal]:
    """Prices by symbol; a row that can't be read, or a symbol that is told twice, costs that symbol and no other."""
    if not isinstance(answer, list):
        raise Malformed("the answer is not a list of rows")
    rows = [row for row in map(_read_price, answer) if row]
    told = Counter(symbol for symbol, _ in rows)
    if answer and not told:
        raise Malformed("no price that can be read")
    return {symbol: price for symbol, price in rows if price > 0 and told[symbol] == 1}


def _read_price(row: object) -> tuple[str, Decimal] | None:
    try:
        told = an_object(row)
        return text(told, "symbol"), amount(told, "price")
    except Malformed:
        return None
