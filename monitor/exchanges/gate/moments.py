"""Milliseconds as Gate writes them: with or without digits behind the point. Which unit an endpoint uses stands where it is read.

seconds    deposits, withdrawals, transfers, keys, candles, small balances; with a fraction: books and trades of contracts
ms         the clock, the account book of spot, converts, interest; with a fraction: trades of spot
"""

from datetime import datetime

from monitor.exchanges.http.gate import Row, amount, seconds

MS_PER_SECOND = 1000


def in_ms(row: Row, name: str) -> datetime:
    """The moment `name`, in milliseconds, to the microsecond."""
    return seconds({name: amount(row, name) / MS_PER_SECOND}, name)


def maybe_in_seconds(row: Row, name: str) -> datetime | None:
    """The moment `name`, in seconds; None if the row has none."""
    return None if row.get(name) in (None, "", 0, "0") else seconds(row, name)
