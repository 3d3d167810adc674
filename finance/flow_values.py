"""What each external flow was worth at its own minute, and what the account was worth just before it.

The account just before a flow is what its wallets held at the last valued snapshot (without the profit of open
positions), everything that happened since then, and the positions that were open at that moment, marked at its minute.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from finance.decimals import ZERO, exact
from finance.exposure import Exposure, Mark, Profit, list_assets, list_open, value_open
from finance.ledger_entries import LedgerEntry
from finance.moments import minute_of
from finance.units import is_dust
from finance.valuation import sum_quantities

MARK, AT = "mark ", " at "  # the name of a contract's mark price: "mark BTCUSDT at binance"; no asset's has a space


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationPrice:
    """What one unit of an asset was worth in the valuation asset at a minute."""

    value: Decimal
    route: str
    stale: bool = False  # no trade for more than five minutes before


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedFlow:
    """A counted flow with its value and the account's value just before it, in the valuation asset."""

    entry: LedgerEntry
    price: ValuationPrice | None  # None: pending valuation
    value: Decimal | None
    nav_before: Decimal | None
    reason: str = ""  # why the valuation is an estimate, or missing
    unsized: tuple[str, ...] = ()  # contracts whose size at that moment is not known yet
    counts_from: datetime | None = None  # the moment of the row it is not part of, where that is later than its own

    @property
    def at(self) -> datetime | None:
        """When it takes effect by the clock of the account's rows."""
        return self.counts_from or self.entry.occurred_at

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

    quantities: Mapping[str, Decimal]  # without the profit of open positions
    prices: Mapping[str, Decimal]
    profits: Mapping[str, Decimal] = field(default_factory=dict)  # of open positions, in units
    moves: tuple[Move, ...] = ()  # in time order
    exposures: tuple[Exposure, ...] = ()  # what was open until the next snapshot

    @property
    def worth(self) -> Decimal:
        """What it was valued at."""
        return _value((*self.quantities.items(), *self.profits.items()), self.prices)


def without_uncounted(basis: Basis, uncounted: Iterable[tuple[str, Decimal]]) -> Basis:
    """`basis` without what came by flows that do not count yet."""
    left = [*basis.quantities.items(), *((asset, -quantity) for asset, quantity in uncounted)]
    return replace(basis, quantities=sum_quantities(left))


MinutePrices = Mapping[tuple[str, datetime], ValuationPrice]


def name_mark(contract: str, exchange: str) -> str:
    """The name under which the mark price of an exchange's contract is known, beside the names of assets."""
    return f"{MARK}{contract}{AT}{exchange}"


def read_mark(name: str) -> tuple[str, str]:
    """The contract and the exchange that a name is of; both empty for that of an asset."""
    contract, _, exchange = name.removeprefix(MARK).partition(AT)
    return (contract, exchange) if name.startswith(MARK) else ("", "")


def needed_prices(basis: Basis, entries: Iterable[LedgerEntry]) -> set[tuple[str, datetime]]:
    """Asset, or contract to be marked, and minute of every price that `value_flows` will ask for."""
    entries = sorted(entries, key=lambda e: e.second)
    assets = {*basis.quantities}.union(*(list_assets(exposure) for exposure in basis.exposures))
    needed = set()
    for entry in entries:
        assets |= {entry.asset, *(move.asset for move in basis.moves if move.at < entry.second)}
        contracts = {
            name_mark(name, exposure.exchange)
            for exposure in basis.exposures
            for name in list_open(exposure, entry.second)
        }
        needed |= {(name, minute_of(entry.second)) for name in assets | contracts}
    return needed


@exact
def value_flows(basis: Basis, entries: Iterable[LedgerEntry], prices: MinutePrices) -> tuple[ValuedFlow, ...]:
    """`entries` between two valued snapshots, in time order, each valued at its own minute.

    The account just before a flow is the last snapshot's quantities plus the moves and flows of earlier seconds, and
    what was unrealised then, at the flow's minute prices. Flows in one second share the same NAV before them.
    """
    valued: list[ValuedFlow] = []
    flowed: list[tuple[str, Decimal]] = []
    ordered = sorted(entries, key=lambda e: (e.second, e.kind, e.exchange_id))
    for second, group in groupby(ordered, key=lambda e: e.second):
        moved = [(move.asset, move.quantity) for move in basis.moves if move.at < second]
        profits = [profit for exposure in basis.exposures for profit in _value_exposure(exposure, second, prices)]
        unrealised = [(profit.asset, profit.amount) for profit in profits]
        quantities = sum_quantities([*basis.quantities.items(), *flowed, *moved, *unrealised])
        # An airdrop that nobody trades yet is worth nothing.
        fallback = dict.fromkeys((asset for asset, _ in (*moved, *unrealised)), ZERO) | dict(basis.prices)
        nav_before, reason = _value_before(
            _without_unpriced(quantities, basis, prices, second), fallback, prices, minute_of(second)
        )
        reason = "; ".join(dict.fromkeys(filter(None, (reason, *(profit.reason for profit in profits)))))
        unsized = tuple(profit.unsized for profit in profits if profit.unsized)
        together = list(group)
        valued += [_value_entry(entry, prices, nav_before, reason, unsized) for entry in together]
        # What nothing prices does not count yet.
        flowed += [(entry.asset, entry.quantity) for entry in together if _key(entry) in prices]
    return tuple(valued)


