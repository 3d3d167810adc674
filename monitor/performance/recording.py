"""One account's hour, written as a whole: what was seen, the ledger, the hour's row, units and benchmarks.

Called inside a transaction; raising leaves nothing behind. Doing it twice changes nothing: an hour that has a NAV is
final, and the ledger takes a flow's revision once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO
from finance.flow_values import ValuedFlow
from finance.hour_status import VALUED, HourStatus, judge_hour
from monitor.database import Db
from monitor.database.runs import record_log
from monitor.errors import ReadAgain
from monitor.market.scope import Scope
from monitor.market.store.minute_prices import record_ticker_prices
from monitor.performance.booking import Change, book_histories
from monitor.performance.derivation import derive_history
from monitor.performance.evidence import collect_evidence, confirm_earlier, find_last_estimate
from monitor.performance.misplaced import move_misplaced
from monitor.performance.openings import record_opening
from monitor.performance.readings import Found, describe_reading
from monitor.performance.recent_flows import settle_flows
from monitor.performance.retold import recognise_retold
from monitor.performance.store.changes import record_history_change
from monitor.performance.store.history import load_last_valued, load_status, record_hour, record_missed
from monitor.snapshots.snapshot import Seen
from monitor.snapshots.store.cross_checks import record_cross_checks
from monitor.snapshots.store.observations import record_positions, record_snapshot
from monitor.snapshots.store.wallets import record_counted_ended, record_wallets

Flows = Sequence[ValuedFlow]
SECOND = timedelta(seconds=1)
WAITING = "WAITING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an account's hour came to."""

    account_id: int
    status: str  # an HourStatus, or WAITING: nothing is written before its turn comes
    reason: str = ""
    nav: Decimal | None = None
    is_new: bool = True  # False: the hour was recorded before, nothing was written


def record_account_hour(db: Db, scope: Scope, seen: Seen, hour: datetime, run_id: int) -> Outcome:
    """Write the account's `hour`.

    Raises PricesNeeded when a past minute's price must be fetched first, ReadAgain when the reading is doubted.
    """
    account_id = scope.account_id
    if load_status(db, account_id, hour) in VALUED:
        return Outcome(account_id=account_id, status=HourStatus.COMPLETE, nav=seen.valuation.nav, is_new=False)
    record_missed(db, account_id, hour)
    changes = book_histories(db, scope, seen.snapshot, run_id)
    record_ticker_prices(db, scope.exchange, seen.prices_at, seen.prices.values())
    found = _describe(seen)
    complete = None if seen.problems else found
    changes += recognise_retold(db, account_id, complete, seen.snapshot.taken_at, run_id)
    flows, settled = settle_flows(db, scope, found, seen.prices)
    changes += settled
    outcome = _record_snapshot(db, scope, seen, found, flows, changes, hour, run_id)
    if outcome.status in VALUED:
        changes += _confirm(db, scope, seen, found, hour, run_id)
    record_wallets(db, account_id, seen.judged.wallets, seen.unseen, seen.snapshot.taken_at)
    _end_counted(db, account_id, seen, run_id)
    _record_checks(db, account_id, seen, hour, run_id)
    if _derive(db, scope, seen, outcome, changes, hour):
        changes += _move_misplaced(db, scope, seen, changes, hour, run_id)
    _tell_changes(db, scope, seen, changes, hour, run_id)
    return outcome


def record_unread_hour(db: Db, account_id: int, hour: datetime, reason: str, run_id: int, now: datetime) -> Outcome:
    """Write an hour in which the account could not be read at all."""
    status = load_status(db, account_id, hour)
    if status in VALUED:
        return Outcome(account_id=account_id, status=HourStatus.COMPLETE, is_new=False)
    record_missed(db, account_id, hour)
    record_hour(db, account_id, hour, status=HourStatus.PARTIAL, reason=reason)
    if status is None:  # it is tried again every few minutes: the log is told once
        record_log(db, at=now, level="error", message=reason, run_id=run_id, account_id=account_id)
    return Outcome(account_id=account_id, status=HourStatus.PARTIAL, reason=reason)


