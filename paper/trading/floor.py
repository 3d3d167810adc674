"""Where orders stand: what waits, what is traded, and what was reported of each. Nothing here decides what is matched."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Protocol

from paper.ledger.balances import Ledger
from paper.market.klines import Symbol
from paper.trading.expiry import Expiry
from paper.trading.filters import Filters
from paper.trading.funds import Charge, Funds, needed
from paper.trading.ladder import Offer
from paper.trading.orders import Fill, Kind, Order, OrderList, PreventedMatch, Reason, Rejected, Report, Status
from paper.trading.triggers import Triggers
from paper.trading.waiting import Waiting

ENDED_AS = {Status.CANCELED: Kind.CANCELED, Status.EXPIRED: Kind.EXPIRED, Status.EXPIRED_IN_MATCH: Kind.PREVENTED}


class Book(Protocol):
    """What orders of a symbol are matched with."""

    def next_offer(self, *, is_buy: bool, at: datetime) -> Offer | None:
        """What an order that buys, or sells, trades with first."""

    def list_offers(self, *, is_buy: bool, at: datetime) -> Iterator[Offer]:
        """All of that, in the order in which it would be traded."""

    def use(self, offer: Offer, quantity: Decimal, *, is_buy: bool, at: datetime) -> None:
        """Take so much of an offer."""

    def join(self, order: Order, at: datetime) -> None:
        """Let an order wait."""

    def rejoin(self, order: Order) -> None:
        """Let an order wait again that has waited before."""

    def leave(self, order: Order) -> None:
        """Take an order out."""


class Floor:
    """Everything that waits at one venue, and the money behind it."""

    def __init__(
        self,
        ledger: Ledger,
        symbols: Mapping[str, Symbol],
        charge: Charge,
        make_book: Callable[[], Book],
        new_number: Callable[[], int],
        *,
        filters: Mapping[str, Filters] | None = None,
        follows_trades: bool = True,
        rounding: str = ROUND_FLOOR,
    ) -> None:
        self.symbols = symbols
        self.filters = filters or {}
        self.funds = Funds(ledger, symbols, charge)
        self.books: defaultdict[str, Book] = defaultdict(make_book)
        self.triggers: defaultdict[str, Triggers] = defaultdict(Triggers)
        self.last: dict[str, Decimal] = {}  # traded prices, of symbols whose orders are triggered by them
        self.waiting = Waiting()
        self.due: deque[Order] = deque()  # to be matched, after what is done now
        self.new_number = new_number
        self.rounding = rounding  # of what a trade costs
        self._follows_trades = follows_trades  # orders are triggered by what is traded
        self._reports: list[Report] = []

    def take_reports(self) -> list[Report]:
        """What happened since the reports were taken last."""
        taken, self._reports = self._reports, []
        return taken

    def report(
        self,
        order: Order,
        kind: Kind,
        at: datetime,
        *,
        fill: Fill | None = None,
        prevented: PreventedMatch | None = None,
    ) -> None:
        """Note one thing that happened to an order."""
        order.changed_at = at
        self._reports.append(
            Report(
                kind=kind,
                order=order,
                status=order.status,
                filled=order.filled,
                cost=order.cost,
                at=at,
                fill=fill,
                prevented=prevented,
            )
        )

    def add(self, order: Order, at: datetime) -> None:
        """Take in an order with the money it needs. Raises Rejected where that is not there."""
        self.funds.lock(order, needed(order))
        self.waiting.add(order)
        self.report(order, Kind.NEW, at)

    def restore(self, orders: Iterable[Order], lists: Iterable[OrderList]) -> None:
        """Let orders wait as they did before the venue started anew: in books by their turns, for triggers by their age."""
        found = sorted(orders, key=lambda one: one.id)
        for order in found:
            self.waiting.add(order)
        for order in sorted(found, key=lambda one: one.queued):
            if order.status is Status.PENDING:
                continue
            if order.type.is_triggered and order.working_at is None:
                self.await_trigger(order)
            else:
                self.books[order.symbol].rejoin(order)
        for one in lists:
            self.waiting.add_list(one)

    def await_trigger(self, order: Order) -> None:
        """Let an order wait for the price that triggers it."""
        self.triggers[order.symbol].add(order, self.last.get(order.symbol))

    def trade_at(self, symbol: str, price: Decimal, at: datetime) -> None:
        """A price was traded: the orders that it triggers are due."""
        if not self._follows_trades:
            return
        self.last[symbol] = price
        for order in self.triggers[symbol].take(price):
            self.report(order, Kind.TRIGGERED, at)
            self.due.append(order)

    def find(self, owner: str, symbol: str, number: int = 0, client_id: str = "") -> Order:
        """An order that waits, by its number or its client's. Raises Rejected."""
        found = self.waiting.orders.get(number) if number else self.waiting.named(owner, client_id)
        if found is None or (found.owner, found.symbol) != (owner, symbol) or client_id not in ("", found.client_id):
            raise Rejected(Reason.NO_ORDER)
        return found

    def leave(self, order: Order) -> None:
        """Let an order wait nowhere."""
        self.books[order.symbol].leave(order)
        if order.type.is_triggered:
            self.triggers[order.symbol].remove(order)
        self.waiting.remove(order)

    def end(
        self,
        order: Order,
        status: Status,
        at: datetime,
        prevented: PreventedMatch | None = None,
        why: Expiry | None = None,
    ) -> None:
        """End an order before it is filled, and give back what was locked for it; `why`: it expires."""
        self.leave(order)
        order.status, order.expiry = status, why
        self.funds.lock(order, needed(order))
        self.report(order, ENDED_AS[status], at, prevented=prevented)
