"""Gate's public data: prices, candles and the clock."""

from asyncio import gather
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from monitor.exchanges.gate import endpoints, klines
from monitor.exchanges.gate.symbols import name_symbols
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, a_list, text
from monitor.exchanges.kline_prices import Prices
from monitor.exchanges.public import Kline, LastTrade, Ticker
from monitor.exchanges.symbol_market import read_last_prices

HALTED = "untradable"


def read_prices(answer: object) -> dict[str, Decimal]:
    """Last prices by the exchange's names of pairs. Raises Malformed."""
    return read_last_prices(answer, symbol="currency_pair", price="last")


def read_trading(answer: object) -> frozenset[str]:
    """The pairs that trade, by the exchange's names."""
    rows = a_list(answer)
    if not rows:
        raise Malformed("no pair at all")
    return frozenset(text(row, "id") for row in rows if text(row, "trade_status") != HALTED)


class GateMarket:
    """Prices and the clock, without a key."""

    name = "gate"
    pulse = "BTCUSDT"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._names: dict[str, str] = {}  # the exchange's names of pairs, by ours

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock."""
        return await self._connection.fetch_server_time()

    async def fetch_ticker(self) -> Ticker:
        """All prices of pairs that trade, at the exchange's time of the call."""
        at, prices, trading = await gather(
            self._connection.fetch_server_time(),
            self._fetch_prices("Reading all prices"),
            self._connection.call(endpoints.PAIRS, "Reading which pairs trade", read_trading),
        )
        return Ticker(at=at, prices={s: prices[name] for s, name in self._names.items() if name in trading})

    async def fetch_all_prices(self) -> dict[str, Decimal]:
        """Last prices, also of pairs that don't trade now."""
        prices = await self._fetch_prices("Reading the last prices of pairs that don't trade now")
        return {symbol: prices[name] for symbol, name in self._names.items()}

    async def _fetch_prices(self, doing: str) -> dict[str, Decimal]:
        prices = await self._connection.call(endpoints.TICKERS, doing, read_prices)
        self._names = name_symbols(prices)
        return prices

    async def _find(self, symbol: str) -> klines.Candles | None:
        """Where the candles of a pair are; None if there is no such pair."""
        if not self._names:
            await self._fetch_prices("Reading the names of pairs")
        return klines.of_pair(symbol, self._names[symbol]) if symbol in self._names else None

    async def fetch_minute_prices(self, symbol: str, minutes: Collection[datetime]) -> Prices:
        """The last prices known at minutes."""
        candles = await self._find(symbol)
        if candles is None:
            return dict.fromkeys(minutes)
        return await klines.fetch_minutes(self._connection, candles, minutes)

    async def fetch_mark_prices(self, contract: str, minutes: Collection[datetime]) -> Prices:
        """The mark prices at minutes."""
        return await klines.fetch_minutes(self._connection, klines.of_contract(contract), minutes)

    async def fetch_hour_prices(self, symbol: str, hours: Collection[datetime]) -> Prices:
        """The prices at full hours."""
        candles = await self._find(symbol)
        if candles is None:
            return dict.fromkeys(hours)
        return await klines.fetch_hours(self._connection, candles, hours)

    async def fetch_index(self) -> dict[str, Decimal]:
        """None: the exchange has index prices of contracts alone."""
        return {}

    async def fetch_last_trade(self, symbol: str, until: datetime) -> LastTrade | None:
        """What it last traded at."""
        candles = await self._find(symbol)
        return await klines.fetch_last_trade(self._connection, candles, until) if candles else None

    async def fetch_klines(self, symbol: str, step: timedelta, since: datetime, until: datetime) -> tuple[Kline, ...]:
        """The finished klines that opened in [since, until)."""
        candles = await self._find(symbol)
        return await klines.fetch_klines(self._connection, candles, step, (since, until)) if candles else ()

    async def fetch_mark_klines(
        self, symbol: str, step: timedelta, since: datetime, until: datetime
    ) -> tuple[Kline, ...]:
        """Those of a contract's mark prices."""
        return await klines.fetch_klines(self._connection, klines.of_contract(symbol), step, (since, until))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
