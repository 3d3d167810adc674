"""Bitget's public data: prices, klines and the clock. It shows no index prices of coins by themselves."""

from decimal import Decimal

from monitor.exchanges.bitget import klines
from monitor.exchanges.bitget.dialect import public
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.symbol_market import SymbolMarket, read_last_prices

TICKERS = public("v2/spot/market/tickers")


def open_market(connection: Connection) -> SymbolMarket:
    """Prices and the clock, without a key. The list of prices has every symbol in it, whether it trades now or not."""
    return SymbolMarket(connection, name="bitget", pulse="BTCUSDT", klines=klines, fetch_prices=fetch_prices)


async def fetch_prices(connection: Connection) -> dict[str, Decimal]:
    """The last price of every symbol."""
    return await connection.call(TICKERS, "Reading all prices", read_prices)


def read_prices(data: object) -> dict[str, Decimal]:
    """Prices by symbol. Raises Malformed."""
    return read_last_prices(data, symbol="symbol", price="lastPr")
