"""The owner's word about what a coin is worth that no market prices.

It is added to and never edited; of the words about a moment the one that was said last counts. It ends when the owner
takes it back, and when the market prices the coin: from then on the market is right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from monitor.prices import VALUATION_ASSET


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPrice:
    """What one unit of a coin is worth from a moment on, or that nothing is said of it any more."""

    asset: str
    price: Decimal | None  # None: the word before is taken back
    currency: str = VALUATION_ASSET
    since: datetime
    stated_at: datetime
    note: str

    @property
    def origin(self) -> str:
        """Where a price comes from that follows it, as holdings show it."""
        unit = "" if self.currency == VALUATION_ASSET else f" in {self.currency}"
        return f"stated by the owner on {self.stated_at:%Y-%m-%d}{unit}"


def find_word(words: Iterable[StatedPrice], asset: str, moment: datetime) -> StatedPrice | None:
    """The word about `asset` that holds at `moment`, given all words in the order in which they were said."""
    last = None
    for word in words:
        if word.asset == asset and word.since <= moment:
            last = word
    return last if last and last.price is not None else None
