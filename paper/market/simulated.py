"""A market from a seed: correlated random walks, the same for every process that has the seed.

Each day's log price of each asset is a slow random walk (a common factor and one of its own) pulled gently to its
level; inside the day a Brownian bridge joins the days minute by minute. The walk is the one place with floats; every
price that leaves it is text with the symbol's decimals.
"""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np

from paper.market.klines import MINUTE, Kline, Market, Symbol, join

FIRST_DAY = datetime(2019, 1, 1, tzinfo=UTC)
MINUTES = 1440
PULL = 0.003
# asset: level in USDT, volatility a year, share of it that the whole market moves
ASSETS = {
    "BTC": (64_000, 0.45, 0.9),
    "ETH": (3_100, 0.60, 0.85),
    "BNB": (590, 0.55, 0.75),
    "SOL": (150, 0.85, 0.75),
    "ADA": (0.52, 0.85, 0.7),
    "LINK": (14.5, 0.85, 0.7),
    "XMR": (160, 0.65, 0.5),
    "USDC": (1.0002, 0.003, 0.0),
    "FDUSD": (0.9991, 0.004, 0.0),
    "TRY": (0.0245, 0.08, 0.0),
    "EUR": (1.12, 0.07, 0.0),
    "GT": (9.4, 0.50, 0.6),
}
LATER = 2  # the last so many came later: the chances of each are drawn apart, so that the others' prices stayed what they were
# What is traded of it in a minute of each pair, in USDT.
TURNOVER = {"BTC": 900_000, "ETH": 520_000, "BNB": 85_000, "SOL": 240_000, "ADA": 38_000, "LINK": 26_000, "XMR": 2_400,
            "USDC": 410_000, "FDUSD": 150_000, "GT": 9_000}  # fmt: skip
USUAL_TURNOVER = 55_000
BUSY_FROM = 540  # minutes of the UTC day: six hours later most is traded
MOVED = 1_000  # a move of one in so many trades as much again
IN_BTC = Decimal("0.0001")
SYMBOLS = (
    Symbol(base="BTC", quote="USDT", decimals=2),
    Symbol(base="ETH", quote="USDT", decimals=2),
    Symbol(base="BNB", quote="USDT", decimals=2),
    Symbol(base="SOL", quote="USDT", decimals=2),
    Symbol(base="ADA", quote="USDT", decimals=4),
    Symbol(base="LINK", quote="USDT", decimals=3),
    Symbol(base="USDC", quote="USDT", decimals=5),
    Symbol(base="FDUSD", quote="USDT", decimals=5),
    Symbol(base="EUR", quote="USDT", decimals=4),
    Symbol(base="ETH", quote="BTC", decimals=6, least_value=IN_BTC),
    Symbol(base="BNB", quote="BTC", decimals=7, least_value=IN_BTC),
    Symbol(base="XMR", quote="BTC", decimals=7, least_value=IN_BTC),  # no pair with USDT
    Symbol(base="USDT", quote="TRY", decimals=3),  # the inverse way round
    Symbol(base="GT", quote="USDT", decimals=3),
)


