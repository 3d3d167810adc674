"""A ledger: an exchange's own list of everything that changed the balances of a wallet, with the balance after each.

The balances prove that no row is missing, because each is the one before plus what its row moved:

    for row, moved in follow_balances(rows, "Reading the spot ledger"):
        ...

Whether the fee of a row is inside its size or beside it is seen from the two balances.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from finance.decimals import ZERO, exact
from monitor.errors import ExchangeUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One row of a ledger, in units of its asset."""

    exchange_id: str
    asset: str
    size: Decimal  # signed: + came in
    fee: Decimal = ZERO  # signed as the exchange does: - was paid
    balance: Decimal  # after it
    occurred_at: datetime
    word: str  # what the exchange calls it
    raw: dict[str, object] = field(default_factory=dict)


Moved = tuple[LedgerRow, Decimal]  # a row, and by how much it changed the balance


class _Broken(Exception):
    """No order of rows fits the balances."""


@exact
def follow_balances(rows: Iterable[LedgerRow], doing: str, *, is_fee_beside: bool) -> tuple[Moved, ...]:
    """Each row once, oldest first, with what it moved; of an asset's first row by `is_fee_beside`, as nothing is before it.

    Rows of one moment are put into the order in which their balances follow each other. Raises ExchangeUnavailable where
    none does: then a row is missing, or one was changed, and nothing of the ledger is to be believed.
    """
    unique = {row.exchange_id: row for row in rows}
    found: list[Moved] = []
    for asset in sorted({row.asset for row in unique.values()}):
        found += _follow(asset, [row for row in unique.values() if row.asset == asset], doing, is_fee_beside)
    return tuple(sorted(found, key=lambda moved: moved[0].occurred_at))


def _follow(asset: str, rows: Iterable[LedgerRow], doing: str, is_fee_beside: bool) -> Iterator[Moved]:
    balance: Decimal | None = None
    for at, group in groupby(sorted(rows, key=_age), key=lambda row: row.occurred_at):
        try:
            ordered = _arrange(balance, list(group))
        except _Broken:
            raise ExchangeUnavailable(
                f"{doing}: the balances of {asset} don't follow each other at {at:%Y-%m-%d %H:%M:%S} UTC: "
                f"a row is missing. The next run reads it again; nothing has to be done."
            ) from None
        for row in ordered:
            first = row.size + row.fee if is_fee_beside else row.size
            yield row, first if balance is None else row.balance - balance
            balance = row.balance


def _arrange(balance: Decimal | None, rows: list[LedgerRow]) -> Sequence[LedgerRow]:
    """The rows of one moment in the order in which they happened, after `balance` (None: not known). Raises _Broken."""
    paths: list[tuple[Decimal | None, tuple[LedgerRow, ...], list[LedgerRow]]] = [(balance, (), rows)]
    while paths:
        before, done, left = paths.pop()
        if not left:
            return done
        fits = [row for row in left if before is None or row.balance - before in (row.size, row.size + row.fee)]
        nexts = {(row.size, row.fee, row.balance): row for row in reversed(fits)}  # of equal ones any will do
        paths += [(row.balance, (*done, row), [one for one in left if one is not row]) for row in nexts.values()]
    raise _Broken


def _age(row: LedgerRow) -> tuple[datetime, int, str]:
    number = row.exchange_id if row.exchange_id.isdigit() else "0"
    return row.occurred_at, int(number), row.exchange_id
