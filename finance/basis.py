"""What the coins held at an account's first hour had cost before: their value then, what older records prove, or what their
owner says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import NamedTuple

from finance.attribution.events import Event, Standing
from finance.decimals import ONE, UNROUNDED, ZERO, plain
from finance.inventory import Inventory, take_share
from finance.prices import VALUATION_ASSET
from finance.records import FillRecord


class BasisSource(StrEnum):
    """Who says what coins had cost."""

    OWNER = "owner"
    RECORDS = "records"  # trades and transfers of before, back to where nothing was held


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """A word about a coin: so many units had cost so much each."""

    price: Decimal  # in the valuation asset
    quantity: Decimal | None = None  # None: all that was held
    source: BasisSource = BasisSource.OWNER


class Acquired(NamedTuple):
    """What older records prove that a coin had cost."""

    price: Decimal  # of one unit, to 18 decimals
    records: int
    since: datetime  # the first of them: nothing was held before


class Moved(NamedTuple):
    """Units that came or went before the first hour, and what was paid or got for them; None where it is not known."""

    at: datetime
    quantity: Decimal
    value: Decimal | None


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


def prove_cost(asset: str, held: Decimal, events: Iterable[Event]) -> Acquired | str:
    """The average cost of what was `held` of a coin, out of every record of before in time order; else why they prove none.

    They do where they come to exactly what was held, so that nothing was there before them, and all that came was bought
    for the valuation asset.
    """
    records = [found for event in events if (found := list(_list_moved(asset, event)))]
    moved = [one for found in records for one in found]
    inventory = Inventory()
    with localcontext(UNROUNDED):
        if not moved:
            return "no record of it is older"
        if missing := held - sum((one.quantity for one in moved), ZERO):
            return f"older records come to {plain(abs(missing))} {'less' if missing > 0 else 'more'} than was held"
        for one in moved:
            if one.quantity > 0 and one.value is None:
                return f"nobody knows what {plain(one.quantity)} that came {one.at:%Y-%m-%d %H:%M} UTC had cost"
            if inventory.quantity + one.quantity < 0:
                return f"more went {one.at:%Y-%m-%d %H:%M} UTC than older records had brought"
            inventory.book(one.quantity, one.value or ZERO)
    return Acquired(take_share(inventory.cost, ONE, held), len(records), moved[0].at)


def _list_moved(asset: str, event: Event) -> Iterator[Moved]:
    if not isinstance(event, FillRecord):
        if event.asset == asset:
            yield Moved(event.occurred_at, event.quantity, None)
        return
    paid = -event.quote_quantity if event.quote_asset == VALUATION_ASSET else None
    legs = ((event.base_asset, event.base_quantity, paid), (event.quote_asset, event.quote_quantity, None))
    fee = (event.fee_asset, -event.fee, None)
    yield from (
        Moved(event.occurred_at, units, value) for name, units, value in (*legs, fee) if name == asset and units
    )
