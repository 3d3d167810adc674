"""MEXC's public data: prices, klines and the clock. It shows no index prices of coins by themselves."""

from decimal import Decimal

from monitor.exchanges.http.connection import Connection
from monitor.exchanges.mexc import klines
from monitor.exchanges.mexc.dialect import spot_public
from monitor.exchanges.symbol_market import SymbolMarket, read_last_prices

TICKER = spot_public("ticker/price", weight=10)


def open_market(connection: Connection) -> SymbolMarket:
    """Prices and the clock, without a key. Of what does not trade now the exchange lists no price."""
    return SymbolMarket(connection, name="mexc", pulse="BTCUSDT", klines=klines, fetch_prices=fetch_prices)


async def fetch_prices(connection: Connection) -> dict[str, Decimal]:
    """The last price of every symbol."""
    return await connection.call(TICKER, "Reading all prices", read_prices)


def read_prices(answer: object) -> dict[str, Decimal]:
    """Prices by symbol. Raises Malformed."""
    return read_last_prices(answer, symbol="symbol", price="price")
