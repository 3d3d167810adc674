"""A book without depth, for stories: any quantity is had at the price of the moment, and orders wait until a story fills them."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from paper.trading.ladder import Offer
from paper.trading.orders import Order

ALL = Decimal("Infinity")


class FlatBook:
    """The market alone, at `price`; what waits meets nobody."""

    def __init__(self) -> None:
        self.price = Decimal(0)  # nothing is offered

    def next_offer(self, *, is_buy: bool, at: datetime) -> Offer | None:
        """Everything."""
        return Offer(self.price, ALL, None) if self.price else None

    def list_offers(self, *, is_buy: bool, at: datetime) -> Iterator[Offer]:
        """Everything."""
        if self.price:
            yield Offer(self.price, ALL, None)

    def use(self, offer: Offer, quantity: Decimal, *, is_buy: bool, at: datetime) -> None:
        """There is always more."""

    def join(self, order: Order, at: datetime) -> None:
        """It waits by itself."""

    def rejoin(self, order: Order) -> None:
        """It waits by itself."""

    def leave(self, order: Order) -> None:
        """It waited by itself."""
