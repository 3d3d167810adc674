"""What closed trades paid by type, and how much of them was traded as a maker and as a taker."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from finance.decimals import total
from finance.trade_metrics.closed import ClosedTrade

PAID, TRADED, NOT_SAID = "paid", "traded", ""


class Cost(NamedTuple):
    """What one trade of an account, by its label, paid of a type, or traded as a maker or a taker; in the valuation asset."""

    account: str
    trade: str
    what: str  # PAID or TRADED
    kind: str  # the type of a fee, interest or funding; maker, taker or NOT_SAID
    value: Decimal


Costs = Mapping[
    tuple[str, str], Mapping[tuple[str, str], Decimal]
]  # by account and trade, and of these by what and kind


class CostSums(NamedTuple):
    """Of closed trades together; amounts in the valuation asset."""

    fees: Mapping[str, Decimal]  # and interest and funding, by type; what was got is negative
    maker: Decimal
    taker: Decimal
    not_said: Decimal  # what was traded of which the exchange does not say as which


def collect_costs(found: Iterable[Cost]) -> Costs:
    """All of them by the trade whose they are."""
    amounts: defaultdict[tuple[str, str], dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for one in found:
        amounts[one.account, one.trade][one.what, one.kind] = one.value
    return amounts


def add_costs(costs: Costs, trades: Iterable[ClosedTrade]) -> CostSums:
    """Those of some trades."""
    sums: defaultdict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for one in trades:
        for kind, value in costs.get((one.account, one.id), {}).items():
            sums[kind].append(value)
    return CostSums(
        {kind: total(values) for (what, kind), values in sorted(sums.items()) if what == PAID},
        *(total(sums[TRADED, kind]) for kind in ("maker", "taker", NOT_SAID)),
    )
