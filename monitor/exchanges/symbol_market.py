"""Public data of an exchange that names its pairs as `finance.prices.name_pair` does, and lists all last prices in one call."""

from asyncio import gather
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, amount, an_object, text
from monitor.exchanges.kline_prices import Prices
from monitor.exchanges.public import Kline, LastTrade, Ticker
from monitor.exchanges.windows import Window


class Klines(Protocol):
    """An adapter's `klines`: what it finds in them, as `Market` says it."""

    async def fetch_minutes(self, connection: Connection, symbol: str, minutes: Collection[datetime], /) -> Prices:
        """The last prices known at minutes."""

    async def fetch_marks(self, connection: Connection, symbol: str, minutes: Collection[datetime], /) -> Prices:
        """The mark prices of a contract at minutes."""

    async def fetch_hours(self, connection: Connection, symbol: str, hours: Collection[datetime], /) -> Prices:
        """The prices at full hours."""

    async def fetch_last_trade(self, connection: Connection, symbol: str, until: datetime, /) -> LastTrade | None:
        """What it last traded at."""

    async def fetch_klines(
        self, connection: Connection, symbol: str, step: timedelta, window: Window, /
    ) -> tuple[Kline, ...]:
        """The finished klines of a window."""

    async def fetch_mark_klines(
        self, connection: Connection, symbol: str, step: timedelta, window: Window, /
    ) -> tuple[Kline, ...]:
        """The same of the mark prices of a contract."""


class SymbolMarket:
    """Prices and the clock, without a key. What is special of an exchange overrides it."""

    def __init__(
        self,
        connection: Connection,
        *,
        name: str,
        pulse: str,
        klines: Klines,
        fetch_prices: Callable[[Connection], Awaitable[dict[str, Decimal]]],
    ) -> None:
        self.name, self.pulse = name, pulse
        self._connection, self._klines, self._fetch_prices = connection, klines, fetch_prices

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock."""
        return await self._connection.fetch_server_time()

    async def fetch_ticker(self) -> Ticker:
        """All prices, at the exchange's time of the call."""
        at, prices = await gather(self._connection.fetch_server_time(), self._fetch_prices(self._connection))
        return Ticker(at=at, prices=prices)

    async def fetch_minute_prices(self, symbol: str, minutes: Collection[datetime]) -> Prices:
        """The last prices known at minutes."""
        return await self._klines.fetch_minutes(self._connection, symbol, minutes)

    async def fetch_mark_prices(self, contract: str, minutes: Collection[datetime]) -> Prices:
        """The mark prices at minutes."""
        return await self._klines.fetch_marks(self._connection, contract, minutes)

    async def fetch_hour_prices(self, symbol: str, hours: Collection[datetime]) -> Prices:
        """The prices at full hours."""
        return await self._klines.fetch_hours(self._connection, symbol, hours)

    async def fetch_all_prices(self) -> dict[str, Decimal]:
        """Last prices: those of the ticker, where the exchange has no other list."""
        return await self._fetch_prices(self._connection)

    async def fetch_index(self) -> dict[str, Decimal]:
        """None, where there is no such list."""
        return {}

    async def fetch_last_trade(self, symbol: str, until: datetime) -> LastTrade | None:
        """What it last traded at."""
        return await self._klines.fetch_last_trade(self._connection, symbol, until)

    async def fetch_klines(self, symbol: str, step: timedelta, since: datetime, until: datetime) -> tuple[Kline, ...]:
        """The finished klines that opened in [since, until)."""
        return await self._klines.fetch_klines(self._connection, symbol, step, (since, until))

    async def fetch_mark_klines(
        self, symbol: str, step: timedelta, since: datetime, until: datetime
    ) -> tuple[Kline, ...]:
        """Those of a contract's mark prices."""
        return await self._klines.fetch_mark_klines(self._connection, symbol, step, (since, until))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


def read_last_prices(answer: object, symbol: str, price: str) -> dict[str, Decimal]:
    """Prices by the exchange's name of the pair, from rows that call these two `symbol` and `price`.

    A row that can't be read, a price of zero or a pair that is listed twice costs that pair and no other. Raises Malformed
    where no row can be read; what no rows at all mean is the adapter's to say.
    """
    if not isinstance(answer, list):
        raise Malformed("the answer is not a list of rows")
    rows = [row for row in (_read_price(row, symbol, price) for row in answer) if row]
    times = Counter(name for name, _ in rows)
    if not times:
        raise Malformed("no price that can be read")
    return {name: value for name, value in rows if value > 0 and times[name] == 1}


def _read_price(row: object, symbol: str, price: str) -> tuple[str, Decimal] | None:
    try:
        found = an_object(row)
        return text(found, symbol), amount(found, price)
    except Malformed:
        return None