def _record_snapshot(
    db: Db, scope: Scope, seen: Seen, found: Found, flows: Flows, changes: Iterable[Change], hour: datetime, run_id: int
) -> Outcome:
    account_id, taken_at = scope.account_id, seen.snapshot.taken_at
    judged = judge_hour(collect_evidence(db, account_id, seen, found, flows, changes, hour))
    if judged.is_doubtful and not seen.is_final:
        raise ReadAgain
    snapshot_id = record_snapshot(
        db,
        account_id=account_id,
        hour=hour,
        run_id=run_id,
        taken_at=taken_at,
        prices_at=seen.prices_at,
        status=judged.read_status,
        reason=judged.read_reason,
        valuation=seen.valuation,
    )
    record_positions(db, snapshot_id, [(one.wallet, p) for one in seen.judged.wallets for p in one.positions])
    is_complete = judged.status is HourStatus.COMPLETE
    nav = seen.valuation.nav if is_complete else None
    record_hour(
        db,
        account_id,
        hour,
        status=judged.status,
        reason=judged.reason,
        snapshot_id=snapshot_id,
        taken_at=taken_at,
        prices_at=seen.prices_at,
        nav=nav,
    )
    if judged.reason and not (is_complete and judged.reason == find_last_estimate(db, account_id, hour)):
        record_log(db, at=taken_at, level="warning", message=judged.reason, run_id=run_id, account_id=account_id)
    return Outcome(account_id=account_id, status=judged.status, reason=judged.reason, nav=nav)


def _describe(seen: Seen) -> Found:
    prices = {asset: price.value for asset, price in seen.prices.items()}
    return describe_reading(seen.snapshot.taken_at, seen.judged.wallets, seen.valuation, prices)


def _record_checks(db: Db, account_id: int, seen: Seen, hour: datetime, run_id: int) -> None:
    now = seen.snapshot.taken_at
    record_cross_checks(db, account_id, hour, seen.checks, run_id=run_id, now=now)
    if problem := seen.snapshot.reading.problem:
        record_log(db, at=now, level="warning", message=problem, run_id=run_id, account_id=account_id)


def _end_counted(db: Db, account_id: int, seen: Seen, run_id: int) -> None:
    now = seen.snapshot.taken_at
    for name in seen.judged.ended:
        why = f"{name} is read again, and counts by its own reading from now on, no more at the exchange's total"
        if record_counted_ended(db, account_id, name, why, now):
            record_log(db, at=now, level="info", message=why, run_id=run_id, account_id=account_id)


def _derive(db: Db, scope: Scope, seen: Seen, outcome: Outcome, changes: Iterable[Change], hour: datetime) -> bool:
    """Derive what this reading and what it told have changed; returns whether that is anything."""
    is_valued = outcome.status in VALUED
    moments = [change.at for change in changes]
    if not is_valued and not moments:
        return False
    is_first = load_last_valued(db, scope.account_id, taken_until=seen.snapshot.taken_at, before=hour) is None
    if is_valued and is_first:
        taken_at = seen.snapshot.taken_at
        record_opening(db, scope.account_id, hour, outcome.nav or ZERO, taken_at, now=taken_at)
    derive_history(db, scope, since=min([seen.snapshot.taken_at, *moments]), current_hour=hour)
    return True


def _move_misplaced(
    db: Db, scope: Scope, seen: Seen, changes: Iterable[Change], hour: datetime, run_id: int
) -> tuple[Change, ...]:
    """Flows that what was derived proves to be told for a wrong moment."""
    since = min([seen.snapshot.taken_at, *(change.at for change in changes)])
    moved = move_misplaced(db, scope.account_id, since, seen.snapshot.taken_at, run_id)
    if moved:
        derive_history(db, scope, since=min(change.at for change in moved), current_hour=hour)
    return moved


def _confirm(db: Db, scope: Scope, seen: Seen, found: Found, hour: datetime, run_id: int) -> tuple[Change, ...]:
    """Earlier hours that this reading confirms: from the first of them on, history is to be derived."""
    confirmed = confirm_earlier(db, scope.account_id, found, hour)
    if confirmed:
        hours = ", ".join(f"{one:%Y-%m-%d %H:%M}" for one in sorted(confirmed))
        message = f"The reading of {hour:%H:%M} UTC fits what was left open before, which counts now: {hours} UTC."
        at = seen.snapshot.taken_at
        record_log(db, at=at, level="info", message=message, run_id=run_id, account_id=scope.account_id)
    return tuple(Change(at=one - SECOND, reason="") for one in confirmed)


def _tell_changes(db: Db, scope: Scope, seen: Seen, changes: Iterable[Change], hour: datetime, run_id: int) -> None:
    for change in changes:
        if change.reason:
            record_history_change(
                db,
                scope.account_id,
                since=change.at,
                before=hour,
                reason=change.reason,
                at=seen.snapshot.taken_at,
                run_id=run_id,
            )
