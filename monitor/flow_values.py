"""What each external flow was worth at its own minute, and what the account was worth just before it.

The account just before a flow is what the last valued snapshot held, and everything that happened between the two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from monitor.flows import LedgerEntry
from monitor.precision import ZERO, exact
from monitor.valuation import sum_quantities


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPrice:
    """What one unit of an asset was worth in the valuation asset at a minute."""

    value: Decimal
    route: str
    stale: bool = False  # no trade for more than five minutes before


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedFlow:
    """A counted flow with its value and the account's value just before it, in the valuation asset."""

    entry: LedgerEntry
    price: KnownPrice | None  # None: pending valuation
    value: Decimal | None
    nav_before: Decimal | None
    reason: str = ""  # why the valuation is an estimate, or missing

    @property
    def is_estimated(self) -> bool:
        """Whether a price or quantity behind it was not exact."""
        return bool(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A change of a quantity that is no flow: a leg or a fee of a fill, income, a cost."""

    at: datetime
    asset: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the account held at its last valued snapshot, the prices it was valued at, and what moved since then."""

    quantities: Mapping[str, Decimal]
    prices: Mapping[str, Decimal]
    moves: tuple[Move, ...] = ()  # in time order


MinutePrices = Mapping[tuple[str, datetime], KnownPrice]


def minute_of(moment: datetime) -> datetime:
    """The minute that contains `moment`."""
    return moment.replace(second=0, microsecond=0)


def needed_prices(basis: Basis, entries: Iterable[LedgerEntry]) -> set[tuple[str, datetime]]:
    """Asset and minute of every price that `value_flows` will ask for."""
    entries = sorted(entries, key=lambda e: e.second)
    assets = {*basis.quantities}
    needed = set()
    for entry in entries:
        assets |= {entry.asset, *(move.asset for move in basis.moves if move.at < entry.second)}
        needed |= {(asset, minute_of(entry.second)) for asset in assets}
    return needed


@exact
def value_flows(basis: Basis, entries: Iterable[LedgerEntry], prices: MinutePrices) -> tuple[ValuedFlow, ...]:
    """`entries` between two valued snapshots, in time order, each valued at its own minute.

    The account just before a flow is the last snapshot's quantities plus the moves and flows of earlier seconds, at
    the flow's minute prices. Flows in one second share the same NAV before them.
    """
    valued: list[ValuedFlow] = []
    flowed: list[tuple[str, Decimal]] = []
    ordered = sorted(entries, key=lambda e: (e.second, e.kind, e.exchange_id))
    for second, group in groupby(ordered, key=lambda e: e.second):
        moved = [(move.asset, move.quantity) for move in basis.moves if move.at < second]
        quantities = sum_quantities([*basis.quantities.items(), *flowed, *moved])
        # An airdrop that nobody trades yet is worth nothing.
        fallback = dict.fromkeys((asset for asset, _ in moved), ZERO) | dict(basis.prices)
        nav_before, reason = _value_before(quantities, fallback, prices, minute_of(second))
        together = list(group)
        valued += [_value_entry(entry, prices, nav_before, reason) for entry in together]
        flowed += [(entry.asset, entry.quantity) for entry in together]
    return tuple(valued)


def _value_before(
    quantities: Mapping[str, Decimal], fallback: Mapping[str, Decimal], prices: MinutePrices, minute: datetime
) -> tuple[Decimal | None, str]:
    known = {asset: prices.get((asset, minute)) for asset in quantities}
    unknown = sorted(asset for asset, price in known.items() if price is None and asset not in fallback)
    if unknown:
        return None, f"no price for {', '.join(unknown)} at {minute:%Y-%m-%d %H:%M} UTC"
    guessed = sorted(asset for asset, price in known.items() if price is None or price.stale)
    nav = sum((q * (p.value if (p := known[asset]) else fallback[asset]) for asset, q in quantities.items()), ZERO)
    return nav, f"older price used for {', '.join(guessed)}" if guessed else ""


def _value_entry(entry: LedgerEntry, prices: MinutePrices, nav_before: Decimal | None, reason: str) -> ValuedFlow:
    price = prices.get((entry.asset, minute_of(entry.second)))
    if price is None:
        reason = f"no price for {entry.asset} at {minute_of(entry.second):%Y-%m-%d %H:%M} UTC"
        return ValuedFlow(entry=entry, price=None, value=None, nav_before=nav_before, reason=reason)
    value = entry.quantity * price.value
    return ValuedFlow(entry=entry, price=price, value=value, nav_before=nav_before, reason=reason)


TRADED_SHARE = Decimal("0.001")


@exact
def doubt_quantities(
    basis: Basis, flows: Iterable[ValuedFlow], found: Mapping[str, Decimal], prices: Mapping[str, Decimal]
) -> tuple[ValuedFlow, ...]:
    """`flows`, marked as estimated when the next snapshot `found` other quantities than everything known gives.

    Then something moved between the snapshots, and whether before or after the flow is not known.
    """
    flows = tuple(flows)
    moved = [(f.entry.asset, f.entry.quantity) for f in flows] + [(m.asset, m.quantity) for m in basis.moves]
    left = sum_quantities([*basis.quantities.items(), *moved, *((asset, -q) for asset, q in found.items())])
    traded = sum((abs(q) * prices.get(asset, ZERO) for asset, q in left.items()), ZERO)
    nav = sum((q * prices.get(asset, ZERO) for asset, q in found.items()), ZERO)
    if traded <= nav * TRADED_SHARE:
        return flows
    return tuple(replace(f, reason=f.reason or "quantities also changed near the flow, unexplained") for f in flows)
