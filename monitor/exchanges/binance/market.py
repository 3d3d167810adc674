"""Binance's public data: prices, index prices, klines and the clock."""

from asyncio import gather
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from monitor.exchanges.binance.klines import fetch_hours, fetch_klines, fetch_last_trade, fetch_marks, fetch_minutes
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, a_list, amount, an_object, refuse_duplicates, text
from monitor.exchanges.public import Kline, LastTrade, MinutePrice, Ticker

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
    """Prices by symbol; a row that can't be read, or a symbol that is listed twice, costs that symbol and no other."""
    if not isinstance(answer, list):
        raise Malformed("the answer is not a list of rows")
    rows = [row for row in map(_read_price, answer) if row]
    times = Counter(symbol for symbol, _ in rows)
    if answer and not times:
        raise Malformed("no price that can be read")
    return {symbol: price for symbol, price in rows if price > 0 and times[symbol] == 1}


def _read_price(row: object) -> tuple[str, Decimal] | None:
    try:
        found = an_object(row)
        return text(found, "symbol"), amount(found, "price")
    except Malformed:
        return None


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


class BinanceMarket:
    """Prices and the clock, without a key."""

    name = "binance"
    pulse = "BTCUSDT"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock."""
        return await self._connection.fetch_server_time()

    async def fetch_ticker(self) -> Ticker:
        """All prices, at the exchange's time of the call."""
        at, prices = await gather(self._connection.fetch_server_time(), fetch_prices(self._connection))
        return Ticker(at=at, prices=prices)

    async def fetch_minute_prices(
        self, symbol: str, minutes: Collection[datetime]
    ) -> dict[datetime, MinutePrice | None]:
        """The last prices known at minutes."""
        return await fetch_minutes(self._connection, symbol, minutes)

    async def fetch_mark_prices(
        self, contract: str, minutes: Collection[datetime]
    ) -> dict[datetime, MinutePrice | None]:
        """The mark prices at minutes."""
        return await fetch_marks(self._connection, contract, minutes)

    async def fetch_hour_prices(self, symbol: str, hours: Collection[datetime]) -> dict[datetime, MinutePrice | None]:
        """The prices at full hours."""
        return await fetch_hours(self._connection, symbol, hours)

    async def fetch_all_prices(self) -> dict[str, Decimal]:
        """Last prices, also of pairs that don't trade now."""
        return await fetch_all_prices(self._connection)

    async def fetch_index(self) -> dict[str, Decimal]:
        """Index prices of margin assets."""
        return await fetch_index(self._connection)

    async def fetch_last_trade(self, symbol: str, until: datetime) -> LastTrade | None:
        """What it last traded at."""
        return await fetch_last_trade(self._connection, symbol, until)

    async def fetch_klines(self, symbol: str, step: timedelta, since: datetime, until: datetime) -> tuple[Kline, ...]:
        """The finished klines that opened in [since, until)."""
        return await fetch_klines(self._connection, symbol, step, (since, until))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
