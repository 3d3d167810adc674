"""Transfers between tracked accounts: a withdrawal here is a deposit there, maybe hours later.

They are flows of the accounts but not of the combined row. What has left and not arrived yet is in transit: it is part
of the combined NAV, so that money on its way is neither lost nor found. What the network took is a cost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A matched pair of ledger entries."""

    out_id: int
    in_id: int
    out_account: int
    in_account: int
    asset: str
    amount: Decimal  # what arrives
    cost: Decimal  # what the network took, in the same asset
    left_at: datetime  # to the second
    arrived_at: datetime

    def is_in_transit(self, taken_at: Mapping[int, datetime]) -> bool:
        """Whether snapshots taken at these times, by account, have lost it and not got it.

        Who sent it may have been disabled since; it is on its way all the same.
        """
        if self.in_account not in taken_at:
            return False
        expected_at = taken_at[self.in_account]
        return self.left_at < taken_at.get(self.out_account, expected_at) and self.arrived_at >= expected_at


def quantities_in_transit(
    transfers: Iterable[Transfer], taken_at: Mapping[int, datetime]
) -> tuple[tuple[str, Decimal], ...]:
    """Assets and amounts that are on their way at the moment of the snapshots."""
    return tuple((t.asset, t.amount) for t in transfers if t.is_in_transit(taken_at))
