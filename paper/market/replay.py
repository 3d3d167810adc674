"""A market from recorded klines: {SYMBOL}-1m.csv[.gz] exactly as recorded, {SYMBOL}-1h.csv[.gz] for the other times.

Columns: open_time_ms, open, high, low, close, volume (more are ignored). Where only hours are known, the minutes inside
go from open through low and high to close in straight lines; a missing row is a time without trades.
"""

import csv
import gzip
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from paper.market.klines import Kline, Market, Symbol

QUOTES = ("USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "TRY", "EUR")
Rows = dict[datetime, Kline]


class ReplayMarket(Market):
    """The market of a folder."""

    def __init__(self, folder: Path) -> None:
        self._minutes: dict[str, Rows] = {}
        self._hours: dict[str, Rows] = {}
        for path in sorted(folder.glob("*-1[mh].csv*")):
            name, interval = path.name.split(".")[0].rsplit("-", 1)
            (self._minutes if interval == "1m" else self._hours)[name] = _read_rows(path)
        names = sorted({*self._minutes, *self._hours})
        if not names:
            raise ValueError(f"{folder} has no files like BTCUSDT-1m.csv.gz or BTCUSDT-1h.csv")
        self.symbols = {name: _split(name) for name in names}
        self._recorded = {name: (min(rows), max(rows)) for name, rows in self._minutes.items()}

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The recorded minute, or one drawn inside the recorded hour."""
        minutes = self._minutes.get(symbol, {})
        if opened in minutes:
            return minutes[opened]
        if minutes and self._recorded[symbol][0] <= opened <= self._recorded[symbol][1]:
            return None
        hour = opened.replace(minute=0)
        recorded = self._hours.get(symbol, {}).get(hour)
        return _draw_minute(recorded, opened) if recorded and Decimal(recorded.volume) > 0 else None

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """Every minute: what was not traded was not recorded."""
        return minute


def _read_rows(path: Path) -> Rows:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="ascii", newline="") as file:
        rows = csv.DictReader(file)
        klines = (_read_row(row) for row in rows)
        return {kline.opened: kline for kline in klines}


def _read_row(row: dict[str, str]) -> Kline:
    opened = datetime.fromtimestamp(int(row["open_time_ms"]) // 1000, UTC)
    prices = {name: row[name] for name in ("open", "high", "low", "close", "volume")}
    return Kline(opened=opened, **prices)


def _split(name: str) -> Symbol:
    quote = next((quote for quote in QUOTES if name.endswith(quote)), "")
    if not quote:
        raise ValueError(f"{name} ends with none of {', '.join(QUOTES)}")
    least = Decimal("0.0001") if quote == "BTC" else Decimal(5)
    return Symbol(base=name[: -len(quote)], quote=quote, decimals=8, least_value=least)


@lru_cache(maxsize=20_000)
def _draw_minute(hour: Kline, opened: datetime) -> Kline:
    first, last = (_draw_price(hour, opened.minute + end) for end in (0, 1))
    prices = sorted((first, last))
    volume = str(Decimal(hour.volume) / 60)
    return Kline(
        opened=opened, open=str(first), high=str(prices[1]), low=str(prices[0]), close=str(last), volume=volume
    )


def _draw_price(hour: Kline, minute: int) -> Decimal:
    """On the line open (0) - first turn (20) - second turn (40) - close (60); the nearer extreme comes first."""
    start, close = Decimal(hour.open), Decimal(hour.close)
    turns = (Decimal(hour.low), Decimal(hour.high)) if close >= start else (Decimal(hour.high), Decimal(hour.low))
    points = (start, *turns, close)
    leg, into = divmod(min(minute, 59), 20) if minute < 60 else (2, 20)
    drawn = points[leg] + (points[leg + 1] - points[leg]) * into / 20
    written = Decimal(hour.open).as_tuple().exponent
    step = Decimal(1).scaleb(min(-2, written if isinstance(written, int) else -2))
    return drawn.quantize(step)
