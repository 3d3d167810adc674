"""External flows: the ledger's entries, what changed in it since the last look, and what each flow was worth.

An entry is never edited. When the exchange tells a flow differently (a pending deposit is credited, a withdrawal
fails), the ledger gets the next revision of the same id, and only the newest revision counts.

A flow takes effect when the balance changed: the exchange's completion time where it gives one, else the moment we
first saw it counted after having seen it pending, else its request time. Coins on their way out stay in NAV, so a
withdrawal is amount plus network fee at its completion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from monitor.exchanges.happenings import FlowKind, FlowRecord, FlowState
from monitor.precision import ZERO, exact
from monitor.valuation import sum_quantities

FlowKey = tuple[FlowKind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One revision of one external flow."""

    id: int | None = None  # None until recorded
    account_id: int
    kind: FlowKind
    exchange_id: str
    revision: int = 1
    state: FlowState
    exchange_status: str = ""
    asset: str
    amount: Decimal
    fee: Decimal = ZERO
    requested_at: datetime
    occurred_at: datetime | None
    first_seen_at: datetime
    raw: dict[str, object] = field(default_factory=dict)

    @property
    def key(self) -> FlowKey:
        """What identifies the flow within its account."""
        return (self.kind, self.exchange_id)

    @property
    def quantity(self) -> Decimal:
        """What the account gained (+) or lost (-), in units of the asset."""
        return -(self.amount + self.fee) if self.kind.is_outgoing else self.amount

    @property
    def second(self) -> datetime:
        """The second it took effect; flows of one second are one flow."""
        assert self.occurred_at is not None  # only counted entries are asked
        return self.occurred_at.replace(microsecond=0)


def revise_ledger(
    account_id: int, known: Mapping[FlowKey, LedgerEntry], records: Iterable[FlowRecord], seen_at: datetime
) -> tuple[LedgerEntry, ...]:
    """The new revisions that `records`, read at `seen_at`, add to the newest `known` entries; none if nothing changed.

    A flow that is missing from `records` changes nothing: only an explicit status takes a flow back.
    """
    entries = (_revise(account_id, known.get((r.kind, r.exchange_id)), r, seen_at) for r in records)
    return tuple(entry for entry in entries if entry is not None)


def _revise(account_id: int, known: LedgerEntry | None, record: FlowRecord, seen_at: datetime) -> LedgerEntry | None:
    entry = LedgerEntry(
        account_id=account_id,
        kind=record.kind,
        exchange_id=record.exchange_id,
        revision=known.revision + 1 if known else 1,
        state=record.state,
        exchange_status=record.exchange_status,
        asset=record.asset,
        amount=record.amount,
        fee=record.fee,
        requested_at=record.requested_at,
        occurred_at=_effect_time(known, record, seen_at),
        first_seen_at=seen_at,
        raw=record.raw,
    )
    return None if known and _same_effect(known, entry) else entry


def _effect_time(known: LedgerEntry | None, record: FlowRecord, seen_at: datetime) -> datetime | None:
    if record.state is not FlowState.COUNTED:
        return None
    if record.completed_at:
        return record.completed_at
    if known is None:
        return record.requested_at
    return known.occurred_at or seen_at


def _same_effect(known: LedgerEntry, entry: LedgerEntry) -> bool:
    told = [(e.state, e.asset, e.amount, e.fee, e.occurred_at) for e in (known, entry)]
    return told[0] == told[1]


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
class Basis:
    """What the account held at its last valued snapshot, and the prices it was valued at."""

    quantities: Mapping[str, Decimal]
    prices: Mapping[str, Decimal]


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
        assets.add(entry.asset)
        needed |= {(asset, minute_of(entry.second)) for asset in assets}
    return needed


@exact
def value_flows(basis: Basis, entries: Iterable[LedgerEntry], prices: MinutePrices) -> tuple[ValuedFlow, ...]:
    """`entries` between two valued snapshots, in time order, each valued at its own minute.

    The account just before a flow is the last snapshot's quantities plus the earlier flows, at the flow's minute
    prices. Flows in one second share the same NAV before them.
    """
    valued: list[ValuedFlow] = []
    quantities = dict(basis.quantities)
    ordered = sorted(entries, key=lambda e: (e.second, e.kind, e.exchange_id))
    for second, group in groupby(ordered, key=lambda e: e.second):
        nav_before, reason = _value_before(quantities, basis.prices, prices, minute_of(second))
        together = list(group)
        valued += [_value_entry(entry, prices, nav_before, reason) for entry in together]
        moved = [(entry.asset, entry.quantity) for entry in together]
        quantities = sum_quantities([*quantities.items(), *moved])
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
    """`flows`, marked as estimated when the next snapshot `found` other quantities than snapshot plus flows give.

    Then something was traded between the snapshots, and whether before or after the flow is not known here.
    """
    flows = tuple(flows)
    moved = [(f.entry.asset, f.entry.quantity) for f in flows]
    left = sum_quantities([*basis.quantities.items(), *moved, *((asset, -q) for asset, q in found.items())])
    traded = sum((abs(q) * prices.get(asset, ZERO) for asset, q in left.items()), ZERO)
    nav = sum((q * prices.get(asset, ZERO) for asset, q in found.items()), ZERO)
    if traded <= nav * TRADED_SHARE:
        return flows
    return tuple(replace(f, reason=f.reason or "quantities also changed by trades near the flow") for f in flows)
