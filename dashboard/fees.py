"""Fees added up by what they were for, where, when and in which coin. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboard.history.fees import FeeSum
from finance.decimals import total

EXPLAINED = (
    "MAKER",
    "TAKER",
    "TRADING",
    "CONVERSION",
    "LIQUIDATION",
    "INTEREST",
    "TRANSFER",
)  # of which the fees in Explain are the sum


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeGroup:
    """Fees of one kind."""

    name: str
    fees: int
    value: Decimal
    quantity: Decimal | None  # of one coin; None of several
    unpriced: int


def add_fees(sums: Iterable[FeeSum], by: Callable[[FeeSum], str], *, is_of_coin: bool = False) -> list[FeeGroup]:
    """The fees in groups, in the order of their names."""
    found: defaultdict[str, list[FeeSum]] = defaultdict(list)
    for one in sums:
        found[by(one)].append(one)
    return [
        FeeGroup(
            name=name,
            fees=sum(one.fees for one in group),
            value=total(one.value for one in group),
            quantity=total(one.quantity for one in group) if is_of_coin else None,
            unpriced=sum(one.unpriced for one in group),
        )
        for name, group in sorted(found.items())
    ]


def pick_explained(sums: Sequence[FeeSum]) -> list[FeeSum]:
    """Those that are fees in Explain: funding is income there, and network fees are part of what was withdrawn, unless it went to
    another account of the portfolio that is shown."""
    return [one for one in sums if one.type in EXPLAINED]
