"""Markets whose prices a test chooses: what must be seen on a crash needs a crash."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from paper.market.klines import Kline, Market
from tests.venue import MARKET

Steps = Sequence[tuple[timedelta, str]]  # from when on, and what a symbol costs then


class SteppedMarket(Market):
    """The tests' market, but for symbols that stand at chosen prices from one step to the next."""

    def __init__(self, start: datetime, steps: Mapping[str, Steps], market: Market = MARKET) -> None:
        self.symbols = market.symbols
        self._start, self._steps, self._market = start, steps, market

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of a minute; before its first step a symbol trades as it does elsewhere."""
        price = next((p for since, p in reversed(self._steps.get(symbol, ())) if self._start + since <= opened), None)
        if price is None:
            return self._market.minute(symbol, opened)
        return Kline(opened=opened, open=price, high=price, low=price, close=price, volume="5")

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """Every minute trades."""
        return minute


def at(clock: str, price: str) -> tuple[timedelta, str]:
    """A step, as in at("1:20", "58000")."""
    hours, minutes = map(int, clock.split(":"))
    return timedelta(hours=hours, minutes=minutes), price
