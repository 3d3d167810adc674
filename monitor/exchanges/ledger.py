"""A ledger: an exchange's own list of everything that changed the balances of a wallet, with the balance after each.

The balances prove that no row is missing, because each is the one before plus what its row moved:

    for row, moved in follow_balances(rows, "Reading the spot ledger"):
        ...

Whether the fee of a row is inside its size or beside it is seen from the two balances. Where the lists of deposits and withdrawals
say neither that nor when a balance changed, the row of the ledger does that moved the same coin and amount in their time: what
is found there has counted, at that moment, whatever its list calls it. One without such a row is as its list says it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from finance.decimals import ZERO, exact
from finance.records import FeePlace, FlowRecord, FlowState
from finance.withdrawal_fees import show_fee
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
def follow_balances(
    rows: Iterable[LedgerRow], doing: str, *, is_fee_beside: bool, switched_at: datetime | None = None
) -> tuple[Moved, ...]:
    """Each row once, oldest first, with what it moved; of an asset's first row by `is_fee_beside`, as nothing is before it.

    Rows of one moment are put into the order in which their balances follow each other. Raises ExchangeUnavailable where
    none does: then a row is missing, or one was changed, and nothing of the ledger is to be believed. Up to `switched_at` a
    balance may be that of another wallet, which the account had then: a row that follows none moved what it says.
    """
    unique = {row.exchange_id: row for row in rows}
    found: list[Moved] = []
    for asset in sorted({row.asset for row in unique.values()}):
        of_asset = [row for row in unique.values() if row.asset == asset]
        found += _follow(of_asset, doing, is_fee_beside, switched_at)
    return tuple(sorted(found, key=lambda moved: moved[0].occurred_at))


def _follow(
    rows: Iterable[LedgerRow], doing: str, is_fee_beside: bool, switched_at: datetime | None
) -> Iterator[Moved]:
    last: LedgerRow | None = None
    for at, group in groupby(sorted(rows, key=_age), key=lambda row: row.occurred_at):
        alike: Sequence[LedgerRow] = list(group)
        try:
            alike = _arrange(last.balance if last else None, list(alike))
        except _Broken:
            if switched_at is None or (last.occurred_at if last else at) >= switched_at:
                raise ExchangeUnavailable(
                    f"{doing}: the balances of {alike[0].asset} don't follow each other at {at:%Y-%m-%d %H:%M:%S} UTC: "
                    f"a row is missing. The next run reads it again; nothing has to be done."
                ) from None
        for row in alike:
            declared = row.size + row.fee if is_fee_beside else row.size
            moved = row.balance - last.balance if last else declared
            yield row, moved if moved in _list_moves(row) else declared
            last = row


def _list_moves(row: LedgerRow) -> tuple[Decimal, Decimal]:
    """What a row may have moved, by where its fee is."""
    return row.size, row.size + row.fee


def _arrange(balance: Decimal | None, rows: list[LedgerRow]) -> Sequence[LedgerRow]:
    """The rows of one moment in the order in which they happened, after `balance` (None: not known). Raises _Broken."""
    paths: list[tuple[Decimal | None, tuple[LedgerRow, ...], list[LedgerRow]]] = [(balance, (), rows)]
    while paths:
        before, done, left = paths.pop()
        if not left:
            return done
        fits = [row for row in left if before is None or row.balance - before in _list_moves(row)]
        nexts = {(row.size, row.fee, row.balance): row for row in reversed(fits)}  # of equal ones any will do
        paths += [(row.balance, (*done, row), [one for one in left if one is not row]) for row in nexts.values()]
    raise _Broken


def _age(row: LedgerRow) -> tuple[datetime, int, str]:
    number = row.exchange_id if row.exchange_id.isdigit() else "0"
    return row.occurred_at, int(number), row.exchange_id


Span = tuple[datetime, datetime]
Found = tuple[LedgerRow, FlowRecord]  # and the flow as its row shows it


def find_span(flows: Iterable[FlowRecord], early: timedelta, late: timedelta) -> Span | None:
    """The time in which the ledger may have `flows`: from `early` before the first to `late` after the last; None if none counts."""
    asked = [flow.requested_at for flow in flows if flow.state is not FlowState.VOID]
    return (min(asked) - early, max(asked) + late) if asked else None


@exact
def place_in_ledger(
    flows: Iterable[FlowRecord], rows: Iterable[LedgerRow], *, early: timedelta, late: timedelta
) -> tuple[FlowRecord, ...]:
    """`flows` as `rows` show them, each row for one flow alone, in the order of time.

    An exchange has its fees in one place: the one with which more is found is tried first, so that two withdrawals whose
    amounts differ by a fee don't take each other's rows.
    """
    flows = sorted(flows, key=lambda one: (one.requested_at, one.exchange_id))
    spans = {one.exchange_id: (one.requested_at - early, one.requested_at + late) for one in flows}
    left = sorted(rows, key=lambda row: row.occurred_at)
    found = max((_match(flows, left, spans, [place]) for place in FeePlace), key=len)
    for row, _ in found.values():
        left.remove(row)
    others = [flow for flow in flows if flow.exchange_id not in found]
    found |= _match(others, left, spans, list(FeePlace))
    return tuple(found[one.exchange_id][1] if one.exchange_id in found else one for one in flows)


def _match(
    flows: Iterable[FlowRecord], rows: Iterable[LedgerRow], spans: Mapping[str, Span], places: Iterable[FeePlace]
) -> dict[str, Found]:
    left, matched = list(rows), {}
    for flow in flows:
        since, until = spans[flow.exchange_id]
        near = [row for row in left if since <= row.occurred_at <= until]
        found = None if flow.state is FlowState.VOID else _find(flow, near, places)
        if found:
            left.remove(found[0])
            matched[flow.exchange_id] = found
    return matched


def _find(flow: FlowRecord, rows: Iterable[LedgerRow], places: Iterable[FeePlace]) -> Found | None:
    rows = [row for row in rows if row.asset == flow.asset]
    for reported in (show_fee(flow, place) for place in places):
        for row in rows:
            moved = -row.size if reported.kind.is_outgoing else row.size
            if moved == reported.amount + reported.fee:
                return row, replace(reported, state=FlowState.COUNTED, completed_at=row.occurred_at)
    return None
