"""Binance's public data: prices, index prices, klines and the clock."""

from decimal import Decimal

from monitor.exchanges.binance import klines
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, refuse_duplicates, text
from monitor.exchanges.symbol_market import SymbolMarket, read_last_prices

TICKER = Endpoint(family="public", path="ticker/price", weight=4, bucket="api", signed=False)
INDEX = Endpoint(family="fapiPublic", path="assetIndex", weight=10, bucket="fapi", signed=False)


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
    """Prices by symbol; none, when the exchange itself does not trade. Raises Malformed."""
    return {} if answer == [] else read_last_prices(answer, symbol="symbol", price="price")


async def fetch_index(connection: Connection) -> dict[str, Decimal]:
    """Index prices in USD by symbol, like LDUSDTUSD; a row that is malformed costs its symbol alone."""
    return await connection.call(INDEX, "Reading the index prices of margin assets", _read_index)


def _read_index(answer: object) -> dict[str, Decimal]:
    rows = a_list(answer)
    if not rows:
        raise Malformed("no index prices at all")
    refuse_duplicates((str(row.get("symbol")) for row in rows), "symbol")
    prices = dict(_read_row(row) for row in rows)
    return {symbol: price for symbol, price in prices.items() if price > 0}


def _read_row(row: Row) -> tuple[str, Decimal]:
    try:
        return text(row, "symbol"), amount(row, "index")
    except Malformed:
        return str(row.get("symbol")), Decimal(0)


class BinanceMarket(SymbolMarket):
    """Prices and the clock, without a key."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, name="binance", pulse="BTCUSDT", klines=klines, fetch_prices=fetch_prices)

    async def fetch_all_prices(self) -> dict[str, Decimal]:
        """Last prices, also of pairs that don't trade now."""
        return await fetch_all_prices(self._connection)

    async def fetch_index(self) -> dict[str, Decimal]:
        """Index prices of margin assets."""
        return await fetch_index(self._connection)
