"""What is offered of a pair: the market's and everybody's orders, price by price."""

from decimal import Decimal
from typing import Any

from paper.trading.ladder import Quote
from paper.wire.binance.order_words import read_symbol
from paper.wire.binance.request import Asked, plain

MOST_PRICES = 5_000


def depth(asked: Asked) -> Any:
    """GET /api/v3/depth"""
    limit = min(max(1, asked.number("limit", 100)), MOST_PRICES)
    bids, asks = _sides(asked, read_symbol(asked))
    rows = [[[plain(one.price), plain(one.quantity)] for one in side[:limit]] for side in (bids, asks)]
    return {"lastUpdateId": next(asked.venue.numbers), "bids": rows[0], "asks": rows[1]}


def _sides(asked: Asked, name: str) -> tuple[list[Quote], list[Quote]]:
    """What who sells, and who buys, could have."""
    ladder = asked.venue.open_market.ladder(name, asked.now)
    bids, asks = (list(ladder.list_depth(is_buy=is_buy, at=asked.now)) for is_buy in (False, True))
    return bids, asks


def book_ticker(asked: Asked) -> Any:
    """GET /api/v3/ticker/bookTicker"""
    if "symbol" in asked.parameters:
        return _best(asked, read_symbol(asked))
    return [_best(asked, name) for name in asked.venue.market.symbols]


def _best(asked: Asked, name: str) -> dict[str, str]:
    nothing = Quote(Decimal(0), Decimal(0))
    bid, ask = (side[0] if side else nothing for side in _sides(asked, name))
    return {
        "symbol": name,
        "bidPrice": plain(bid.price),
        "bidQty": plain(bid.quantity),
        "askPrice": plain(ask.price),
        "askQty": plain(ask.quantity),
    }
