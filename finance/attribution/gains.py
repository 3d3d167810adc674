"""What an hour's price effect and trading have realised: the same changes as the explanation's, against their cost.

For every asset and by every method, with c the cost of what is held,

    price effect + trading  =  gains of what went + change of (quantity x price - c)

whatever values the changes are booked with: a change of d units for v moves the cost by v or gains `change of c - v`, and
the left side is q1 p1 - q0 p0 - sum v. Flows, income, fees, positions and residual are parts of their own, not counted again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext

from finance.attribution.events import Standing
from finance.attribution.explanation import Change, Explanation, Gain, Gains, Part, sum_amounts
from finance.decimals import UNROUNDED, ZERO
from finance.inventory import Inventory, Method
from finance.prices import VALUATION_ASSET

GAINS: Mapping[Part, Gain] = {
    Part.TRADING: Gain.REALISED,
    Part.POSITIONS: Gain.SPENT,
    Part.INCOME: Gain.SPENT,
    Part.FEES: Gain.SPENT,
    Part.FLOWS: Gain.TRANSFERRED,
    Part.RESIDUAL: Gain.UNEXPLAINED,
}


def open_inventories(
    standing: Standing, costs: Mapping[str, Decimal] | None = None, method: Method = Method.AVERAGE
) -> defaultdict[str, Inventory]:
    """What `standing` holds at its `costs`; without them at its value then, by which a history begins."""
    inventories: defaultdict[str, Inventory] = defaultdict(lambda: Inventory(method))
    with localcontext(UNROUNDED):
        worths = standing.list_worths()
        for asset, quantity in standing.quantities.items():
            inventories[asset] = Inventory(method, quantity, _cost(asset, quantity, worths[asset], costs))
    return inventories


def _cost(asset: str, quantity: Decimal, worth: Decimal, costs: Mapping[str, Decimal] | None) -> Decimal:
    if costs is None:
        return worth
    return costs.get(asset, quantity) if asset == VALUATION_ASSET else costs[asset]


def book_changes(
    inventories: defaultdict[str, Inventory], changes: Iterable[Change]
) -> dict[str, defaultdict[Gain, Decimal]]:
    """Book `changes` in their order into `inventories`; returns the gains by asset."""
    gains: defaultdict[str, defaultdict[Gain, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with localcontext(UNROUNDED):
        for change in changes:
            gain = inventories[change.asset].book(change.quantity, change.value)
            gains[change.asset][GAINS[change.part]] += gain
    return gains


def compute_gains(
    explanation: Explanation, before: Standing, after: Standing, costs: Mapping[str, Decimal] | None
) -> Gains:
    """The gains by average cost of the hour that `explanation` explains; `costs` are those of what `before` holds.

    Without `costs` the history begins here, and everything has cost what it was worth then.
    """
    inventories = open_inventories(before, costs)
    with localcontext(UNROUNDED):
        unrealised_before = _worth(before) - _sum_costs(inventories)
        gains = sum_amounts(book_changes(inventories, explanation.changes).values())
        unrealised = _worth(after) - _sum_costs(inventories)
        now = {asset: one.cost for asset, one in inventories.items() if one.quantity and not _is_its_own(asset, one)}
        return Gains(
            amounts={gain: gains.get(gain, ZERO) for gain in Gain},
            unrealised_change=unrealised - unrealised_before,
            unrealised=unrealised,
            costs=now,
            is_carried=now == costs,
        )


def _is_its_own(asset: str, one: Inventory) -> bool:
    """Whether this is the valuation asset, and nobody bought it at another price than its own."""
    return asset == VALUATION_ASSET and one.cost == one.quantity


def _sum_costs(inventories: Mapping[str, Inventory]) -> Decimal:
    return sum((one.cost for one in inventories.values()), ZERO)


def _worth(standing: Standing) -> Decimal:
    return sum(standing.list_worths().values(), ZERO)
