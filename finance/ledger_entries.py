"""External flows: the ledger's entries, and what changed in it since the last look.

An entry is never edited. When the exchange reports a flow differently (a pending deposit is credited, a withdrawal
fails), the ledger gets the next revision of the same id, and only the newest revision counts. The owner's word (what a
flow is, or that it is none) is a revision too; the exchange may change amounts and states after it, never the word.

A flow takes effect when the balance changed: the exchange's completion time where it gives one, else the moment just
before we saw it counted after having seen it pending, else its request time, or the last complete look if that had not
shown it yet. What was counted and is taken back later (a deposit that the exchange reverses) was in the balances
meanwhile: it stays, and the same amount goes the other way when that is first seen. Where readings prove the exchange's
word wrong, what they prove counts while it says the same (`monitor/performance/proven_flows.py`,
`proven_amounts.py`). Coins on their way out stay in NAV, so a withdrawal is amount plus network fee at its completion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from finance.decimals import ZERO
from finance.moments import SECOND
from finance.records import FeePlace, FlowKind, FlowRecord, FlowState

FlowKey = tuple[FlowKind, str]
TAKEN_BACK = " taken back"  # how the id of a flow ends that undoes another one
# The status of what the owner added once the exchange reports it. Stored, so the words stay.
REPORTED_BY_EXCHANGE = "told by the exchange"
# How a reference begins that is the owner's word on which two flows are one transfer, or that one is none. Stored.
OWNERS_REFERENCE = "your word: "
PAIRS = (
    (FlowKind.DEPOSIT, FlowKind.WITHDRAWAL),
    (FlowKind.FIAT_DEPOSIT, FlowKind.FIAT_WITHDRAWAL),
    (FlowKind.CARD_PURCHASE, FlowKind.CARD_SALE),
    (FlowKind.P2P_PURCHASE, FlowKind.P2P_SALE),
    (FlowKind.PAY_RECEIVED, FlowKind.PAY_SENT),
    (FlowKind.TRANSFER_IN, FlowKind.TRANSFER_OUT),
)
KIND_NAMES = {
    "p2p_purchase": "P2P purchase",
    "p2p_sale": "P2P sale",
    "pay_received": "payment received",
    "pay_sent": "payment sent",
    "manual_in": "deposit added by you",
    "manual_out": "withdrawal added by you",
    "unverified_in": "unverified deposit",
    "unverified_out": "unverified withdrawal",
}
OPPOSITE = dict(PAIRS) | {out: into for into, out in PAIRS}


class Treatment(StrEnum):
    """What the owner says an entry of the ledger is."""

    FLOW = "flow"
    INCOME = "income"  # a gain or cost: part of the performance
    INTERNAL = "internal"  # moved between the owner's own places: neither flow nor gain


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
    treatment: Treatment = Treatment.FLOW
    is_manual: bool = False  # this revision is the owner's word, not the exchange's
    note: str = ""
    reference: str = ""  # what both ends of a transfer share
    network: str = ""  # over which it went, as the exchange calls it
    address: str = ""  # where it went; empty also of what was recorded before addresses were
    raw: dict[str, object] = field(default_factory=dict)
    told_at: datetime | None = None  # what the exchange says, where readings prove another time ...
    told_amount: Decimal | None = None  # ... or another amount
    told_fee: Decimal | None = None
    assumed_fee: FeePlace | None = None  # where the fee was assumed in what the exchange lists, if nothing showed it
    deferred_from: datetime | None = None  # when it came or went, if nothing priced it then: it counts later

    @property
    def is_counted(self) -> bool:
        """Whether it is an external flow that took effect."""
        return self.state is FlowState.COUNTED and self.treatment is Treatment.FLOW

    @property
    def is_denied(self) -> bool:
        """Whether the owner says that it never happened."""
        return self.is_manual and self.state is FlowState.VOID

    @property
    def is_paired_by_owner(self) -> bool:
        """Whether the owner says which transfer it is part of, or that it is part of none."""
        return self.reference.startswith(OWNERS_REFERENCE)

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
    account_id: int,
    known: Mapping[FlowKey, LedgerEntry],
    records: Iterable[FlowRecord],
    seen_at: datetime,
    last_looks: Mapping[FlowKind, datetime] | None = None,
) -> tuple[LedgerEntry, ...]:
    """The new revisions that `records`, read at `seen_at`, add to the newest `known` entries; none if nothing changed.

    `last_looks` says up to when each kind had been read completely before. A flow that is missing from `records`
    changes nothing: only an explicit status takes a flow back.
    """
    looks, entries = last_looks or {}, []
    for record in records:
        old, undoing = (known.get(key) for key in list_keys([record]))
        if old and old.state is FlowState.COUNTED:
            entries.append(_take_back(old, undoing, record, seen_at))
        if not old or old.state is not FlowState.COUNTED or record.state is FlowState.COUNTED:
            entries.append(_revise(account_id, old, record, seen_at, looks.get(record.kind)))
    return tuple(entry for entry in entries if entry is not None)


def list_keys(records: Iterable[FlowRecord]) -> list[FlowKey]:
    """The key of each of `records`, and that of the flow which undoes it."""
    return [
        key
        for r in records
        for key in ((r.kind, r.exchange_id), (OPPOSITE.get(r.kind, r.kind), r.exchange_id + TAKEN_BACK))
    ]


def _take_back(
    old: LedgerEntry, undoing: LedgerEntry | None, record: FlowRecord, seen_at: datetime
) -> LedgerEntry | None:
    """The flow that undoes `old` if it counts no longer, and that it never was if it counts all the same."""
    state = FlowState.VOID if record.state is FlowState.COUNTED else FlowState.COUNTED
    if (undoing is None and state is FlowState.VOID) or (undoing and (undoing.state is state or undoing.is_manual)):
        return None
    first = replace(
        old,
        kind=OPPOSITE[old.kind],
        exchange_id=old.exchange_id + TAKEN_BACK,
        revision=0,
        amount=abs(old.quantity),
        fee=ZERO,
        assumed_fee=None,
        requested_at=seen_at,
        is_manual=False,
        reference="",
        network="",
        address="",
    )
    entry = undoing or first
    return replace(
        entry,
        id=None,
        revision=entry.revision + 1,
        state=state,
        exchange_status=record.exchange_status,
        occurred_at=seen_at - SECOND if state is FlowState.COUNTED else None,
        first_seen_at=seen_at,
    )


def _revise(
    account_id: int, known: LedgerEntry | None, record: FlowRecord, seen_at: datetime, last_look: datetime | None
) -> LedgerEntry | None:
    is_denied = known is not None and known.is_denied
    entry = LedgerEntry(
        account_id=account_id,
        kind=record.kind,
        exchange_id=record.exchange_id,
        revision=known.revision + 1 if known else 1,
        state=FlowState.VOID if is_denied else record.state,
        exchange_status=record.exchange_status,
        asset=record.asset,
        amount=record.amount,
        fee=record.fee,
        assumed_fee=record.assumed_fee,
        requested_at=record.requested_at,
        occurred_at=None if is_denied else _effect_time(known, record, seen_at, last_look),
        first_seen_at=seen_at,
        treatment=known.treatment if known else Treatment.FLOW,
        is_manual=is_denied,
        note=known.note if known else "",
        reference=known.reference if known and known.is_paired_by_owner else record.reference,
        network=record.network,
        address=record.address,
        raw=record.raw,
    )
    entry = _keep_proven(known, entry) if known else entry
    return None if known and _is_reported_alike(known, entry) else entry


def _keep_proven(known: LedgerEntry, entry: LedgerEntry) -> LedgerEntry:
    """`entry` with what readings proved of the flow, where the exchange says what it said then."""
    if known.told_at and entry.occurred_at in (known.told_at, known.occurred_at):
        entry = replace(entry, occurred_at=known.occurred_at, told_at=known.told_at)
    if known.told_amount is not None and (entry.amount, entry.fee) == (known.told_amount, known.told_fee):
        amount, fee = known.told_amount, known.told_fee
        entry = replace(entry, amount=known.amount, fee=known.fee, told_amount=amount, told_fee=fee)
    return entry


def _effect_time(
    known: LedgerEntry | None, record: FlowRecord, seen_at: datetime, last_look: datetime | None
) -> datetime | None:
    if record.state is not FlowState.COUNTED:
        return None
    if record.completed_at:
        return record.completed_at
    if known is None:
        return max(record.requested_at, last_look or record.requested_at)
    return known.occurred_at or max(record.requested_at, seen_at - SECOND)


def _is_reported_alike(known: LedgerEntry, entry: LedgerEntry) -> bool:
    """Whether the exchange says nothing new: for a flow that the owner denies its status is what can be new."""
    reported = [
        (e.asset, e.amount, e.fee, e.assumed_fee, e.exchange_status if known.is_denied else (e.state, e.occurred_at))
        for e in (known, entry)
    ]
    return reported[0] == reported[1] and (bool(known.reference) or not entry.reference)


def name_kind(kind: str) -> str:
    """A kind of flow in words: "deposit", "deposit added by you"."""
    return KIND_NAMES.get(kind) or kind.replace("_", " ")


def name_entry(entry: LedgerEntry) -> str:
    """A flow in words: deposit of 0.5 BTC at 2026-03-01 10:40 UTC."""
    at = entry.occurred_at or entry.requested_at
    return f"{name_kind(entry.kind)} of {entry.amount:f} {entry.asset} at {at:%Y-%m-%d %H:%M} UTC"
