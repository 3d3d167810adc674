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
from finance.attribution.explanation import Change, Gain, Gains, Part
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


class HourlyGains:
    """The gains of a history by average cost, hour after hour, of `inventories` that others book."""

    def __init__(
        self, inventories: defaultdict[str, Inventory], start: Standing, costs: Mapping[str, Decimal] | None = None
    ) -> None:
        """`inventories` are those of `start`. Its `costs` are as the hour before has them; None: no hour has any."""
        self.inventories = inventories
        self._costs = costs
        self._unrealised = self._value(start)

    def end_hour(self, gained: Mapping[Gain, Decimal], after: Standing) -> Gains:
        """Those of the hour that ends with `after`, in which what went has `gained`. What is held no more is forgotten."""
        held = {asset: one for asset, one in self.inventories.items() if one.quantity}
        for asset in self.inventories.keys() - held.keys():
            del self.inventories[asset]
        costs = {asset: one.cost for asset, one in held.items() if not _is_its_own(asset, one)}
        unrealised, is_carried = self._value(after), costs == self._costs
        gains = Gains(
            amounts={gain: gained.get(gain, ZERO) for gain in Gain},
            unrealised_change=UNROUNDED.subtract(unrealised, self._unrealised),
            unrealised=unrealised,
            costs=costs,
            is_carried=is_carried,
        )
        self._costs, self._unrealised = costs, unrealised
        return gains

    def _value(self, standing: Standing) -> Decimal:
        """How much more all that is held is worth than it has cost."""
        with localcontext(UNROUNDED):
            worth = sum(standing.list_worths().values(), ZERO)
            return worth - sum((one.cost for one in self.inventories.values()), ZERO)


def _is_its_own(asset: str, one: Inventory) -> bool:
    """Whether this is the valuation asset, and nobody bought it at another price than its own."""
    return asset == VALUATION_ASSET and one.cost == one.quantity
