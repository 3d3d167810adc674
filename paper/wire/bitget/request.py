"""One request as Bitget's routes see it: windows, pages that go back by ids, and how amounts and times are written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from paper.wire.bitget.refusals import illegal, missing, too_long
from paper.wire.refusal import Refusal
from paper.wire.request import Call

QUARTER, MONTH = timedelta(days=90), timedelta(days=30)
LONGEST_PAGE = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Call):
    """Who asks Bitget what, and when."""

    def illegal(self, name: str) -> Refusal:
        """40020"""
        return illegal(name)

    def missing(self, name: str) -> Refusal:
        """40019"""
        return missing(name)

    def window(
        self, longest: timedelta, *, reach: timedelta | None = None, needed: tuple[str, ...] = ()
    ) -> tuple[datetime, datetime]:
        """The range asked for, `longest` up to now where it is open; what is further back than `reach` is cut off.

        Raises Refusal for one that is too long, or lacks what is `needed` of it.
        """
        for name in needed:
            self.text(name)
        until = self.time("endTime") or self.now
        since = self.time("startTime") or until - longest
        if until - since > longest:
            raise too_long(longest.days)
        return max(since, self.now - reach) if reach else since, until

    def page(
        self,
        rows: Iterable[T],
        number: Callable[[T], int],
        *,
        default: int = LONGEST_PAGE,
        most: int = LONGEST_PAGE,
        before: str = "idLessThan",
    ) -> list[T]:
        """One page of rows, the newest first: those whose number is less than the parameter `before`."""
        limit, last = self.number("limit", default), self.number(before, 0)
        if not 1 <= limit <= most:
            raise illegal("limit")
        found = sorted(rows, key=number, reverse=True)
        return [row for row in found if not last or number(row) < last][:limit]


def plain(amount: Decimal) -> str:
    """An amount in plain figures, as exact as it is."""
    return f"{amount:f}"


def stamp(moment: datetime) -> str:
    """A time as Bitget writes it: milliseconds, as text."""
    return str(int(moment.timestamp() * 1000))
