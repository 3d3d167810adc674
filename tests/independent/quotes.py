"""Prices from a venue's minute klines over HTTP: the open of a minute, or the last close before it."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CHUNK = 1000 * MINUTE
UNKNOWN_SYMBOL = -1121
DIGITS = 28  # of the price of an asset that is only quoted the other way round


class Quotes:
    """Prices in USDT; klines are read a thousand at a time and kept."""

    def __init__(self, url: str) -> None:
        self._wire = HTTPConnection(urlsplit(url).netloc, timeout=30)
        self._chunks: dict[tuple[str, datetime], dict[int, str]] = {}  # by milliseconds
        self._gaps: dict[tuple[str, datetime], Fraction | None] = {}

    def price(self, asset: str, at: datetime) -> Fraction:
        """What one `asset` is worth at the minute of `at`. Raises LookupError where no pair leads to USDT."""
        if asset == "USDT":
            return Fraction(1)
        if direct := self._last(f"{asset}USDT", at):
            return direct
        if inverse := self._last(f"USDT{asset}", at):
            return _significant(1 / inverse)
        over, bitcoin = self._last(f"{asset}BTC", at), self._last("BTCUSDT", at)
        if over and bitcoin:
            return over * bitcoin
        raise LookupError(f"{asset} at {at}")

    def _last(self, symbol: str, at: datetime) -> Fraction | None:
        minute = at.replace(second=0, microsecond=0)
        chunk = minute - (minute - EPOCH) % CHUNK
        if (symbol, chunk) not in self._chunks:
            rows = self._klines(symbol, startTime=chunk, endTime=chunk + CHUNK - MINUTE)
            self._chunks[symbol, chunk] = {row[0]: row[1] for row in rows}
        if found := self._chunks[symbol, chunk].get(_milliseconds(minute)):
            return Fraction(found)
        if (symbol, minute) not in self._gaps:
            rows = self._klines(symbol, endTime=minute, limit=1)
            self._gaps[symbol, minute] = Fraction(rows[-1][4]) if rows else None
        return self._gaps[symbol, minute]

    def _klines(self, symbol: str, limit: int = 1000, **times: datetime) -> list[Any]:
        asked = {name: _milliseconds(time) for name, time in times.items()}
        query = urlencode({"symbol": symbol, "interval": "1m", "limit": limit, **asked})
        answer = json.loads(self._get(f"/api/v3/klines?{query}"))
        if isinstance(answer, list):
            return answer
        assert answer["code"] == UNKNOWN_SYMBOL, answer
        return []

    def _get(self, path: str) -> bytes:
        """An answer; asked once more on a new connection where the venue has closed the one that was idle for seconds."""
        try:
            self._wire.request("GET", path)
            return self._wire.getresponse().read()
        except ConnectionError:
            self._wire.close()
            self._wire.request("GET", path)
            return self._wire.getresponse().read()


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1000


def _significant(value: Fraction) -> Fraction:
    """A number below 1 at 28 significant digits."""
    scale = 10**DIGITS
    while value * scale >= 10**DIGITS:
        scale //= 10
    while value * scale * 10 < 10**DIGITS:
        scale *= 10
    return Fraction(round(value * scale), scale)
