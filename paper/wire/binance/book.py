"""What is offered and traded of a pair: prices of the market's and everybody's orders, and the market's last trades."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from paper.engine.depths import Depth
from paper.engine.tape import MOMENTS, Tick, list_ticks
from paper.market.klines import EPOCH, MINUTE
from paper.trading.ladder import Quote
from paper.trading.orders import SMALLEST, ZERO
from paper.wire.binance.chosen import is_one, list_chosen
from paper.wire.binance.order_words import read_symbol
from paper.wire.binance.request import Asked, milliseconds, plain
from paper.wire.binance.tickers import last_price

MOST_PRICES = 5_000
MOST_TRADES = 1_000
AVERAGED = timedelta(minutes=5)
MICROSECOND = timedelta(microseconds=1)


def depth(asked: Asked) -> Any:
    """GET /api/v3/depth"""
    limit = min(max(1, asked.number("limit", 100)), MOST_PRICES)
    asked.text("symbol")
    (name,) = list_chosen(asked)
    found = asked.venue.depths.look(name, asked.now)
    return {"lastUpdateId": found.number, **write_sides(found, limit)}


def write_sides(found: Depth, limit: int) -> dict[str, list[list[str]]]:
    """So many of the best prices of both sides."""
    return {"bids": write_quotes(found.bids[:limit]), "asks": write_quotes(found.asks[:limit])}


def write_quotes(quotes: Iterable[Quote]) -> list[list[str]]:
    """Prices and quantities."""
    return [[plain(one.price), plain(one.quantity)] for one in quotes]


def book_ticker(asked: Asked) -> Any:
    """GET /api/v3/ticker/bookTicker"""
    rows = [_best(asked, name) for name in list_chosen(asked)]
    return rows[0] if is_one(asked) else rows


def _best(asked: Asked, name: str) -> dict[str, str]:
    bid, ask = list_best(asked.venue.depths.look(name, asked.now))
    return {
        "symbol": name,
        "bidPrice": plain(bid.price),
        "bidQty": plain(bid.quantity),
        "askPrice": plain(ask.price),
        "askQty": plain(ask.quantity),
    }


def list_best(found: Depth) -> tuple[Quote, Quote]:
    """The best bid and ask; nothing at 0 where there is none."""
    nothing = Quote(Decimal(0), Decimal(0))
    bid, ask = (side[0] if side else nothing for side in (found.bids, found.asks))
    return bid, ask


def trades(asked: Asked) -> Any:
    """GET /api/v3/trades"""
    return [
        {
            "id": tick.number,
            "price": plain(tick.traded.price),
            "qty": plain(tick.traded.quantity),
            "quoteQty": plain(tick.traded.price * tick.traded.quantity),
            "time": milliseconds(tick.at),
            "isBuyerMaker": tick.hits_bids,
            "isBestMatch": True,
        }
        for tick in _last_ticks(asked, read_symbol(asked), asked.now)
    ]


def aggregate_trades(asked: Asked) -> Any:
    """GET /api/v3/aggTrades: from an id on, inside a time, or the last ones; each trade is one by itself"""
    name, first = read_symbol(asked), asked.number("fromId", 0)
    since, until = asked.time("startTime"), asked.time("endTime") or asked.now
    if first:
        since = EPOCH + first // len(MOMENTS) * MINUTE
    found = _last_ticks(asked, name, until) if since is None else _ticks_since(asked, name, since, until)
    return [
        {
            "a": tick.number,
            "p": plain(tick.traded.price),
            "q": plain(tick.traded.quantity),
            "f": tick.number,
            "l": tick.number,
            "T": milliseconds(tick.at),
            "m": tick.hits_bids,
            "M": True,
        }
        for tick in found
        if tick.number >= first
    ]


def _limit(asked: Asked) -> int:
    return min(max(1, asked.number("limit", 500)), MOST_TRADES)


def _last_ticks(asked: Asked, name: str, until: datetime) -> list[Tick]:
    since = until - MINUTE * (_limit(asked) // len(MOMENTS) + 1)
    return list(list_ticks(asked.venue.market, name, since, min(until, asked.now)))[-_limit(asked) :]


def _ticks_since(asked: Asked, name: str, since: datetime, until: datetime) -> list[Tick]:
    found = list_ticks(asked.venue.market, name, since - MICROSECOND, min(until, asked.now))
    return list(islice(found, _limit(asked)))


def average_price(asked: Asked) -> Any:
    """GET /api/v3/avgPrice: of what was traded in five minutes, by quantity"""
    name = read_symbol(asked)
    ticks = list(list_ticks(asked.venue.market, name, asked.now - AVERAGED, asked.now))
    total = sum((one.traded.quantity for one in ticks), ZERO)
    worth = sum((one.traded.price * one.traded.quantity for one in ticks), ZERO)
    price = (worth / total).quantize(SMALLEST) if total else last_price(asked, name)
    closed = ticks[-1].at if ticks else asked.now
    return {"mins": AVERAGED // MINUTE, "price": plain(price), "closeTime": milliseconds(closed)}
