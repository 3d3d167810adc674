"""Binance's public data."""

from asyncio import gather
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from monitor.exchanges.binance.hours import fetch_hours
from monitor.exchanges.binance.index import fetch_index
from monitor.exchanges.binance.klines import fetch_klines
from monitor.exchanges.binance.minutes import fetch_last_trade, fetch_marks, fetch_minutes
from monitor.exchanges.binance.prices import fetch_all_prices, fetch_prices
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.public import Kline, LastTrade, MinutePrice, Ticker


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