class SimulatedMarket(Market):
    """The market of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.symbols = {symbol.name: symbol for symbol in SYMBOLS}
        self._numbers = {name: number for number, name in enumerate(self.symbols)}
        self._levels: np.ndarray = np.zeros((1, len(ASSETS)))
        self._day = lru_cache(maxsize=64)(self._walk_day)
        self._ratios = lru_cache(maxsize=256)(self._walk_ratios)
        self._minute = lru_cache(maxsize=20_000)(self._read_minute)
        self._hour = lru_cache(maxsize=10_000)(self._read_hour)  # sixteen days of each symbol, twice

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of a minute; None before the market's first day."""
        return self._minute(symbol, opened) if opened >= FIRST_DAY + timedelta(days=1) else None

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """Every minute."""
        return minute

    def hour(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of a whole hour; None before the market's first day."""
        return self._hour(symbol, opened) if opened >= FIRST_DAY + timedelta(days=1) else None

    def _read_hour(self, symbol: str, opened: datetime) -> Kline | None:
        return join(opened, (self._read_minute(symbol, opened + number * MINUTE) for number in range(60)))

    def _read_minute(self, name: str, opened: datetime) -> Kline:
        symbol = self.symbols[name]
        since = opened - FIRST_DAY
        minute = since.seconds // 60
        first, last = self._ratios(name, since.days)[minute : minute + 2]
        noise = self._noise(since.days, minute)
        wiggle = first * (0.0001 + 0.0004 * noise)
        decimals = symbol.decimals
        return Kline(
            opened=opened,
            open=f"{first:.{decimals}f}",
            high=f"{max(first, last) + wiggle:.{decimals}f}",
            low=f"{min(first, last) - wiggle:.{decimals}f}",
            close=f"{last:.{decimals}f}",
            volume=f"{self._traded(symbol, since.days, minute, abs(last / first - 1)) / first:.5f}",
        )

    def _traded(self, symbol: Symbol, day: int, minute: int, move: float) -> float:
        """What is traded of a symbol in a minute, in its quote: more where prices move and while most are awake."""
        worth = ASSETS[symbol.quote][0] if symbol.quote in ASSETS else 1
        awake = 1 + 0.5 * math.sin((minute - BUSY_FROM) * 2 * math.pi / MINUTES)
        chance = self._noise(day, minute + 7 * self._numbers[symbol.name])
        return TURNOVER.get(symbol.base, USUAL_TURNOVER) / worth * awake * (0.4 + chance + min(3.0, move * MOVED))

    def _walk_ratios(self, name: str, day: int) -> list[float]:
        """A symbol's prices at the 1,441 minute marks of a day."""
        symbol, walk = self.symbols[name], self._day(day)
        base, quote = (_column(asset) for asset in (symbol.base, symbol.quote))
        log = (walk[:, base] if base is not None else 0.0) - (walk[:, quote] if quote is not None else 0.0)
        ratios: list[float] = np.exp(log).tolist()
        return ratios

    def _noise(self, day: int, minute: int) -> float:
        """A number in [0, 1) that belongs to the minute."""
        return ((day * MINUTES + minute) * 2_654_435_761 + self.seed * 97) % 2**32 / 2**32

    def _walk_day(self, day: int) -> np.ndarray:
        """Log prices at the 1,441 minute marks of a day, by asset."""
        self._walk_levels(day + 1)
        steps = self._correlate(self._draw(MINUTES, day, 1)) * np.sqrt(1 / (365 * MINUTES))
        path = np.vstack([np.zeros(len(ASSETS)), np.cumsum(steps, axis=0)])
        share = np.linspace(0, 1, MINUTES + 1)[:, None]
        here, there = self._levels[day], self._levels[day + 1]
        base = np.log([level for level, _, _ in ASSETS.values()])
        walk: np.ndarray = base + path - share * path[-1] + here + share * (there - here)
        return walk

    def _walk_levels(self, until: int) -> None:
        levels = [self._levels[-1]]
        for day in range(len(self._levels), until + 1):
            step = self._correlate(self._draw(1, day, 0))[0] * np.sqrt(1 / 365)
            levels.append(levels[-1] * (1 - PULL) + step)
        self._levels = np.vstack([self._levels, *levels[1:]]) if len(levels) > 1 else self._levels

    def _draw(self, rows: int, day: int, kind: int) -> np.ndarray:
        """Rows of chance: a column of the whole market's, then one for each asset."""
        first = np.random.default_rng([self.seed, day, kind]).standard_normal((rows, len(ASSETS) - LATER + 1))
        later = [
            np.random.default_rng([self.seed, day, kind, number]).standard_normal((rows, 1))
            for number in range(1, LATER + 1)
        ]
        return np.hstack([first, *later])

    def _correlate(self, noise: np.ndarray) -> np.ndarray:
        volatility = np.array([v for _, v, _ in ASSETS.values()])
        share = np.array([s for _, _, s in ASSETS.values()])
        mixed: np.ndarray = (noise[:, :1] * share + noise[:, 1:] * np.sqrt(1 - share**2)) * volatility
        return mixed


def _column(asset: str) -> int | None:
    return None if asset == "USDT" else list(ASSETS).index(asset)
