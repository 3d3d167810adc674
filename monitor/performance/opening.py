"""The opening: what an account held at its first valued hour, as the ledger's first flow."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from finance.decimals import ONE, ZERO
from finance.flow_values import ValuationPrice, ValuedFlow
from finance.ledger_entries import LedgerEntry
from finance.prices import VALUATION_ASSET
from finance.records import FlowKind, FlowState
from monitor.ledger.store.entries import load_entries, load_opening, load_revisions, record_entries
from monitor.performance.store.track import forget_flow_values, record_flow_values
from sql.rows import Db


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
    before = load_entries(db, account_id, [entry.key]).get(entry.key)  # it began at this hour once, and then at another
    revision = before.revision + 1 if before else 1
    (recorded,) = record_entries(db, [replace(entry, revision=revision)], None)
    price = ValuationPrice(value=ONE, route=VALUATION_ASSET)
    record_flow_values(db, account_id, [ValuedFlow(entry=recorded, price=price, value=nav, nav_before=ZERO)])


def move_opening(
    db: Db, account_id: int, hour: datetime, nav: Decimal, now: datetime, taken_at: datetime | None = None
) -> None:
    """Open the account at `hour` (read at `taken_at`, rebuilt at the full hour): the opening so far becomes void."""
    opening_id = load_opening(db, account_id)
    for old in load_revisions(db, [opening_id] if opening_id else []):
        note = f"history begins at {hour:%Y-%m-%d %H:%M} UTC"
        void = replace(old, id=None, revision=old.revision + 1, state=FlowState.VOID, occurred_at=None, note=note)
        record_entries(db, [replace(void, first_seen_at=now)], None)
        forget_flow_values(db, [old.id] if old.id else [])
    record_opening(db, account_id, hour, nav, taken_at or hour, now)
