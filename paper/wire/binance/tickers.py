"""Tickers of the spot API: last prices, and what became of them in a day."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.market.klines import price_at
from paper.wire.binance.chosen import is_one, list_chosen
from paper.wire.binance.refusals import BAD_SYMBOL
from paper.wire.binance.request import Asked, milliseconds, plain, zeros
from paper.wire.refusal import Refusal

DAY, DAILY_VOLUME = timedelta(days=1), Decimal(1000)
MINI = ("symbol", "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume", "openTime", "closeTime", "firstId", "lastId", "count")  # fmt: skip


def ticker_price(asked: Asked) -> Any:
    """GET /api/v3/ticker/price"""
    rows = _list_traded(asked, _price)
    return rows[0] if is_one(asked) else rows


def _price(asked: Asked, name: str) -> dict[str, str]:
    return {"symbol": name, "price": plain(last_price(asked, name))}


def last_price(asked: Asked, name: str) -> Decimal:
    """A pair's last price. Raises Refusal where it has never been traded."""
    try:
        return asked.venue.price(name, asked.now)
    except KeyError:
        raise BAD_SYMBOL from None


def _list_traded(asked: Asked, write: Callable[[Asked, str], dict[str, Any]]) -> list[dict[str, Any]]:
    """What is written of the chosen pairs, but for those that have never been traded, unless it is asked for one alone."""
    rows = []
    for name in list_chosen(asked):
        with nullcontext() if is_one(asked) else suppress(Refusal):
            rows.append(write(asked, name))
    return rows


def ticker_day(asked: Asked) -> Any:
    """GET /api/v3/ticker/24hr"""
    if (kind := asked.parameters.get("type", "FULL")) not in ("FULL", "MINI"):
        raise Refusal(-1139, "Invalid ticker type.")
    rows = _list_traded(asked, write_day)
    if kind == "MINI":
        rows = [{name: value for name, value in row.items() if name in MINI} for row in rows]
    return rows[0] if is_one(asked) else rows


def write_day(asked: Asked, name: str) -> dict[str, Any]:
    """Prices of now and of a day ago; of what was traded between them the venue knows nothing."""
    last = last_price(asked, name)
    since = asked.now - DAY
    try:
        first = price_at(asked.venue.market, name, since)
    except KeyError:
        first = last
    prices = {
        "priceChange": last - first,
        "priceChangePercent": (last - first) / first * 100,
        "weightedAvgPrice": (last + first) / 2,
        "prevClosePrice": first,
        "lastPrice": last,
        "bidPrice": last,
        "askPrice": last,
        "openPrice": first,
        "highPrice": max(first, last),
        "lowPrice": min(first, last),
        "volume": DAILY_VOLUME,
        "quoteVolume": DAILY_VOLUME * last,
    }
    return {
        "symbol": name,
        **{word: f"{figure:.8f}" for word, figure in prices.items()},
        **zeros("lastQty", "bidQty", "askQty"),
        "openTime": milliseconds(since),
        "closeTime": milliseconds(asked.now),
        **dict.fromkeys(("firstId", "lastId", "count"), 0),
    }
