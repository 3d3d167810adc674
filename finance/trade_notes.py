"""What the owner says about a trade: tags, words, a rating, the stop when it was opened, and what its orders were given for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from finance.decimals import UNROUNDED
from finance.order_roles import Role
from finance.trades import Trade, TradeMove

RATINGS = range(1, 6)
LONGEST_TAG, MOST_TAGS = 30, 20
TAG = re.compile(r"[\w][\w .+&/-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeNote:
    """The newest word about a trade; what was never said is empty or None."""

    tags: tuple[str, ...] = ()  # in the order of the alphabet
    text: str = ""
    rating: int | None = None  # of RATINGS, 5 the best
    stop: Decimal | None = None  # the price at which it was to be given up, known at entry
    roles: Mapping[str, Role] = field(default_factory=dict)  # of its orders, by their numbers


def read_tag(text: str) -> str:
    """A tag as it is stored: small letters, single spaces. Raises ValueError for what can be none."""
    tag = " ".join(text.lower().split())
    if not TAG.fullmatch(tag) or len(tag) > LONGEST_TAG:
        raise ValueError(f"'{text}' can be no tag: use up to {LONGEST_TAG} letters, digits, spaces and . + & / -")
    return tag


def change_tags(tags: Iterable[str], added: Iterable[str], removed: Iterable[str]) -> tuple[str, ...]:
    """`tags` with those `added` and without those `removed`. Raises ValueError where they become too many."""
    changed = ({*tags} | {*added}) - {*removed}
    if len(changed) > MOST_TAGS:
        raise ValueError(f"a trade has at most {MOST_TAGS} tags")
    return tuple(sorted(changed))


def may_lose(trade: Trade, entries: Iterable[TradeMove], stop: Decimal) -> bool:
    """Whether a trade loses at the stop against its average entry, or against one of its `entries`, after which it may have been moved."""
    prices = [trade.entry_price, *(trade.price_of(one) for one in entries)]
    return any(stop > one if trade.is_short else stop < one for one in prices)


def compute_risk(trade: Trade, stop: Decimal | None) -> Decimal | None:
    """R in the valuation asset: what all that was entered would have lost at the stop, from the average entry.

    None without a stop, and where it is on the winning side of the entry: it limits no loss. Van K. Tharp, "Trade Your Way to
    Financial Freedom", calls it the initial risk.
    """
    if stop is None:
        return None
    with localcontext(UNROUNDED):
        worth = stop * trade.units_at_risk
        risk = worth - trade.entry_value if trade.is_short else trade.entry_value - worth
        return risk if risk > 0 else None
