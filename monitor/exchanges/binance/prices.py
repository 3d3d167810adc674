"""Prices: every symbol in one call, those that trade or all there are."""

from decimal import Decimal

from monitor.exchanges.connection import Connection, Endpoint
from monitor.exchanges.gate import IllShaped, a_list, amount, text, without_twins

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
        raise IllShaped("no prices at all")
    return prices


def _read_prices(answer: object) -> dict[str, Decimal]:
    rows = a_list(answer)
    without_twins((text(row, "symbol") for row in rows), "symbol")
    prices = {text(row, "symbol"): amount(row, "price") for row in rows}
    return {symbol: price for symbol, price in prices.items() if price > 0}
