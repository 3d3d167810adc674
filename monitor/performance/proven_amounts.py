"""Another amount of a flow that counted: it counts where the balances of the flow's hour fit it better than the one before.

Else that one stays, and the ledger keeps what the exchange says beside it. Flows of one asset in one hour are judged
together: two wrong amounts partly cancel, or one and a flow that is shown late, and each correction alone would look
worse. What stayed is judged again at each reading that reports the flow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from finance.decimals import ZERO, exact
from finance.ledger_entries import FlowKey, LedgerEntry
from monitor.performance.store.explanations import Residual, load_residual
from sql.rows import Db

MOST_TOGETHER = 8  # corrections of which every combination is looked at: 256
Ledger = Mapping[FlowKey, LedgerEntry]


@dataclass(frozen=True, slots=True)
class Correction:
    """A flow that counts as `old`, and the `new` revision with the amount that the exchange says now."""

    old: LedgerEntry
    new: LedgerEntry
    is_repeated: bool = False  # the balances did not fit it before, and the exchange says nothing else since

    @property
    def units(self) -> Decimal:
        """What the flow moves more with it."""
        return _measure(self.old, self.new)

    def decide(self, is_right: bool) -> LedgerEntry | None:
        """The revision to be recorded: with the new amount, or the amount so far; None if nothing is new."""
        if is_right or self.is_repeated:
            return self.new if is_right else None
        amount, fee = self.new.amount, self.new.fee
        return replace(self.new, amount=self.old.amount, fee=self.old.fee, told_amount=amount, told_fee=fee)


def keep_proven_amounts(
    db: Db, account_id: int, known: Ledger, entries: Sequence[LedgerEntry], now: datetime
) -> tuple[LedgerEntry, ...]:
    """`entries` to be recorded, where the amount of a flow that counted before stays if its hour's balances fit no other.

    Also revisions, seen `now`, of `known` flows whose amounts stayed so far, where the balances fit the exchange's by now.
    """
    hours: dict[tuple[str, Residual], list[Correction]] = {}
    for correction in _list_corrections(known, entries, now):
        asset = correction.old.asset
        if residual := load_residual(db, account_id, correction.old.second, asset):
            hours.setdefault((asset, residual), []).append(correction)
    judged = {key: entry for (_, hour), some in hours.items() for key, entry in _judge(known, entries, hour, some)}
    read = {entry.key for entry in entries}
    added = (entry for key, entry in judged.items() if key not in read)
    return (*(judged.get(entry.key, entry) for entry in entries), *added)


def _list_corrections(known: Ledger, entries: Iterable[LedgerEntry], now: datetime) -> Iterator[Correction]:
    """Those of the exchange's records, and those that stayed without effect so far."""
    read = set()
    for new in entries:
        read.add(new.key)
        old = known.get(new.key)
        if old and _is_corrected(old, new):
            yield Correction(old, new)
    for old in known.values():
        if old.told_amount is None or old.told_fee is None or old.key in read or old.is_manual or not old.is_counted:
            continue
        new = replace(
            old, id=None, revision=old.revision + 1, first_seen_at=now, amount=old.told_amount, fee=old.told_fee
        )
        yield Correction(old, replace(new, told_amount=None, told_fee=None), is_repeated=True)


def _is_corrected(old: LedgerEntry, new: LedgerEntry) -> bool:
    is_flow = old.is_counted and new.is_counted and new.asset == old.asset and not new.is_manual
    return is_flow and new.quantity != old.quantity


@exact
def _judge(
    known: Ledger, entries: Iterable[LedgerEntry], hour: Residual, corrections: Sequence[Correction]
) -> list[tuple[FlowKey, LedgerEntry]]:
    """The revisions that come of `corrections` of an asset in an hour, of which other `entries` explain a part by now."""
    asset, corrected = corrections[0].old.asset, {correction.new.key for correction in corrections}
    others = [(known.get(entry.key), entry) for entry in entries if entry.key not in corrected and entry.asset == asset]
    explained_units = sum((_measure(*pair) for pair in others if _is_within(hour, *pair)), ZERO)
    right = choose_corrections(hour.units - explained_units, [correction.units for correction in corrections])
    decided = [correction.decide(number in right) for number, correction in enumerate(corrections)]
    return [(entry.key, entry) for entry in decided if entry]


def _is_within(hour: Residual, old: LedgerEntry | None, new: LedgerEntry) -> bool:
    """Whether what a revision changes is of the hour."""
    counted = [entry for entry in (old, new) if entry and entry.is_counted]
    return bool(counted) and all(hour.since <= entry.second < hour.until for entry in counted)


@exact
def _measure(old: LedgerEntry | None, new: LedgerEntry) -> Decimal:
    """What an account gained more by the `new` revision of a flow than by the `old` one, in units."""
    before, after = (entry.quantity if entry and entry.is_counted else ZERO for entry in (old, new))
    return after - before


@exact
def choose_corrections(residual: Decimal, corrections: Sequence[Decimal]) -> set[int]:
    """Which of the `corrections` together leave least unexplained of the `residual`, all in units; their numbers, from 0.

    None if no combination leaves less than there is; of combinations that leave as much, one of the most. Of very many
    corrections only all together are judged.
    """
    numbers = range(len(corrections))
    sizes = reversed(numbers) if len(corrections) <= MOST_TOGETHER else ()
    combined = [tuple(numbers), *(some for size in sizes for some in combinations(numbers, size) if some)]
    left = {some: abs(residual - sum((corrections[number] for number in some), ZERO)) for some in combined}
    best = min(combined, key=left.__getitem__)
    return set(best) if left[best] < abs(residual) else set()
