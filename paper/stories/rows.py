"""Adding rows to an account's histories."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from paper.engine.venue import Venue
from paper.histories.accounts import Account, HistoryRow
from paper.stories.lines import parse_duration


def add_row(
    venue: Venue,
    account: Account,
    history: str,
    at: datetime,
    *,
    asset: str,
    amount: Decimal,
    id: str = "",
    status: str = "",
    shown_after: str = "0s",
    **extra: Any,
) -> HistoryRow:
    """Add a row to one of the account's histories and return it; `extra` are the further fields of its endpoint."""
    row = HistoryRow(
        history=history,
        id=id or str(next(venue.numbers)),
        asset=asset,
        amount=amount,
        at=at,
        changed_at=at,
        shown_at=at + parse_duration(shown_after),
        status=status,
        extra=extra,
    )
    account.rows.append(row)
    return row
