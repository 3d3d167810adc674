"""Prices: every trading symbol in one call."""

from decimal import Decimal

from monitor.exchanges.connection import Connection, Endpoint
from monitor.exchanges.gate import IllShaped, a_list, amount, text, without_twins

TICKER = Endpoint(family="public", path="ticker/price", weight=4, bucket="api", signed=False)


async def fetch_prices(connection: Connection) -> dict[str, Decimal]:
    """Last price of every symbol that trades; halted pairs, whose price is frozen, are left out by the exchange."""
    return await connection.call(TICKER, "Reading all prices", _read_prices, symbolStatus="TRADING")


def _read_prices(answer: object) -> dict[str, Decimal]:
    rows = a_list(answer)
    if not rows:
        raise IllShaped("no prices at all")
    without_twins((text(row, "symbol") for row in rows), "symbol")
    prices = {text(row, "symbol"): amount(row, "price") for row in rows}
    return {symbol: price for symbol, price in prices.items() if price > 0}
