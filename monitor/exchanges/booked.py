"""Deposits and withdrawals as an exchange's ledger books them: when a balance changed, and whether a fee was inside or on top.

Where the lists of them say neither, the row of the ledger does that moved the same coin and amount in their time. What is found
there has counted, at that moment, whatever its list calls it. One without such a row is as its list says it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from finance.decimals import exact
from finance.records import FeePlace, FlowRecord, FlowState
from finance.withdrawal_fees import show_fee
from monitor.exchanges.ledger import LedgerRow

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
