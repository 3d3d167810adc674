"""The three units in which Gate writes moments; which one an endpoint uses is written where it is read.

seconds    deposits, withdrawals, transfers, keys, candlesticks, small balances
ms         the clock, the spot account book, converts, interest
fraction   books and trades of contracts: seconds with digits behind the point; spot trades: ms with such digits
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from monitor.exchanges.http.gate import FIRST_MS, LAST_MS, Malformed, Row, amount

MS_PER_SECOND, MICROSECONDS_PER_MS = 1000, 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def in_seconds(row: Row, name: str) -> datetime:
    """The moment `name`, in seconds, a number or its text."""
    return _moment(amount(row, name) * MS_PER_SECOND, name)


def in_ms(row: Row, name: str) -> datetime:
    """The moment `name`, in milliseconds with or without digits behind the point, to the microsecond."""
    return _moment(amount(row, name), name)


def in_fraction(row: Row, name: str) -> datetime:
    """The moment `name`, in seconds with digits behind the point, to the microsecond."""
    return _moment(amount(row, name) * MS_PER_SECOND, name)


def maybe_in_seconds(row: Row, name: str) -> datetime | None:
    """The same in seconds; None if the row has none."""
    return None if row.get(name) in (None, "", 0, "0") else in_seconds(row, name)


def _moment(ms: Decimal, name: str) -> datetime:
    if not FIRST_MS <= ms <= LAST_MS:
        raise Malformed(f"{name} is not a time")
    return EPOCH + timedelta(microseconds=int(ms * MICROSECONDS_PER_MS))
