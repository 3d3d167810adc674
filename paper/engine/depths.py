"""The books of pairs as anybody may see them, each state with the number of its last change."""

from dataclasses import dataclass
from datetime import datetime

from paper.engine.open_market import OpenMarket
from paper.trading.ladder import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """What could be had of a pair at each price, the best first."""

    number: int  # of the pair's changes; the same book has the same
    bids: tuple[Quote, ...]
    asks: tuple[Quote, ...]


NOTHING = Depth(number=0, bids=(), asks=())


class Depths:
    """The last seen book of each pair."""

    def __init__(self, market: OpenMarket) -> None:
        self._market = market
        self._seen: dict[str, Depth] = {}

    def look(self, symbol: str, now: datetime) -> Depth:
        """The book of a pair as it is now."""
        ladder = self._market.ladder(symbol, now)
        bids, asks = (tuple(ladder.list_depth(is_buy=is_buy, at=now)) for is_buy in (False, True))
        seen = self._seen.get(symbol, NOTHING)
        if (bids, asks) != (seen.bids, seen.asks):
            seen = self._seen[symbol] = Depth(number=seen.number + 1, bids=bids, asks=asks)
        return seen


def list_changes(before: tuple[Quote, ...], after: tuple[Quote, ...]) -> list[Quote]:
    """The prices of a side at which something else could be had, with what it is now, which may be nothing."""
    had, has = dict(before), dict(after)
    gone = [Quote(price, quantity * 0) for price, quantity in before if price not in has]
    return gone + [quote for quote in after if had.get(quote.price) != quote.quantity]
