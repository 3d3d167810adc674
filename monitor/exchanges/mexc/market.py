"""MEXC's public data: prices, klines and the clock. It shows no index prices of coins by themselves."""

from asyncio import gather
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.gate import Malformed, amount, an_object, text
from monitor.exchanges.mexc.dialect import spot_public
from monitor.exchanges.mexc.klines import fetch_hours, fetch_klines, fetch_last_trade, fetch_marks, fetch_minutes
from monitor.exchanges.public import Kline, LastTrade, MinutePrice, Ticker

TICKER = spot_public("ticker/price", weight=10)


async def fetch_prices(connection: Connection) -> dict[str, Decimal]:
    """The last price of every symbol."""
    return await connection.call(TICKER, "Reading all prices", read_prices)


def read_prices(answer: object) -> dict[str, Decimal]:
    """Prices by symbol; a row that can't be read, or a symbol that is listed twice, costs that symbol and no other."""
    if not isinstance(answer, list):
        raise Malformed("the answer is not a list of rows")
    rows = [row for row in map(_read_price, answer) if row]
    times = Counter(symbol for symbol, _ in rows)
    if not times:
        raise Malformed("no price that can be read")
    return {symbol: price for symbol, price in rows if price > 0 and times[symbol] == 1}


def _read_price(row: object) -> tuple[str, Decimal] | None:
    try:
        found = an_object(row)
        return text(found, "symbol"), amount(found, "price")
    except Malformed:
        return None


class MexcMarket:
    """Prices and the clock, without a key."""

    name = "mexc"
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
        """The fair prices at minutes."""
        return await fetch_marks(self._connection, contract, minutes)

    async def fetch_hour_prices(self, symbol: str, hours: Collection[datetime]) -> dict[datetime, MinutePrice | None]:
        """The prices at full hours."""
        return await fetch_hours(self._connection, symbol, hours)

    async def fetch_all_prices(self) -> dict[str, Decimal]:
        """Last prices of what trades now: of what does not, the exchange lists none."""
        return await fetch_prices(self._connection)

    async def fetch_index(self) -> dict[str, Decimal]:
        """None: there is no such list."""
        return {}

    async def fetch_last_trade(self, symbol: str, until: datetime) -> LastTrade | None:
        """What it last traded at."""
        return await fetch_last_trade(self._connection, symbol, until)

    async def fetch_klines(self, symbol: str, step: timedelta, since: datetime, until: datetime) -> tuple[Kline, ...]:
        """The finished klines that opened in [since, until)."""
        return await fetch_klines(self._connection, symbol, step, (since, until))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
