"""What explains a change of NAV: its parts, for one hour or for a period, in all and asset by asset.

The parts of an hour are computed in `finance.attribution.hour`; here they are added up. Sums are exact: the context traps
`Inexact`, so a digit that would be lost is an error and never a difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import NamedTuple, TypeVar

from finance.attribution.booking import Booking
from finance.decimals import UNROUNDED, ZERO

K = TypeVar("K", bound=str)


class Part(StrEnum):
    """What a change of NAV, or of a quantity, is made of."""

    PRICE_EFFECT = "price_effect"
    TRADING = "trading"  # in units: what fills brought and took
    POSITIONS = "positions"  # realised and unrealised profit of derivatives
    FLOWS = "flows"
    INCOME = "income"
    FEES = "fees"
    RESIDUAL = "residual"
    EXCHANGED = "exchanged"  # value moved from one asset to another by fills: zero over all assets


PARTS: tuple[Part, ...] = tuple(part for part in Part if part is not Part.EXCHANGED)
Amounts = Mapping[Part, Decimal]


class State(StrEnum):
    """How well a change is explained, from well to badly."""

    EXPLAINED = "explained"
    TOLERANCE = "tolerance"  # but for the last digits that exchanges round
    UNEXPLAINED = "unexplained"


class Change(NamedTuple):
    """A change of one asset's quantity, and the value it is booked with."""

    asset: str
    quantity: Decimal
    value: Decimal
    part: Part
    kind: str = ""
    at: datetime | None = None  # None: the hour itself booked it, of no record
    row: str = ""  # the record: f12 a fill, d4 a flow, i7 income; all legs of a fill and its fee have one
    market: str = ""  # of a fill, with the order that it is of
    order: str = ""


class Gain(StrEnum):
    """By what units went that were worth more, or less, than they had cost."""

    REALISED = "realised"  # sold or exchanged
    SPENT = "spent_gain"  # as a fee, interest or another cost
    TRANSFERRED = "transferred_gain"  # withdrawn, or deposited against a debt
    UNEXPLAINED = "unexplained_gain"  # without a record


