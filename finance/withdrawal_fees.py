"""The fee of a withdrawal, where nothing shows whether it is inside the amount that the exchange lists or on top of it.

Then it is read as the owner's settings say, inside if they say nothing, and the ledger remembers that this was assumed: another
word turns all of them. What once was shown stays, also where the exchange does not show it any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from finance.decimals import exact
from finance.ledger_entries import FlowKey, LedgerEntry
from finance.records import FeePlace, FlowRecord


@exact
def read_fee(listed: Decimal, fee: Decimal) -> tuple[Decimal, FeePlace | None]:
    """What arrives of a `listed` amount, and where its fee was assumed for that: inside.

    Nothing is assumed where there is no fee, or one of more than the amount, which can only be on top.
    """
    return (listed - fee, FeePlace.INSIDE) if 0 < fee <= listed else (listed, None)


def place_fees(
    records: Iterable[FlowRecord], known: Mapping[FlowKey, LedgerEntry], place: FeePlace
) -> tuple[FlowRecord, ...]:
    """`records` with every assumed fee at `place`, or where it was shown when a `known` entry was read."""
    return tuple(_place(record, known.get((record.kind, record.exchange_id)), place) for record in records)


def _place(record: FlowRecord, known: LedgerEntry | None, place: FeePlace) -> FlowRecord:
    if record.assumed_fee is None:
        return record
    readings = {one: _read(record, one) for one in FeePlace}
    if known and known.assumed_fee is None and known.fee == record.fee:
        reported = known.amount if known.told_amount is None else known.told_amount
        for reading in readings.values():
            if reading.amount == reported:
                return replace(reading, assumed_fee=None)
    return readings[place]


def show_fee(record: FlowRecord, place: FeePlace) -> FlowRecord:
    """`record` with its fee at `place`, if it was assumed: that is shown now."""
    return replace(_read(record, place), assumed_fee=None) if record.assumed_fee else record


def _read(record: FlowRecord, place: FeePlace) -> FlowRecord:
    amount = _move(record.amount, record.fee, record.assumed_fee, place)
    return replace(record, amount=amount, assumed_fee=place)


def turn_fee(entry: LedgerEntry, place: FeePlace, seen_at: datetime) -> LedgerEntry:
    """The next revision of an `entry` whose fee was assumed elsewhere than at `place`.

    Where readings prove another amount than the exchange says, both are turned.
    """
    reported = None
    if entry.told_amount is not None and entry.told_fee is not None:
        reported = _move(entry.told_amount, entry.told_fee, entry.assumed_fee, place)
    return replace(
        entry,
        id=None,
        revision=entry.revision + 1,
        amount=_move(entry.amount, entry.fee, entry.assumed_fee, place),
        assumed_fee=place,
        told_amount=reported,
        first_seen_at=seen_at,
        is_manual=entry.is_denied,
    )


@exact
def _move(amount: Decimal, fee: Decimal, source: FeePlace | None, target: FeePlace) -> Decimal:
    """What arrives if the fee was at `target`, given what arrives if it was at `source`; one of more than that stays on top."""
    if source is target or (target is FeePlace.INSIDE and fee > amount):
        return amount
    return amount + fee if target is FeePlace.ON_TOP else amount - fee
