"""One symbol's book: what users' orders and the market offer at each price, better prices first, then earlier orders.

A price that the market shows has its quantity in a queue with users' orders. These rules say who is next (they equal an
explicit queue of single units):

1. An order that joins a price has `ahead` of it what the market offers there.
2. Where the market shows less, no more than it offers then is ahead of anybody.
3. What is traded at a price uses up what is ahead of the oldest order, then fills it, then the next; what it used of the
   market leaves everybody's `ahead`.
4. A trade of the market beyond an order's price fills it, for its quantity: nobody was ahead any more.
5. The market offers what it shows less what was taken of it here: the real market doesn't know of that. What was taken is
   no more than what it shows, stays although it shows more again, or nothing is known of the price for a while, and is
   forgotten after a minute.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sortedcontainers import SortedDict

from paper.trading.orders import ZERO, Order

FORGOTTEN = timedelta(seconds=60)  # after which what was taken is offered again


class Offer(NamedTuple):
    """What is next at the best price: of a user's order, or of the market."""

    price: Decimal
    quantity: Decimal
    maker: Order | None


class Quote(NamedTuple):
    """A price and a quantity that the market shows or trades."""

    price: Decimal
    quantity: Decimal


@dataclass(slots=True, eq=False)
class Level:
    """One price."""

    price: Decimal
    shown: Decimal = ZERO  # by the market
    taken: Decimal = ZERO  # of that, here
    taken_at: datetime | None = None
    queue: dict[int, Order] = field(default_factory=dict)  # users' orders, by time

    def offered(self, at: datetime) -> Decimal:
        """What can be had of the market."""
        if self.taken_at and at - self.taken_at >= FORGOTTEN:
            self.taken, self.taken_at = ZERO, None
        return max(ZERO, self.shown - self.taken)

    def show(self, quantity: Decimal, at: datetime) -> None:
        """Let the market show another quantity."""
        self.shown = quantity
        self.taken = min(self.taken, quantity)
        offered = self.offered(at)
        for order in self.queue.values():
            order.ahead = min(order.ahead, offered)

    def take(self, quantity: Decimal, at: datetime) -> None:
        """So much of the market was taken here."""
        self.taken += quantity
        self.taken_at = at

    def pass_by(self, quantity: Decimal) -> None:
        """Let so much of the market be traded that stood first."""
        for order in self.queue.values():
            order.ahead = max(ZERO, order.ahead - quantity)

    def next_offer(self, at: datetime) -> Offer | None:
        """What is traded first; None where nothing is offered."""
        offered = self.offered(at)
        first = next(iter(self.queue.values()), None)
        if first is None:
            return Offer(self.price, offered, None) if offered > 0 else None
        if first.ahead and offered > 0:
            return Offer(self.price, min(first.ahead, offered), None)
        return Offer(self.price, first.left, first)

    def list_offers(self, at: datetime) -> Iterator[Offer]:
        """All that is offered, in the order in which it is traded."""
        rest, passed = self.offered(at), ZERO
        for order in self.queue.values():
            if part := min(max(ZERO, order.ahead - passed), rest):
                yield Offer(self.price, part, None)
            rest, passed = rest - part, passed + part
            yield Offer(self.price, order.left, order)
        if rest:
            yield Offer(self.price, rest, None)


