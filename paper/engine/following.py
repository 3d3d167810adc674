"""Triggers that follow the market: how far each has come is written down, so that a start goes on from there."""

from decimal import Decimal

from paper.engine.changes import Changes
from paper.engine.venue import Venue


class Following:
    """What was written of them last; begins with what waits now."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._noted = self._list()

    def note(self) -> None:
        """Write down what has moved on since."""
        now, floor = self._list(), self._venue.open_market.floor
        if moved := [floor.waiting.orders[number] for number, best in now.items() if self._noted.get(number) != best]:
            self._venue.write(Changes(moved_on=moved))
        self._noted = now

    def _list(self) -> dict[int, Decimal | None]:
        """The best price of each."""
        triggers = self._venue.open_market.floor.triggers.values()
        return {order.id: order.best for one in triggers for order in one.trailing}
