"""Portfolios, which are accounts looked at as one, and transfers between their accounts.

Hours, benchmarks and corrections belong to a number, a portfolio's or an account's. A withdrawal here that is a deposit
there, maybe hours later, is a flow of both accounts but not of a portfolio of both. What has left and not arrived yet is in
transit: it is part of the portfolio's NAV, so that money on its way is neither lost nor found; what the readings of both
accounts have is counted once. What the network took is a cost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ALL_ACCOUNTS = 0  # the portfolio that every account is part of, from its first reading on; alerts of the whole installation are its, too


def is_portfolio(number: int) -> bool:
    """Whether the number is a portfolio's, which are 0 and below, not an account's."""
    return number <= ALL_ACCOUNTS


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
    out_number: int = 0  # of the first rows of both ends, by which changes name them
    in_number: int = 0

    def underway(self, taken_at: Mapping[int, datetime]) -> int:
        """How often it lacks in snapshots taken at these times, by account: 1 on its way, -1 where both ends have it.

        Both have it where who got it was read after who sent it. Who sent it may have been disabled since; it is on
        its way all the same.
        """
        if self.in_account not in taken_at:
            return 0
        sent_at, expected_at = taken_at.get(self.out_account), taken_at[self.in_account]
        has_left = self.left_at < sent_at if sent_at else min(self.left_at, self.arrived_at) < expected_at
        return int(has_left) - int(self.arrived_at < expected_at)


def quantities_in_transit(
    transfers: Iterable[Transfer], taken_at: Mapping[int, datetime]
) -> tuple[tuple[str, Decimal], ...]:
    """Assets and amounts that the snapshots lack because they are on their way, negative where two snapshots have them."""
    found = ((transfer, transfer.underway(taken_at)) for transfer in transfers)
    return tuple((transfer.asset, count * transfer.amount) for transfer, count in found if count)
