"""A market whose pairs can stop trading and begin again. While one does not trade it has no klines, and its last price stays."""

from datetime import datetime, timedelta
from decimal import Decimal

from paper.market.klines import EPOCH, MINUTE, Kline, Market, floor_time

Stop = tuple[datetime, datetime | None]  # from a minute on, up to another or for good


class HaltingMarket(Market):
    """A market with stops."""

    def __init__(self, market: Market) -> None:
        self.source = market
        self.symbols = market.symbols
        self._stops: dict[str, list[Stop]] = {}

    def stop(self, symbol: str, since: datetime = EPOCH) -> None:
        """Trade `symbol` no more from `since` on; without it: as if it had never been traded."""
        self._stops[symbol] = [*self._stops.get(symbol, ()), (floor_time(since, MINUTE), None)]

    def resume(self, symbol: str, at: datetime) -> None:
        """Trade `symbol` again."""
        if self.is_halted(symbol):
            *before, (since, _) = self._stops[symbol]
            self._stops[symbol] = [*before, (since, floor_time(at, MINUTE))]

    def is_halted(self, symbol: str) -> bool:
        """Whether `symbol` does not trade now."""
        return self.source.is_silent() or any(until is None for _, until in self._stops.get(symbol, ()))

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of a minute in which it traded."""
        return self.source.minute(symbol, opened) if self.last_open(symbol, opened) == opened else None

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """The last minute up to `minute` in which it may have traded."""
        for since, until in reversed(self._stops.get(symbol, [])):
            if since <= minute and (until is None or minute < until):
                minute = since - timedelta(minutes=1)
        return self.source.last_open(symbol, minute)

    def last_price(self, symbol: str, moment: datetime) -> Decimal:
        """The last price at `moment`. Raises KeyError if none is known."""
        return super().last_price(symbol, moment) if symbol in self._stops else self.source.last_price(symbol, moment)

    def hour(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of a whole hour; None when nothing traded."""
        return super().hour(symbol, opened) if symbol in self._stops else self.source.hour(symbol, opened)
