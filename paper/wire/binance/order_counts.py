"""How many orders accounts have given lately that nobody has filled. Source: Binance's page on unfilled order counts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from paper.engine.changes import Changes
from paper.market.klines import floor_time
from paper.trading.funds import SPOT
from paper.wire.refusal import Refusal

FILLED_AS_TAKER, FILLED_AS_MAKER = 1, 5  # orders less, when one is filled for the first time


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A time in which an account gives so many orders at most."""

    unit: str
    number: int
    length: timedelta
    most: int

    def write(self) -> dict[str, Any]:
        """It, as limits are listed."""
        return {"rateLimitType": "ORDERS", "interval": self.unit, "intervalNum": self.number, "limit": self.most}


INTERVALS = (
    Interval(unit="SECOND", number=10, length=timedelta(seconds=10), most=100),
    Interval(unit="DAY", number=1, length=timedelta(days=1), most=200_000),
)


class OrderCounts:
    """The counts of all accounts."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, dict[Interval, tuple[datetime, int]]] = defaultdict(dict)

    def add(self, owner: str, orders: int, now: datetime) -> None:
        """Count orders that an account gives. Raises Refusal where they are too many."""
        for interval in INTERVALS:
            if self.count(owner, interval, now) + orders > interval.most:
                end = floor_time(now, interval.length) + interval.length
                raise Refusal(
                    -1015,
                    f"Too many new orders; current limit is {interval.most} orders per {interval.number} {interval.unit}.",
                    429,
                    {"Retry-After": str(max(1, -((now - end) // timedelta(seconds=1))))},
                )
        self.take_off(owner, -orders, now)

    def take_off(self, owner: str, orders: int, now: datetime) -> None:
        """Count so many less, but never less than none."""
        for interval in INTERVALS:
            count = max(0, self.count(owner, interval, now) - orders)
            self._counts[owner][interval] = (floor_time(now, interval.length), count)

    def count(self, owner: str, interval: Interval, now: datetime) -> int:
        """The orders of an account in an interval that goes on."""
        began, count = self._counts[owner].get(interval, (now, 0))
        return count if began == floor_time(now, interval.length) else 0

    def list(self, owner: str, now: datetime) -> list[dict[str, Any]]:
        """The counts of an account."""
        return [one.write() | {"count": self.count(owner, one, now)} for one in INTERVALS]

    def list_headers(self, owner: str, now: datetime) -> dict[str, str]:
        """The same in the headers of an answer."""
        return {f"X-MBX-ORDER-COUNT-{one.number}{one.unit[0]}": str(self.count(owner, one, now)) for one in INTERVALS}

    def hear(self, changes: Changes, now: datetime) -> None:
        """An order that is filled for the first time makes room for others."""
        for report in changes.reports:
            if report.fill and report.filled == report.fill.quantity and report.order.wallet == SPOT:
                less = FILLED_AS_MAKER if report.fill.is_maker else FILLED_AS_TAKER
                self.take_off(report.order.owner, less, now)