def _value_exposure(exposure: Exposure, second: datetime, prices: MinutePrices) -> tuple[Profit, ...]:
    minute, exchange = minute_of(second), exposure.exchange
    found = {name: prices.get((name_mark(name, exchange), minute)) for name in list_open(exposure, second)}
    marks = {name: Mark(value=price.value, is_old=price.stale) for name, price in found.items() if price}
    return value_open(exposure, second, marks)


def _value(parts: Iterable[tuple[str, Decimal]], prices: Mapping[str, Decimal]) -> Decimal:
    return sum((quantity * prices.get(asset, ZERO) for asset, quantity in parts), ZERO)


def _without_unpriced(
    quantities: Mapping[str, Decimal], basis: Basis, prices: MinutePrices, second: datetime
) -> dict[str, Decimal]:
    """Without what counted as nothing at the snapshot and has no price at the flow's minute either: no guess is needed."""
    return {
        asset: quantity
        for asset, quantity in quantities.items()
        if basis.prices.get(asset) != 0 or (asset, minute_of(second)) in prices
    }


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


def _key(entry: LedgerEntry) -> tuple[str, datetime]:
    return (entry.asset, minute_of(entry.second))


def _value_entry(
    entry: LedgerEntry, prices: MinutePrices, nav_before: Decimal | None, reason: str, unsized: tuple[str, ...]
) -> ValuedFlow:
    price = prices.get(_key(entry))
    if price is None:
        reason = f"no price for {entry.asset} at {minute_of(entry.second):%Y-%m-%d %H:%M} UTC"
    elif entry.deferred_from:
        came = f"{entry.deferred_from:%Y-%m-%d %H:%M} UTC, when nothing priced {entry.asset}"
        reason = f"moved at {came}: it counts from its first price on"
    return ValuedFlow(
        entry=entry,
        price=price,
        value=entry.quantity * price.value if price else None,
        nav_before=nav_before,
        reason=reason,
        unsized=unsized,
    )


TRADED_SHARE = Decimal("0.001")
SPARED = "; by that nothing would be left, so the last known value is used"


@exact
def value_interval(
    held: Basis, found: Basis, entries: Iterable[LedgerEntry], prices: MinutePrices
) -> tuple[ValuedFlow, ...]:
    """`value_flows` between what was `held` at one snapshot and `found` by the next one.

    Where that is not what everything known gives, something moved, and whether before or after a flow is not known.
    """
    valued = value_flows(held, entries, prices)
    return _spare(held.worth, _doubt_quantities(held, valued, found))


def _doubt_quantities(held: Basis, flows: Sequence[ValuedFlow], found: Basis) -> Sequence[ValuedFlow]:
    moved = [(f.entry.asset, f.entry.quantity) for f in flows] + [(m.asset, m.quantity) for m in held.moves]
    left = sum_quantities(
        [*held.quantities.items(), *moved, *((asset, -quantity) for asset, quantity in found.quantities.items())]
    )
    traded = sum((abs(quantity) * found.prices.get(asset, ZERO) for asset, quantity in left.items()), ZERO)
    if traded <= abs(found.worth) * TRADED_SHARE:
        return flows
    return [replace(f, reason=f.reason or "quantities also changed near the flow, unexplained") for f in flows]


def _spare(worth: Decimal, flows: Iterable[ValuedFlow]) -> tuple[ValuedFlow, ...]:
    """`flows`, where an estimate that comes to nothing gives way to what was last known: no total loss is guessed."""
    spared: list[ValuedFlow] = []
    for flow in flows:
        earlier = (f.value for f in spared if f.value is not None and f.entry.second < flow.entry.second)
        known = worth + sum(earlier, ZERO)
        spared.append(
            replace(flow, nav_before=known, reason=f"{flow.reason}{SPARED}") if _is_lost(flow, known) else flow
        )
    return tuple(spared)


def _is_lost(flow: ValuedFlow, known: Decimal) -> bool:
    return (
        bool(flow.reason)
        and flow.nav_before is not None
        and is_dust(flow.nav_before, known)
        and not is_dust(known, ZERO)
    )
