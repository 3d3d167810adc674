"""What the coins held at an account's first hour had cost before: their value then, or what their owner says."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from finance.attribution.events import Standing
from finance.decimals import UNROUNDED, ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The owner's word about a coin: so many units had cost so much each."""

    price: Decimal  # in the valuation asset
    quantity: Decimal | None = None  # None: all that was held


def begin_costs(start: Standing, stated: Mapping[str, Basis]) -> dict[str, Decimal]:
    """The cost of all that `start` holds, by asset: at its value then but for the units whose cost is stated.

    What is owed has cost what it was worth: nobody states it.
    """
    with localcontext(UNROUNDED):
        return {
            asset: _begin_cost(quantity, start.prices[asset], stated.get(asset))
            for asset, quantity in start.quantities.items()
        }


def _begin_cost(held: Decimal, price: Decimal, stated: Basis | None) -> Decimal:
    if stated is None or held <= ZERO:
        return held * price
    known = held if stated.quantity is None else min(stated.quantity, held)
    return known * stated.price + (held - known) * price
