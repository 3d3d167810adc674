"""Deposits and withdrawals as an exchange's ledger books them: when a balance changed, and whether a fee was inside or on top.

Where the lists of them say neither, the row of the ledger does that moved the same coin and amount in their time. What is found
there has counted, at that moment, whatever its list calls it. One without such a row is as its list says it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from finance.decimals import exact
from finance.records import FlowRecord, FlowState
from monitor.exchanges.ledger import LedgerRow

Span = tuple[datetime, datetime]


def find_span(flows: Iterable[FlowRecord], early: timedelta, late: timedelta) -> Span | None:
    """The time in which the ledger may have `flows`: from `early` before the first to `late` after the last; None if none counts."""
    asked = [flow.requested_at for flow in flows if flow.state is not FlowState.VOID]
    return (min(asked) - early, max(asked) + late) if asked else None


@exact
def place_in_ledger(
    flows: Iterable[FlowRecord], rows: Iterable[LedgerRow], *, early: timedelta, late: timedelta
) -> tuple[FlowRecord, ...]:
    """`flows` as `rows` show them, each row for one flow alone, in the order of time."""
    left = sorted(rows, key=lambda row: row.occurred_at)
    placed: dict[str, FlowRecord] = {}
    for flow in sorted(flows, key=lambda one: (one.requested_at, one.exchange_id)):
        near = [row for row in left if flow.requested_at - early <= row.occurred_at <= flow.requested_at + late]
        found = None if flow.state is FlowState.VOID else _find(flow, near)
        if found:
            left.remove(found[0])
        placed[flow.exchange_id] = found[1] if found else flow
    return tuple(placed.values())


def _find(flow: FlowRecord, rows: Iterable[LedgerRow]) -> tuple[LedgerRow, FlowRecord] | None:
    rows = [row for row in rows if row.asset == flow.asset]
    for reported in _readings(flow):
        for row in rows:
            moved = -row.size if reported.kind.is_outgoing else row.size
            if moved == reported.amount + reported.fee:
                return row, replace(reported, state=FlowState.COUNTED, completed_at=row.occurred_at)
    return None


def _readings(flow: FlowRecord) -> tuple[FlowRecord, ...]:
    """A flow as it is listed, its fee being shown now; with one that was assumed inside first so, then on top."""
    shown = replace(flow, assumed_fee=None)
    return (shown, replace(shown, amount=flow.amount + flow.fee)) if flow.assumed_fee else (shown,)
