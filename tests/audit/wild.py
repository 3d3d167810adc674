"""A market with falls and rallies inside an hour, from a seed; the auditor reads its prices, not the venue's klines."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

from paper.market.klines import Kline, Market
from tests.venue import MARKET

MINUTE = timedelta(minutes=1)
LEVELS = {"BTCUSDT": 60_000.0, "ETHUSDT": 3_000.0, "BNBUSDT": 600.0, "SOLUSDT": 150.0}
JUMPS_EVERY = 70  # minutes
LARGEST_JUMP, LEAST, MOST = 0.07, 0.4, 2.5
MARK_STEPS, MARK_STEP = 3, Fraction(1, 10_000)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WildMarket(Market):
    """Minute by minute, each symbol on its own."""

    def __init__(self, seed: int, start: datetime, hours: int, market: Market = MARKET) -> None:
        self.symbols, self._start, self._market = market.symbols, start, market
        self._paths = {name: _walk(Random(f"{seed} {name}"), level, 60 * hours) for name, level in LEVELS.items()}

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of a minute; before the start and after the end prices stand."""
        if symbol not in self._paths:
            return self._market.minute(symbol, opened)
        first, last = (self._at(symbol, opened + step) for step in (timedelta(), MINUTE))
        low, high = sorted((first, last), key=float)
        return Kline(opened=opened, open=first, high=high, low=low, close=last, volume="5")

    def _at(self, symbol: str, moment: datetime) -> str:
        path = self._paths[symbol]
        return path[max(0, min(int((moment - self._start) // MINUTE), len(path) - 1))]

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """Every minute trades."""
        return minute

    def price(self, asset: str, at: datetime) -> Fraction:
        """What a coin is worth in the minute of `at`."""
        return Fraction(1) if asset == "USDT" else Fraction(self._at(f"{asset}USDT", at))

    def mark(self, asset: str, at: datetime) -> Fraction:
        """The mark price of its contracts: beside the price by up to three steps, another one each minute."""
        minutes = (at - EPOCH) // MINUTE
        step = minutes % (2 * MARK_STEPS + 1) - MARK_STEPS
        return cut(self.price(asset, at) * (1 + step * MARK_STEP))


def _walk(random: Random, level: float, minutes: int) -> list[str]:
    path, price = [], level
    for _ in range(minutes):
        path.append(f"{price:.2f}")
        price *= 1 + random.gauss(0, 0.0015)
        if random.randrange(JUMPS_EVERY) == 0:
            price *= 1 + random.uniform(-LARGEST_JUMP, LARGEST_JUMP)
        price = min(max(price, LEAST * level), MOST * level)
    return path


def cut(amount: Fraction, digits: int = 8) -> Fraction:
    """Rounded as the exchange writes amounts: to the even neighbour."""
    return Fraction(round(amount * 10**digits), 10**digits)
