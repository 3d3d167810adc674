"""A small recorded market for replays, the same every time: hours of three coins, minutes of two days of one of them.

One hour is missing and the one before it has no trades, as on a real exchange that stops.
"""

import random
from datetime import datetime, timedelta
from pathlib import Path

HEAD = "open_time_ms,open,high,low,close,volume\n"
COINS = {"BTCUSDT": 27_000.0, "ETHUSDT": 1_800.0, "SOLUSDT": 21.0, "BNBUSDT": 310.0, "USDTTRY": 19.0}
HALT = 7 * 24 + 23  # the hour without a row, in which money is withdrawn


def write_klines(folder: Path, start: datetime, days: int) -> Path:
    """Fill `folder` with klines from a day before `start` to a day after the last of `days`."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(20_230_214)
    for symbol, level in COINS.items():
        rows = _walk(chance, start - timedelta(days=1), timedelta(hours=1), 24 * (days + 2), level)
        halted = (HALT + 24, HALT + 23)
        rows[halted[1]] = [*rows[halted[1]][:5], "0"]
        kept = [row for number, row in enumerate(rows) if number != halted[0]]
        _write(folder / f"{symbol}-1h.csv", kept)
    _write(folder / "BTCUSDT-1m.csv", _walk(chance, start + timedelta(days=1), timedelta(minutes=1), 2880, 27_500.0))
    return folder


def _walk(chance: random.Random, start: datetime, step: timedelta, count: int, level: float) -> list[list[str]]:
    rows, price = [], level
    for number in range(count):
        last = price * (1 + chance.gauss(0, 0.006 * (step / timedelta(hours=1)) ** 0.5))
        high, low = max(price, last) * (1 + chance.random() / 500), min(price, last) * (1 - chance.random() / 500)
        opened = int((start + number * step).timestamp()) * 1000
        rows.append([str(opened), *(f"{p:.8f}" for p in (price, high, low, last)), f"{chance.uniform(1, 900):.5f}"])
        price = last
    return rows


def _write(path: Path, rows: list[list[str]]) -> None:
    path.write_text(HEAD + "".join(",".join(row) + "\n" for row in rows), encoding="ascii")
