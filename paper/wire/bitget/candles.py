"""Candles: recent ones and the history behind them, of both generations; the last ones before the end that is asked for."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.market.klines import EPOCH, MINUTE, Kline, KlineQuery, find_klines, floor_time
from paper.stories.futures import pair_of
from paper.stories.marks import Marks
from paper.wire.bitget.refusals import illegal
from paper.wire.bitget.request import Asked, plain, stamp
from paper.wire.bitget.symbols import MARGIN, SPOT, read_contract, read_pair, read_product

RECENT = timedelta(days=30)  # how far back minutes reach outside of the history
INSTANT = timedelta(milliseconds=1)
STEPS = {"1": MINUTE, "5": 5 * MINUTE, "15": 15 * MINUTE}
HOUR, DAY = 60 * MINUTE, 1440 * MINUTE
SPOT_STEPS = {f"{n}min": step for n, step in STEPS.items()} | {"1h": HOUR, "4h": 4 * HOUR, "1day": DAY, "1Dutc": DAY}
OTHER_STEPS = {f"{n}m": step for n, step in STEPS.items()} | {"1H": HOUR, "4H": 4 * HOUR, "1D": DAY, "1Dutc": DAY}


def spot(asked: Asked) -> Any:
    """GET /api/v2/spot/market/candles: minutes of the last 30 days"""
    rows = _find(asked, read_pair(asked), _step(asked, SPOT_STEPS, "granularity"), most=1000, reach=RECENT)
    return [_row(kline, with_usdt=True) for kline in rows]


def spot_history(asked: Asked) -> Any:
    """GET /api/v2/spot/market/history-candles"""
    asked.text("endTime")
    rows = _find(asked, read_pair(asked), _step(asked, SPOT_STEPS, "granularity"), most=200)
    return [_row(kline, with_usdt=True) for kline in rows]


def contract(asked: Asked) -> Any:
    """GET /api/v2/mix/market/candles"""
    return _contract(asked, most=1000, reach=RECENT)


def contract_history(asked: Asked) -> Any:
    """GET /api/v2/mix/market/history-candles"""
    return _contract(asked, most=200)


def contract_marks(asked: Asked) -> Any:
    """GET /api/v2/mix/market/history-mark-candles"""
    name = pair_of(read_contract(asked, read_product(asked)))
    rows = _find(asked, name, _step(asked, OTHER_STEPS, "granularity"), most=200, is_mark=True)
    return [_row(kline) for kline in rows]


def _contract(asked: Asked, most: int, reach: timedelta | None = None) -> Any:
    name = pair_of(read_contract(asked, read_product(asked)))
    is_mark = asked.parameters.get("kLineType", "").upper() == "MARK"
    step = _step(asked, OTHER_STEPS, "granularity")
    return [_row(kline) for kline in _find(asked, name, step, most=most, reach=reach, is_mark=is_mark)]


def unified(asked: Asked) -> Any:
    """GET /api/v3/market/candles"""
    return _unified(asked, reach=RECENT)


def unified_history(asked: Asked) -> Any:
    """GET /api/v3/market/history-candles"""
    return _unified(asked)


def _unified(asked: Asked, reach: timedelta | None = None) -> Any:
    is_spot = asked.text("category").upper() in (SPOT, MARGIN)
    name = read_pair(asked) if is_spot else pair_of(read_contract(asked, read_product(asked, "category")))
    is_mark = asked.parameters.get("type", "").upper() == "MARK"
    step = _step(asked, OTHER_STEPS, "interval")
    return [_row(kline) for kline in _find(asked, name, step, most=100, reach=reach, is_mark=is_mark)]


def _step(asked: Asked, steps: dict[str, timedelta], name: str) -> timedelta:
    if asked.text(name) not in steps:
        raise illegal(name)
    return steps[asked.text(name)]


def _find(
    asked: Asked, pair: str, step: timedelta, *, most: int, reach: timedelta | None = None, is_mark: bool = False
) -> list[Kline]:
    """Candles in [startTime, endTime), at most `limit` and then the last ones; minutes as far back as `reach`."""
    limit, now = asked.number("limit", 100), floor_time(asked.now, MINUTE)
    if not 1 <= limit <= most:
        raise illegal("limit")
    since, until = asked.time("startTime") or EPOCH, min(asked.time("endTime") or now + MINUTE, now + MINUTE)
    if reach and step == MINUTE:
        since = max(since, asked.now - reach)
    query = KlineQuery(symbol=pair, step=step, start=None, end=until - INSTANT, limit=limit)
    market = Marks(asked.venue.market) if is_mark else asked.venue.market
    return [kline for kline in find_klines(market, query, now + MINUTE) if kline.opened >= since]


def _row(kline: Kline, *, with_usdt: bool = False) -> list[str]:
    """Time, open, high, low, close, base, quote, and of pairs the quote in USDT."""
    quote = plain(Decimal(kline.close) * Decimal(kline.volume))
    row = [stamp(kline.opened), kline.open, kline.high, kline.low, kline.close, kline.volume, quote]
    return [*row, quote] if with_usdt else row
