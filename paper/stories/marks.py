"""The mark prices of a venue's contracts as a market of their own: minute klines of the pairs they follow, rolled up like any."""

from datetime import datetime
from decimal import Decimal

from paper.market.klines import Kline, Market
from paper.stories.futures import mark


class Marks(Market):
    """What open positions are valued with, minute by minute."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self.symbols = market.symbols

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """The last minute up to `minute` in which it may have traded."""
        return self._market.last_open(symbol, minute)

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of the minute that opens at `opened`; None when nothing traded."""
        traded = self._market.minute(symbol, opened)
        if traded is None:
            return None
        prices = (traded.open, traded.high, traded.low, traded.close)
        first, high, low, last = (f"{mark(Decimal(price), opened):f}" for price in prices)
        return Kline(opened=opened, open=first, high=high, low=low, close=last)
