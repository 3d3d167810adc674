"""A venue of one pair, BTCUSDT, for tests of the trading core: owners with money, and orders in a few words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from paper.ledger.balances import OUTSIDE, Ledger
from paper.market.klines import Symbol
from paper.trading.filters import Filters
from paper.trading.floor import Floor
from paper.trading.ladder import Ladder, Quote
from paper.trading.order_desk import OrderDesk
from paper.trading.orders import Order, OrderList, OrderType, Report, SelfTrade, TimeInForce

START = datetime(2026, 7, 1, tzinfo=UTC)
PAIR = Symbol(base="BTC", quote="USDT")
NAME = PAIR.name


def no_commission(order: Order, asset: str, amount: Decimal, at: datetime, is_maker: bool) -> tuple[str, Decimal]:
    return asset, Decimal(0)


def a_thousandth(order: Order, asset: str, amount: Decimal, at: datetime, is_maker: bool) -> tuple[str, Decimal]:
    return asset, (amount / 1000).quantize(Decimal("1e-8"))


class Pit:
    """The order desk, a clock that moves on by a second a command, and what was reported."""

    def __init__(self, charge=no_commission, filters: Filters | None = None) -> None:  # type: ignore[no-untyped-def]
        self.numbers = count(1)
        self.ledger = Ledger()
        floor = Floor(
            self.ledger,
            {NAME: PAIR},
            charge,
            Ladder,
            lambda: next(self.numbers),
            filters={NAME: filters} if filters else None,
        )
        self.desk = OrderDesk(floor)
        self.now = START
        self.reports: list[Report] = []

    def fund(self, owner: str, **amounts: int | str) -> None:
        """Deposit amounts by asset."""
        for asset, amount in amounts.items():
            self.ledger.move(asset, Decimal(amount), OUTSIDE, (owner, "spot"))

    def order(self, owner: str, side: str, quantity: str | int = 0, price: str | int = 0, **more: object) -> Order:
        """An order that is not placed yet: a limit order with a price, without one at the market's."""
        self.now += timedelta(seconds=1)
        kind = more.pop("type", OrderType.LIMIT if price else OrderType.MARKET)
        amounts = {name: Decimal(str(more.pop(name))) for name in ("amount", "trigger") if name in more}
        return Order(
            id=next(self.numbers),
            owner=owner,
            symbol=NAME,
            type=kind,  # type: ignore[arg-type]
            is_buy=side == "buy",
            quantity=Decimal(quantity),
            price=Decimal(price),
            at=self.now,
            changed_at=self.now,
            **amounts,  # type: ignore[arg-type]
            **more,  # type: ignore[arg-type]
        )

    def place(self, owner: str, side: str, quantity: str | int = 0, price: str | int = 0, **more: object) -> Order:
        """Place an order. Raises Rejected."""
        order = self.order(owner, side, quantity, price, **more)
        self.reports += self.desk.place(order, self.now)
        return order

    def place_list(self, *others: Order, working: Order | None = None, client_id: str = "") -> OrderList:
        """Place orders that end or begin each other. Raises Rejected."""
        number = self.number_list([*others, *([working] if working else [])])
        found = self.make_list(number, [*others], working, client_id)
        self.reports += self.desk.place_list(found, self.now)
        return found

    def number_list(self, orders: list[Order]) -> int:
        """The number of a new list of orders."""
        number = next(self.numbers)
        for order in orders:
            order.list_id = number
        return number

    def make_list(self, number: int, others: list[Order], working: Order | None, client_id: str = "") -> OrderList:
        """A list that is not placed yet."""
        owner = others[0].owner
        return OrderList(
            id=number, owner=owner, symbol=NAME, client_id=client_id, at=self.now, working=working, others=others
        )

    def cancel(self, order: Order) -> None:
        """Cancel an order. Raises Rejected."""
        self.reports += self.desk.cancel(order.owner, NAME, self.now, number=order.id)

    @staticmethod
    def quote(side: Mapping[Any, Any] | None) -> list[Quote]:
        """Quantities by price as the market shows them."""
        return [Quote(Decimal(price), Decimal(quantity)) for price, quantity in (side or {}).items()]

    def show(self, bids: Mapping[Any, Any] | None = None, asks: Mapping[Any, Any] | None = None) -> None:
        """Let the market show quantities by price."""
        self.reports += self.desk.show(NAME, self.quote(bids), self.quote(asks), self.now)

    def print(
        self,
        price: int | str,
        quantity: int | str,
        *,
        hits_bids: bool = True,
        bids: Mapping[Any, Any] | None = None,
        asks: Mapping[Any, Any] | None = None,
    ) -> None:
        """Let the market trade, and show quantities by price after it if they are given."""
        self.now += timedelta(seconds=1)
        traded = Quote(Decimal(price), Decimal(quantity))
        shown = None if bids is asks is None else (self.quote(bids), self.quote(asks))
        self.reports += self.desk.print(NAME, traded, self.now, hits_bids=hits_bids, shown=shown)

    def has(self, owner: str, asset: str) -> tuple[Decimal, Decimal]:
        """What an owner has of an asset: free and locked."""
        return self.ledger.balance((owner, "spot"), asset), self.ledger.balance((owner, "locked"), asset)


__all__ = ["Pit", "SelfTrade", "TimeInForce", "a_thousandth"]