@dataclass(frozen=True, slots=True, kw_only=True)
class Gains:
    """An hour's gains in the valuation asset, and what everything held at its end has cost."""

    amounts: Mapping[Gain, Decimal]
    unrealised_change: Decimal
    unrealised: Decimal  # at the hour: values less costs
    costs: Mapping[str, Decimal]  # by asset; the valuation asset is left out where it has cost itself
    is_carried: bool = field(default=False, compare=False)  # whether the costs are those of the hour before


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetExplanation:
    """One asset's share: the change of its quantity by part, and of its value by part. Parts of zero are left out."""

    asset: str
    before: Decimal
    after: Decimal
    price: Decimal  # the closing price
    units: Amounts
    value: Amounts
    events: int = 0  # how many changes are known
    combined: Decimal | None = field(default=None, compare=False)  # of a portfolio: the worth at the end; not stored
    is_stored: bool = field(default=True, compare=False)  # False: only its price moved, which its accounts' rows say

    @property
    def worth(self) -> Decimal:
        """What is held at the end is worth."""
        return UNROUNDED.multiply(self.after, self.price) if self.combined is None else self.combined

    @property
    def residual(self) -> Decimal:
        """Units that no history shows."""
        return self.units.get(Part.RESIDUAL, ZERO)

    @property
    def residual_value(self) -> Decimal:
        """Their value at the closing price."""
        return self.value.get(Part.RESIDUAL, ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The change of NAV between two valued hours, or over several of them."""

    from_hour: datetime
    hour: datetime
    nav_before: Decimal
    nav_after: Decimal
    parts: Amounts
    income: Mapping[str, Decimal] = field(default_factory=dict)  # by kind
    fees: Mapping[str, Decimal] = field(default_factory=dict)
    assets: tuple[AssetExplanation, ...]
    state: State
    through: datetime  # events stamped before this are counted, here or in an earlier hour
    booking: Booking = Booking.CLOSING  # of several hours that of the oldest rule
    cause: str = ""  # the likely one of what is unexplained, and what to do
    gains: Gains | None = None  # what of price effect and trading is realised; None where the hour before has none
    changes: tuple[Change, ...] = field(
        default=(), compare=False, repr=False
    )  # as booked, the residual last; not stored

    @property
    def nav_change(self) -> Decimal:
        """What is explained: the sum of the parts."""
        with localcontext(UNROUNDED):
            return self.nav_after - self.nav_before

    @property
    def missing(self) -> tuple[AssetExplanation, ...]:
        """The assets with a residual, the most valuable first."""
        found = [asset for asset in self.assets if asset.residual]
        return tuple(sorted(found, key=lambda asset: (-abs(asset.residual_value), asset.asset)))

    @property
    def missing_value(self) -> Decimal:
        """How much value came or went unexplained, whichever is more: a forgotten trade is not nothing."""
        with localcontext(UNROUNDED):
            values = [asset.residual_value for asset in self.assets]
            values.append(self.parts[Part.RESIDUAL] - sum(values))  # beyond quantities times prices
            return max(sum((v for v in values if v > 0), ZERO), -sum((v for v in values if v < 0), ZERO))


def add_up(hours: Sequence[Explanation]) -> Explanation:
    """Several hours in a row as one explanation. A gap between two of them would leave its change out."""
    first, last = hours[0], hours[-1]
    with localcontext(UNROUNDED):
        return Explanation(
            from_hour=first.from_hour,
            hour=last.hour,
            nav_before=first.nav_before,
            nav_after=last.nav_after,
            parts=sum_amounts(hour.parts for hour in hours),
            income=sum_amounts(hour.income for hour in hours),
            fees=sum_amounts(hour.fees for hour in hours),
            assets=_add_assets(hours),
            state=max((hour.state for hour in hours), key=list(State).index),
            through=last.through,
            booking=min(hour.booking for hour in hours),
        )


def _add_assets(hours: Iterable[Explanation]) -> tuple[AssetExplanation, ...]:
    totals: dict[str, AssetExplanation] = {}
    for asset in (asset for hour in hours for asset in hour.assets):
        before = totals.get(asset.asset)
        totals[asset.asset] = _add_asset(before, asset) if before else asset
    return tuple(totals[name] for name in sorted(totals))


def _add_asset(total: AssetExplanation, hour: AssetExplanation) -> AssetExplanation:
    return replace(
        hour,
        before=total.before,
        units=sum_amounts((total.units, hour.units)),
        value=sum_amounts((total.value, hour.value)),
        events=total.events + hour.events,
    )


def sum_parts(assets: Iterable[AssetExplanation], nav_change: Decimal) -> tuple[dict[Part, Decimal], Decimal]:
    """What assets' values changed by, by part, with what `nav_change` has beyond them in the residual; and how much that is."""
    with localcontext(UNROUNDED):
        found = sum_amounts(one.value for one in assets)
        parts = {part: found.get(part, ZERO) for part in PARTS}
        beyond = nav_change - sum(parts.values())
        parts[Part.RESIDUAL] += beyond
        return parts, beyond


def sum_kinds(changes: Iterable[Change], part: Part) -> dict[str, Decimal]:
    """What the changes of a part are worth, by kind."""
    totals: dict[str, Decimal] = {}
    with localcontext(UNROUNDED):
        for change in changes:
            if change.part is part:
                totals[change.kind] = totals.get(change.kind, ZERO) + change.value
    return totals


def sum_amounts(amounts: Iterable[Mapping[K, Decimal]]) -> dict[K, Decimal]:
    """Mappings added up by key."""
    totals: dict[K, Decimal] = {}
    with localcontext(UNROUNDED):
        for key, amount in (item for mapping in amounts for item in mapping.items()):
            totals[key] = totals.get(key, ZERO) + amount
    return totals
