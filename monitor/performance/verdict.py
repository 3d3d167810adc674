"""What a complete reading comes to: flows that wait for their value, doubts, and earlier hours that it confirms.

An hour whose reading was complete but doubted, or waited for the value of a flow, has no NAV and loses none: the next
reading that fits it gives it the NAV it had.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import exact
from finance.flow_values import ValuedFlow, needed_prices, value_interval, without_uncounted
from finance.ledger_entries import name_entry
from finance.plausibility import is_undone
from finance.prices import AssetPrice
from monitor.database import Db
from monitor.ledger.store.deferred import load_counted_flows, load_uncounted
from monitor.market.scope import Scope, find_fills, find_prices, with_fills
from monitor.performance.booking import Change
from monitor.performance.deferral import Priced, settle_unpriced
from monitor.performance.readings import STALE, Found, find_doubt, load_found, load_since, measure_unexplained
from monitor.performance.store.changes import load_unpriced
from monitor.performance.store.history import ValuedHour, load_last_valued, record_hour
from monitor.performance.store.members import load_members
from monitor.snapshots.store.observations import StoredReading, load_last_reading, load_open_readings

LARGE = Decimal("0.1")  # of NAV: a large cash flow (GIPS), not valued by an estimate while more may be told
PATIENCE = timedelta(days=1)


def settle_flows(
    db: Db, scope: Scope, found: Found, prices: Mapping[str, AssetPrice]
) -> tuple[tuple[ValuedFlow, ...], tuple[Change, ...]]:
    """The flows since the last valued hour, valued, and what changes because flows without a price got one.

    `prices` are those of the reading, by asset. Raises PricesNeeded.
    """
    flows = _value_pending(db, scope, found)
    unpriced = {entry.key: entry for entry in load_unpriced(db, scope.account_id)}
    unpriced |= {flow.entry.key: flow.entry for flow in flows if flow.value is None}
    settled = settle_unpriced(db, scope, Priced(taken_at=found.taken_at, prices=prices), unpriced.values())
    return _value_pending(db, scope, found) if settled else flows, settled


def _value_pending(db: Db, scope: Scope, found: Found) -> tuple[ValuedFlow, ...]:
    """The flows since the last valued hour, valued. Raises PricesNeeded."""
    last = load_last_valued(db, scope.account_id, taken_until=found.taken_at)
    entries = load_counted_flows(db, [scope.account_id], last.taken_at, found.taken_at) if last else ()
    if last is None or not entries:
        return ()
    (member,) = load_members(db, scope.account_id, last.hour, last.hour)[last.hour]
    earlier = load_found(db, member.snapshot_id, last.taken_at)
    since = load_since(db, scope.account_id, earlier, found)
    held = without_uncounted(since.held, load_uncounted(db, scope.account_id, last.taken_at))
    held = with_fills(held, find_fills(db, scope, [(held, entries)]))
    prices = find_prices(db, scope, needed_prices(held, entries))
    return value_interval(held, found.basis, entries, prices)


def tell_waits(flows: Iterable[ValuedFlow], found: Found) -> list[str]:
    """Why the hour has to wait for the value of `flows`, and until when."""
    return [_tell_wait(flow) for flow in flows if _is_worth_waiting(flow, found)]


def tell_uncounted(flows: Iterable[ValuedFlow]) -> list[str]:
    """Which `flows` do not count yet, because nothing prices their coin."""
    return [f"{name_entry(f.entry)} counts when {f.entry.asset} has a price" for f in flows if f.value is None]


@exact
def _is_worth_waiting(flow: ValuedFlow, found: Found) -> bool:
    """Whether it is large beside an account whose worth may be told exactly yet."""
    if not flow.untold or flow.nav_before is None or flow.value is None:
        return False
    is_large = abs(flow.value) > LARGE * min(abs(flow.nav_before), abs(found.basis.worth))
    return is_large and found.taken_at - flow.entry.first_seen_at < PATIENCE


def _tell_wait(flow: ValuedFlow) -> str:
    told = f"{name_entry(flow.entry)} is pending valuation: {flow.reason}"
    until = flow.entry.first_seen_at + PATIENCE
    contracts = ", ".join(flow.untold)
    return (
        f"{told}. Every run asks for the trades of {contracts}; from {until:%Y-%m-%d %H:%M} UTC on an estimate counts"
    )


def doubt_reading(db: Db, account_id: int, found: Found, hour: datetime) -> str:
    """Why what was `found` for `hour` is not believed, or nothing.

    It must fit the last reading; where that was doubted itself, confirm it or fit the last valued hour instead.
    """
    last = load_last_reading(db, account_id, hour)
    if last is None:
        return ""
    if not last.is_doubted:
        return find_doubt(db, account_id, _load(db, last), found)
    valued = load_last_valued(db, account_id, taken_until=found.taken_at, before=hour)
    doubt = _doubt_confirming(db, account_id, valued, last, found)
    if doubt and valued and not find_doubt(db, account_id, _load_valued(db, account_id, valued), found):
        return ""
    return doubt


def _doubt_confirming(db: Db, account_id: int, valued: ValuedHour | None, doubted: StoredReading, found: Found) -> str:
    """Why what was `found` later does not confirm a doubted reading, or nothing.

    What is doubtful of it must not be undone for the most part, unless it is explained by now.
    """
    reading, since = _load(db, doubted), doubted.taken_at - STALE
    if valued is None:
        return find_doubt(db, account_id, reading, found, since)
    before = _load_valued(db, account_id, valued)
    if doubt := find_doubt(db, account_id, reading, found, min(since, valued.taken_at)):
        return doubt
    doubt = find_doubt(db, account_id, before, reading)
    unexplained, since_then = (
        measure_unexplained(db, account_id, *pair) for pair in ((before, reading), (reading, found))
    )
    return doubt if is_undone(unexplained, since_then) else ""


def _load_valued(db: Db, account_id: int, valued: ValuedHour) -> Found:
    (member,) = load_members(db, account_id, valued.hour, valued.hour)[valued.hour]
    return load_found(db, member.snapshot_id, member.taken_at)


def confirm_earlier(db: Db, account_id: int, found: Found, hour: datetime) -> tuple[datetime, ...]:
    """Give the hours before the valued `hour` their NAV whose readings fit what was `found` in it; returns these hours.

    A doubted reading must be confirmed by the next one; one that waited for the value of a flow was never doubted.
    """
    confirmed = []
    for reading in load_open_readings(db, account_id, hour):
        valued = load_last_valued(db, account_id, taken_until=reading.taken_at, before=reading.hour)
        if reading.is_doubted and _doubt_confirming(db, account_id, valued, reading, found):
            continue
        record_hour(
            db,
            account_id,
            reading.hour,
            status="COMPLETE",
            reason=reading.reason,
            snapshot_id=reading.snapshot_id,
            taken_at=reading.taken_at,
            prices_at=reading.prices_at,
            nav=reading.nav,
        )
        confirmed.append(reading.hour)
        found = _load(db, reading)
    return tuple(confirmed)


def _load(db: Db, reading: StoredReading) -> Found:
    return load_found(db, reading.snapshot_id, reading.taken_at)


def find_last_estimate(db: Db, account_id: int, hour: datetime) -> str:
    """Why the last NAV before `hour` was an estimate: what goes on is told when it begins."""
    last = load_last_valued(db, account_id, taken_until=hour, before=hour)
    return last.estimate if last else ""
