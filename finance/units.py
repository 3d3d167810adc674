"""Unitisation: the account divided in units, so that money coming in buys units and moves no price.

    between flows    unit price = NAV / units
    at a flow F      P = NAV just before it / units;  units += F / P

The growth of the unit price is the true time-weighted return (valuation at every flow; GIPS 2020, "large cash
flows"; the same unitisation funds use for their net asset value per share). The unit price starts at 100.

Worked example (100 units at 100; the account rises 10 %, then 5,500 comes in, then it falls 20 %):
NAV 10,000 -> 11,000, P = 110; 5,500 buys 50 units; NAV 16,500 -> 13,200, P = 13,200 / 150 = 88.
The return is -12 % = 1.10 x 0.80 - 1, whatever the flow's size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from finance.decimals import ONE, ZERO, exact, stored

FIRST_UNIT_PRICE = Decimal(100)
SMALLEST_NAV = ONE  # below one unit of the valuation asset an account is empty
DUST_SHARE = Decimal("0.0001")  # as is what is left of a far larger one


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """Units and what they cost, after the last event."""

    units: Decimal = ZERO  # 0: nothing invested, the unit price is frozen
    unit_price: Decimal = FIRST_UNIT_PRICE
    invested: Decimal = ZERO  # sum of external flows
    peak_nav: Decimal = ZERO
    episode: int = 0  # counts up each time an empty account is worth something again
    losses: int = 0  # how often everything was lost

    @property
    def is_invested(self) -> bool:
        """Whether there are units."""
        return self.units > 0


def is_dust(nav: Decimal, peak_nav: Decimal) -> bool:
    """Whether `nav` is too little to carry a track record: under 1, or under a ten-thousandth of the largest NAV."""
    return nav < max(SMALLEST_NAV, peak_nav * DUST_SHARE)


@exact
def apply_flow(state: UnitState, value: Decimal, nav_before: Decimal) -> UnitState:
    """`state` after an external flow of `value` (+ in, - out) into an account worth `nav_before` just before it.

    The unit price is that of `nav_before`, untouched by the flow. A flow that empties the account ends the episode
    and freezes the price; one that funds an empty account starts the next episode at the frozen price.
    """
    state = mark(state, nav_before)
    nav_after = nav_before + value
    state = replace(state, invested=state.invested + value, peak_nav=max(state.peak_nav, nav_after))
    if not state.is_invested:
        return _begin_episode(state, nav_after) if value > 0 else state
    if is_dust(nav_after, state.peak_nav):
        return replace(state, units=ZERO)
    return replace(state, units=state.units + stored(value * state.units / nav_before))


def _begin_episode(state: UnitState, nav: Decimal) -> UnitState:
    if is_dust(nav, ZERO):
        return state
    # After a total loss the chain stays at -100 %; the next episode can only start afresh.
    price = state.unit_price if state.unit_price > 0 else FIRST_UNIT_PRICE
    return replace(state, units=stored(nav / price), unit_price=price, episode=state.episode + 1, peak_nav=nav)


@exact
def mark(state: UnitState, nav: Decimal) -> UnitState:
    """`state` with the unit price of an account worth `nav`; a loss of everything (nav <= 0) ends at price 0."""
    if not state.is_invested:
        return state
    if nav <= 0:
        return replace(state, units=ZERO, unit_price=ZERO, losses=state.losses + 1)
    return replace(state, unit_price=stored(nav / state.units), peak_nav=max(state.peak_nav, nav))


@exact
def observe(state: UnitState, nav: Decimal) -> UnitState:
    """`state` after a reading that found `nav`.

    An account that had nothing and is worth something again without a flow (prices rose above its debt, an airdrop)
    begins an episode; what it gained is its own, nobody paid it in.
    """
    state = mark(state, nav)
    if state.is_invested or is_dust(nav, state.peak_nav):
        return state
    return _begin_episode(state, nav)


@exact
def share_units(before: UnitState, after: UnitState, values: Sequence[Decimal]) -> list[Decimal]:
    """The units that each of the flows of one moment bought or redeemed; they add up to what all of them did.

    The last one has what rounding leaves, and what of a deposit only filled a debt.
    """
    price = after.unit_price
    units = [stored(value / price) if price > 0 else ZERO for value in values[:-1]]
    return [*units, after.units - before.units - sum(units, ZERO)]
