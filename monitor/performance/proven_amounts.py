"""Another amount of a flow that counted: it counts where the balances of the flow's hour fit it better than the one before.

Else that one stays, and the ledger keeps what the exchange says beside it. Flows of one asset in one hour are judged
together, with what stayed before: two wrong amounts partly cancel, and each correction alone would look worse.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from finance.decimals import ZERO, exact
from finance.ledger_entries import FlowKey, LedgerEntry
from monitor.database import Db
from monitor.performance.store.explanations import Residual, load_residual

MOST_TOGETHER = 8  # corrections of which every combination is looked at: 256
Ledger = Mapping[FlowKey, LedgerEntry]


@dataclass(frozen=True, slots=True)
class Correction:
    """A flow that counts as `old`, and the `new` revision with the amount that the exchange says now."""

    old: LedgerEntry
    new: LedgerEntry

    def take_back(self) -> LedgerEntry:
        """The new revision with the amount so far."""
        amount, fee = self.new.amount, self.new.fee
        return replace(self.new, amount=self.old.amount, fee=self.old.fee, told_amount=amount, told_fee=fee)


def keep_proven_amounts(
    db: Db, account_id: int, known: Ledger, entries: Sequence[LedgerEntry]
) -> tuple[LedgerEntry, ...]:
    """`entries` to be recorded, where the amount of a flow that counted before stays if its hour's balances fit no other.

    Also revisions of `known` flows with amounts that stayed so far, where they fit together with what is new.
    """
    hours: dict[tuple[str, Residual], list[Correction]] = {}
    for new in entries:
        old = known.get(new.key)
        residual = load_residual(db, account_id, old.second, old.asset) if old and _is_corrected(old, new) else None
        if old and residual:
            hours.setdefault((old.asset, residual), []).append(Correction(old, new))
    judged: dict[FlowKey, LedgerEntry] = {}
    for (asset, residual), corrections in hours.items():
        judged |= _judge(residual, corrections, _find_doubted(known, asset, residual, corrections))
    added = judged.keys() - {entry.key for entry in entries}
    return (*(judged.get(entry.key, entry) for entry in entries), *(judged[key] for key in sorted(added)))


def _is_corrected(old: LedgerEntry, new: LedgerEntry) -> bool:
    is_flow = old.is_counted and new.is_counted and new.asset == old.asset and not new.is_manual
    return is_flow and new.quantity != old.quantity


def _find_doubted(known: Ledger, asset: str, hour: Residual, corrections: Sequence[Correction]) -> Iterable[Correction]:
    """Corrections of the hour that the balances did not fit before, and of which the exchange says nothing else now."""
    new, others = corrections[0].new, {correction.new.key for correction in corrections}
    for old in known.values():
        if old.told_amount is None or old.told_fee is None or old.is_manual or old.asset != asset or old.key in others:
            continue
        if old.is_counted and hour.since <= old.second < hour.until:
            again = replace(old, id=None, revision=old.revision + 1, first_seen_at=new.first_seen_at)
            amount, fee = old.told_amount, old.told_fee
            yield Correction(old, replace(again, amount=amount, fee=fee, told_amount=None, told_fee=None))


def _judge(
    residual: Residual, corrections: Sequence[Correction], doubted: Iterable[Correction]
) -> dict[FlowKey, LedgerEntry]:
    """The revisions to be recorded: of `corrections` all, of what was `doubted` before those that fit now."""
    together = [*corrections, *doubted]
    chosen = choose_corrections(residual.units, [_measure(correction) for correction in together])
    right = {together[number].new.key: together[number].new for number in chosen}
    return {correction.new.key: correction.take_back() for correction in corrections} | right


@exact
def _measure(correction: Correction) -> Decimal:
    return correction.new.quantity - correction.old.quantity


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
