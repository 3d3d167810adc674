"""The rows of an account's histories beside deposits and withdrawals: fiat, P2P, Pay, family transfers, income.

A row is told from `shown_at` on. What an endpoint tells of it beside these fields stands in `told`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from paper.stories import parse_duration

if TYPE_CHECKING:
    from paper.accounts import Account
    from paper.venue import Venue


@dataclass(slots=True, kw_only=True)
class HistoryRow:
    """One row of one history."""

    history: (
        str  # fiat order, fiat payment, p2p, pay, transfer, reward, dividend, rebate, interest, bill, usd_m, coin_m
    )
    id: str
    asset: str
    amount: Decimal
    at: datetime
    changed_at: datetime
    shown_at: datetime
    status: str = ""
    told: dict[str, Any] = field(default_factory=dict)


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
    **told: Any,
) -> HistoryRow:
    """Add a row to one of the account's histories and return it; `told` is what else its endpoint tells."""
    row = HistoryRow(
        history=history,
        id=id or str(next(venue.numbers)),
        asset=asset,
        amount=amount,
        at=at,
        changed_at=at,
        shown_at=at + parse_duration(shown_after),
        status=status,
        told=told,
    )
    account.rows.append(row)
    return row