class Ladder:
    """The book of one symbol."""

    def __init__(self) -> None:
        self._bids, self._asks = Side(is_bid=True), Side(is_bid=False)
        self._joined = 0  # how many orders have

    def next_offer(self, *, is_buy: bool, at: datetime) -> Offer | None:
        """What an order that buys, or sells, trades with first; None where nothing is offered."""
        side = self._asks if is_buy else self._bids
        while (level := side.best) is not None:
            if offer := level.next_offer(at):
                return offer
            if level.shown or level.taken:
                return next((found for one in side.levels() if (found := one.next_offer(at))), None)
            side.remove(level)
        return None

    def use(self, offer: Offer, quantity: Decimal, *, is_buy: bool, at: datetime) -> None:
        """Take so much of an offer; what is taken of a user's order, the order knows itself."""
        if offer.maker is None:
            level = (self._asks if is_buy else self._bids).level(offer.price)
            level.take(quantity, at)
            level.pass_by(quantity)

    def list_offers(self, *, is_buy: bool, at: datetime) -> Iterator[Offer]:
        """All that an order could have, in the order in which it would be traded."""
        for level in (self._asks if is_buy else self._bids).levels():
            yield from level.list_offers(at)

    def list_depth(self, *, is_buy: bool, at: datetime) -> Iterator[Quote]:
        """What an order could have at each price, the best first."""
        for level in (self._asks if is_buy else self._bids).levels():
            if total := sum((one.quantity for one in level.list_offers(at)), ZERO):
                yield Quote(level.price, total)

    def join(self, order: Order, at: datetime) -> None:
        """Let an order wait at its price, behind all that is there."""
        level = self._level(order)
        order.ahead = level.offered(at)
        self._joined += 1
        order.queued = self._joined
        level.queue[order.id] = order

    def rejoin(self, order: Order) -> None:
        """Let an order wait as it did before the venue started anew; whoever has orders gives them by their turns."""
        self._level(order).queue[order.id] = order
        self._joined = max(self._joined, order.queued)

    def _level(self, order: Order) -> Level:
        return (self._bids if order.is_buy else self._asks).level(order.price)

    def leave(self, order: Order) -> None:
        """Take an order out, if it waits in this book."""
        (self._bids if order.is_buy else self._asks).drop(order)

    def show(self, bids: Iterable[Quote], asks: Iterable[Quote], at: datetime) -> None:
        """Let the market show its best prices; of prices beyond the last one nothing is known, and nothing offered."""
        self._bids.show(bids, at)
        self._asks.show(asks, at)

    def list_crossed(self, at: datetime) -> Iterator[tuple[Order, Decimal]]:
        """Orders that the market's prices have crossed, each with how much the market gives it at its own price.

        Whoever asks fills each order before asking for the next.
        """
        for side, other in ((self._bids, self._asks), (self._asks, self._bids)):
            for order in [one for level in side.levels() for one in level.queue.values()]:
                for level in [one for one in other.levels() if order.accepts(one.price)]:
                    if order.waits and (part := min(order.left, level.offered(at))) > 0:
                        level.take(part, at)
                        yield order, part

    def list_hit(self, price: Decimal, quantity: Decimal, *, hits_bids: bool) -> Iterator[tuple[Order, Decimal]]:
        """The orders that a trade of the market fills, each with how much of it, never more than `quantity` in all.

        `hits_bids`: it was sold to those who wanted to buy. Whoever asks fills each order before asking for the next.
        """
        for side in (self._bids, self._asks):
            for level in list(side.levels()):
                is_through = side.is_better(level.price, price)
                if not quantity or not (is_through or (level.price == price and (side is self._bids) == hits_bids)):
                    break
                for order in [one for one in level.queue.values() if one.waits]:
                    passed = ZERO if is_through else min(order.ahead, quantity)
                    level.pass_by(order.ahead if is_through else passed)
                    quantity -= passed
                    if order.waits and (part := min(order.left, quantity)):
                        quantity -= part
                        yield order, part


class Side:
    """The levels of one side, the best first."""

    def __init__(self, *, is_bid: bool) -> None:
        self._is_bid = is_bid
        self._levels: SortedDict[Decimal, Level] = SortedDict()
        self._seen: set[Decimal] = set()  # keys of levels that the market has shown

    @property
    def best(self) -> Level | None:
        """The level of the best price."""
        return self._levels.peekitem(0)[1] if self._levels else None

    def levels(self) -> Iterator[Level]:
        """All of them, the best first."""
        yield from self._levels.values()

    def is_better(self, price: Decimal, than: Decimal) -> bool:
        """Whether a price is traded before another."""
        return price > than if self._is_bid else price < than

    def level(self, price: Decimal) -> Level:
        """The level of a price; made, where there was none."""
        key = self._key(price)
        found: Level = self._levels.get(key) or self._levels.setdefault(key, Level(price))
        return found

    def drop(self, order: Order) -> None:
        """Take an order out of its level; a level with nothing ends."""
        level = self._levels.get(self._key(order.price))
        if level and level.queue.pop(order.id, None):
            self.remove(level)

    def remove(self, level: Level) -> None:
        """End a level that has nothing, and of which nothing was taken."""
        if not level.queue and not level.shown and not level.taken:
            self._levels.pop(self._key(level.price), None)

    def show(self, quotes: Iterable[Quote], at: datetime) -> None:
        """Let the market show these, and nothing else up to the last of them."""
        fresh = {self._key(one.price): one for one in quotes if one.quantity}
        last = max(fresh, default=None)
        for quote in fresh.values():
            self.level(quote.price).show(quote.quantity, at)
        for key in list(self._levels.irange(maximum=last)) if last is not None else ():
            if key not in fresh:  # the market has nothing there: nothing is ahead
                self._levels[key].show(ZERO, at)
                self.remove(self._levels[key])
        for key in self._seen - fresh.keys():
            if level := self._levels.get(key):  # beyond the last one: what was taken of it is remembered
                level.shown = ZERO
                level.offered(at)
                self.remove(level)
        self._seen = {key for key in self._seen | fresh.keys() if key in self._levels}

    def _key(self, price: Decimal) -> Decimal:
        return -price if self._is_bid else price
