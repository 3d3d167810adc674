"""The amount of a flow that counted, told differently later: which of the two the readings prove.

The new amount counts where the balances of the flow's hour fit it better than the one before; else that one stays, and
the ledger keeps what the exchange says beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from finance.decimals import exact
from finance.ledger_entries import FlowKey, LedgerEntry
from monitor.database import Db
from monitor.performance.store.explanations import load_residual


def keep_proven_amounts(
    db: Db, account_id: int, known: Mapping[FlowKey, LedgerEntry], entries: Iterable[LedgerEntry]
) -> tuple[LedgerEntry, ...]:
    """`entries` to be recorded, where the amount of a flow that counted before stays if its hour's balances fit no other."""
    return tuple(_keep_proven(db, account_id, known.get(entry.key), entry) for entry in entries)


def _keep_proven(db: Db, account_id: int, old: LedgerEntry | None, new: LedgerEntry) -> LedgerEntry:
    if old is None or not (old.is_counted and new.is_counted) or new.asset != old.asset or new.is_manual:
        return new
    if new.quantity == old.quantity:
        return new
    residual = load_residual(db, account_id, old.second, old.asset)
    if residual is None or not _fits_worse(residual, old.quantity, new.quantity):
        return new
    return replace(new, amount=old.amount, fee=old.fee, told_amount=new.amount, told_fee=new.fee)


@exact
def _fits_worse(residual: Decimal, old: Decimal, new: Decimal) -> bool:
    """Whether more would be unexplained with the `new` quantity than the `residual` that the `old` one leaves."""
    return abs(residual - (new - old)) >= abs(residual)
