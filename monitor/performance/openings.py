"""The opening: what an account held at its first valued hour, as the ledger's first flow."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from finance.decimals import ONE, ZERO
from finance.flow_values import KnownPrice, ValuedFlow
from finance.ledger_entries import LedgerEntry
from finance.prices import VALUATION_ASSET
from finance.records import FlowKind, FlowState
from monitor.database import Db
from monitor.ledger.store.entries import load_opening, load_revisions, record_entries
from monitor.performance.store.track import forget_flow_values, record_flow_values


def record_opening(db: Db, account_id: int, hour: datetime, nav: Decimal, taken_at: datetime, now: datetime) -> None:
    """Book `nav` as the first flow, negative when more was owed than owned; an empty account starts with a deposit."""
    if nav == 0:
        return
    entry = LedgerEntry(
        account_id=account_id,
        kind=FlowKind.OPENING,
        exchange_id=f"opening {hour:%Y-%m-%dT%H:%MZ}",
        state=FlowState.COUNTED,
        asset=VALUATION_ASSET,
        amount=nav,
        requested_at=taken_at,
        occurred_at=taken_at,
        first_seen_at=now,
    )
    (recorded,) = record_entries(db, [entry], None)
    price = KnownPrice(value=ONE, route=VALUATION_ASSET)
    record_flow_values(db, account_id, [ValuedFlow(entry=recorded, price=price, value=nav, nav_before=ZERO)])


def move_opening(db: Db, account_id: int, hour: datetime, nav: Decimal, now: datetime) -> None:
    """Open the account at `hour`, earlier than before: the opening so far becomes void by a new revision."""
    opening_id = load_opening(db, account_id)
    for old in load_revisions(db, [opening_id] if opening_id else []):
        note = f"history was rebuilt back to {hour:%Y-%m-%d %H:%M} UTC"
        void = replace(old, id=None, revision=old.revision + 1, state=FlowState.VOID, occurred_at=None, note=note)
        record_entries(db, [replace(void, first_seen_at=now)], None)
        forget_flow_values(db, [old.id] if old.id else [])
    record_opening(db, account_id, hour, nav, hour, now)
