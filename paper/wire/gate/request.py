"""One request as Gate's routes see it: windows in seconds, numbered pages, and how amounts and times are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from paper.engine.venue import Venue
from paper.wire.numbers import mark_number
from paper.wire.refusal import Refusal
from paper.wire.request import Call

MONTH, WEEK = timedelta(days=30), timedelta(days=7)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Call):
    """Who asks Gate what, and when."""

    def illegal(self, name: str) -> Refusal:
        """INVALID_PARAM_VALUE"""
        return Refusal("INVALID_PARAM_VALUE", f"Invalid request parameter `{name}` value: {self.parameters.get(name)}")

    def missing(self, name: str) -> Refusal:
        """MISSING_REQUIRED_PARAM"""
        return Refusal("MISSING_REQUIRED_PARAM", f"Missing required parameter: {name}")

    def window(self, longest: timedelta = MONTH, usual: timedelta = WEEK) -> tuple[datetime, datetime]:
        """The range asked for in seconds, `usual` up to now where it is open, its last second whole."""
        until = self.time("to", per_second=1)
        since = self.time("from", per_second=1) or (until or self.now) - usual
        if (until or self.now) - since > longest:
            raise Refusal("INVALID_PARAM_VALUE", f"time range can not exceed {longest.days} days")
        return since, min(until + timedelta(microseconds=999_999), self.now) if until else self.now

    def page(self, rows: Sequence[T], *, usual: int = 100, most: int = 1000) -> list[T]:
        """One page of rows that are in order, by `page` or by `offset`."""
        limit = self.number("limit", usual)
        if not 1 <= limit <= most:
            raise self.illegal("limit")
        first = self.number("offset", 0) or (max(1, self.number("page", 1)) - 1) * limit
        return list(rows[first : first + limit])


def plain(amount: Decimal) -> str:
    """An amount in plain figures."""
    text = f"{amount:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def seconds(moment: datetime) -> str:
    """A time in seconds, as text."""
    return str(int(moment.timestamp()))


def milliseconds(moment: datetime) -> int:
    """A time in milliseconds."""
    return int(moment.timestamp() * 1000)


def fraction(moment: datetime) -> str:
    """A time in seconds with a fraction, as a number."""
    at = milliseconds(moment)
    return mark_number(f"{at // 1000}.{at % 1000:03}")


def pair_name(venue: Venue, symbol: str) -> str:
    """Gate's name of a pair."""
    found = venue.market.symbols[symbol]
    return f"{found.base}_{found.quote}"


def find_pair(asked: Asked, name: str) -> str:
    """The venue's name of the pair that Gate calls so. Raises Refusal."""
    base, _, quote = name.partition("_")
    if base + quote not in asked.venue.market.symbols or not quote:
        raise Refusal("INVALID_CURRENCY_PAIR", f"unknown currency pair: {name}")
    return base + quote
