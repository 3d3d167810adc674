"""The order desk: commands in, reports out. Each command is done wholly, or refused and nothing has changed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from paper.trading import lists
from paper.trading.filters import UNFILTERED, check_numbers, check_order, check_size
from paper.trading.floor import Floor
from paper.trading.funds import needed
from paper.trading.ladder import Ladder, Quote
from paper.trading.matching import bought, enter, match_due, offered, trade
from paper.trading.orders import Kind, Order, OrderList, OrderType, Reason, Rejected, Report, Status
from paper.trading.triggers import is_reached


class OrderDesk:
    """Orders of many owners at one venue."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor

    def place(self, order: Order, at: datetime) -> list[Report]:
        """Take an order; it is matched, waits, or waits for its trigger. Raises Rejected."""
        self._check(order)
        self.floor.add(order, at)
        self._begin(order, at)
        return self._finish(at)

    def place_list(self, found: OrderList, at: datetime) -> list[Report]:
        """Take orders that end or begin each other; all of them, or none. Raises Rejected."""
        first = [found.working] if found.working else found.others
        self._check_list(found)
        for number, order in enumerate(found.orders):
            self._check(order, is_first=order in first, beside=found.orders[:number])
        if len(found.others) > 1:
            _check_prices(found.others)
        if found.working:
            for order in found.others:
                order.status = Status.PENDING
        else:
            lists.cover(found.others)
        for order in first:
            self.floor.funds.require(order, needed(order))
        self.floor.waiting.add_list(found)
        for order in found.orders:
            self.floor.add(order, at)
        for order in first:
            if order.waits:
                self._begin(order, at)
        return self._finish(at)

    def _begin(self, order: Order, at: datetime) -> None:
        if order.type.is_triggered:
            self.floor.await_trigger(order)
        else:
            enter(self.floor, order, at)

    def cancel(self, owner: str, symbol: str, at: datetime, number: int = 0, client_id: str = "") -> list[Report]:
        """End an order that waits, with the others of its list. Raises Rejected."""
        order = self.floor.find(owner, symbol, number, client_id)
        lists.end(self.floor, order, Status.CANCELED, at)
        return self._finish(at)

    def cancel_all(self, owner: str, symbol: str, at: datetime) -> list[Report]:
        """End all orders of a symbol that wait. Raises Rejected if none does."""
        found = list(self.floor.waiting.own(owner, symbol))
        if not found:
            raise Rejected(Reason.NO_ORDER)
        for order in found:
            if order.waits:
                lists.end(self.floor, order, Status.CANCELED, at)
        return self._finish(at)

    def amend(self, order: Order, quantity: Decimal, at: datetime, client_id: str = "") -> list[Report]:
        """Make an order's quantity less, and that of the one that it ends or that ends it; they stay where they stand in their
        queues. `client_id` is what its client calls it from then on. Raises Rejected.
        """
        filters = self.floor.filters.get(order.symbol, UNFILTERED)
        if not order.waits:
            raise Rejected(Reason.NO_ORDER)
        orders = lists.list_bound(self.floor, order)
        if not all(one.filled + one.prevented < quantity < one.quantity for one in orders):
            raise Rejected(Reason.BAD_QUANTITY)
        check_size(filters, replace(order, quantity=quantity), self.floor.last.get(order.symbol))
        if any(one.amended >= filters.most_amends for one in orders):
            raise Rejected(Reason.TOO_MANY_AMENDS)
        if client_id and self.floor.waiting.named(order.owner, client_id) not in (None, order):
            raise Rejected(Reason.SAME_CLIENT_ID)
        if client_id:
            self.floor.waiting.rename(order, client_id)
        for one in orders:
            one.quantity, one.amended = quantity, one.amended + 1
        lists.lock(self.floor, order)
        for one in orders:
            self.floor.report(one, Kind.REPLACED, at)
        return self._finish(at)

    def replace(self, order: Order, successor: Order, at: datetime) -> list[Report]:
        """End an order of no list and take another one of its pair and side in its place; both, or neither. Raises Rejected."""
        if not order.waits or order.list_id:
            raise Rejected(Reason.NO_ORDER)
        self._check(successor)
        if needed(successor) > self.floor.funds.free(order) + order.held:
            raise Rejected(Reason.NOT_ENOUGH)
        self.floor.end(order, Status.CANCELED, at)
        self.floor.add(successor, at)
        self._begin(successor, at)
        return self._finish(at)

    def show(self, symbol: str, bids: Iterable[Quote], asks: Iterable[Quote], at: datetime) -> list[Report]:
        """The market shows other prices: orders that they have crossed are filled, at their own price."""
        self._show(symbol, bids, asks, at)
        return self._finish(at)

    def _show(self, symbol: str, bids: Iterable[Quote], asks: Iterable[Quote], at: datetime) -> None:
        ladder = self._ladder(symbol)
        ladder.show(bids, asks, at)
        for order, part in ladder.list_crossed(at):
            trade(self.floor, order, None, part, order.price, at, is_maker=True)

    def print(
        self,
        symbol: str,
        traded: Quote,
        at: datetime,
        *,
        hits_bids: bool,
        shown: tuple[Iterable[Quote], Iterable[Quote]] | None = None,
    ) -> list[Report]:
        """The market has traded: orders that were next are filled at their own price, and others triggered. These are matched
        with what the market shows after it, bids and asks, and not with what stood there before.
        """
        for order, part in self._ladder(symbol).list_hit(traded.price, traded.quantity, hits_bids=hits_bids):
            trade(self.floor, order, None, part, order.price, at, is_maker=True)
        if shown:
            self._show(symbol, *shown, at)
        self.floor.trade_at(symbol, traded.price, at)
        return self._finish(at)

    def fill(self, order: Order, quantity: Decimal, price: Decimal, at: datetime) -> list[Report]:
        """Let the market trade with an order that waits, as it is said."""
        trade(self.floor, order, None, quantity, price, at, is_maker=not order.type.is_triggered)
        return self._finish(at)

    def _ladder(self, symbol: str) -> Ladder:
        book = self.floor.books[symbol]
        if not isinstance(book, Ladder):
            raise TypeError(f"the book of {symbol} has no depth")
        return book

    def _finish(self, at: datetime) -> list[Report]:
        match_due(self.floor, at)
        return self.floor.take_reports()

    def _check_list(self, found: OrderList) -> None:
        """Whether a list can be taken beside those of its owner that wait."""
        mine = self.floor.waiting.own_lists(found.owner)
        if found.client_id and any(one.client_id == found.client_id for one in mine):
            raise Rejected(Reason.SAME_CLIENT_ID)
        filters = self.floor.filters.get(found.symbol, UNFILTERED)
        if sum(one.symbol == found.symbol for one in mine) >= filters.most_lists:
            raise Rejected(Reason.TOO_MANY_LISTS)

    def _check(self, order: Order, *, is_first: bool = True, beside: Sequence[Order] = ()) -> None:
        """Whether an order can be taken, with others of its list that come before it; of one that is placed later the money and
        the market are looked at then.
        """
        floor = self.floor
        if order.symbol not in floor.symbols:
            raise Rejected(Reason.NO_SYMBOL)
        if order.client_id:
            is_used = floor.waiting.named(order.owner, order.client_id)
            if is_used or any(one.client_id == order.client_id for one in beside):
                raise Rejected(Reason.SAME_CLIENT_ID)
        if filters := floor.filters.get(order.symbol):
            check_order(filters, order, floor.last.get(order.symbol))
            waiting = len(floor.waiting.own(order.owner, order.symbol)) + len(beside)
            triggered = floor.waiting.count_triggered(order.owner, order.symbol)
            check_numbers(filters, order, waiting, triggered + sum(one.type.is_triggered for one in beside))
        if is_first:
            self._check_market(order)

    def _check_market(self, order: Order) -> None:
        floor, last = self.floor, self.floor.last.get(order.symbol)
        if order.trigger and not order.trailing and last is not None and is_reached(order, last):
            raise Rejected(Reason.WOULD_TRIGGER)
        if order.type is OrderType.LIMIT_MAKER and offered(floor, order, order.at)[0]:
            raise Rejected(Reason.WOULD_TAKE)
        if order.type is OrderType.MARKET:
            if order.amount:
                order.quantity = bought(floor, order, order.at)
            cost = order.amount or offered(floor, order, order.at)[1]
            floor.funds.require(order, cost if order.is_buy else order.quantity)


def _check_prices(orders: list[Order]) -> None:
    """Of two of which one ends the other, one takes a profit and one stops a loss, on the other side of it."""
    stops = [one for one in orders if one.type.is_stop]
    profits = [one for one in orders if not one.type.is_stop]
    if len(stops) != 1 or len(profits) != 1:
        raise Rejected(Reason.BAD_LIST)
    stop, profit = stops[0].trigger, profits[0].trigger or profits[0].price
    if stop and (profit <= stop if not stops[0].is_buy else profit >= stop):
        raise Rejected(Reason.BAD_LIST)
