"""One account's hour, written as a whole: what was read, the ledger, the hour's row, units and benchmarks.

Called inside a transaction; raising leaves nothing behind. Doing it twice changes nothing: an hour that has a NAV is
final, and the ledger takes a flow's revision once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from finance.decimals import ZERO
from finance.flow_values import ValuedFlow
from finance.hour_status import VALUED, HourStatus, Outcome, judge_hour
from finance.moments import SECOND
from monitor.accounts.client import AccountRun
from monitor.database.runs import record_log
from monitor.errors import ReadAgain
from monitor.market.known_prices import Fetched
from monitor.market.store.prices import record_ticker_prices
from monitor.performance.booking import book_histories, settle_flows
from monitor.performance.changes import Change
from monitor.performance.derivation import derive_history
from monitor.performance.evidence import collect_evidence, confirm_earlier, find_last_estimate
from monitor.performance.intervals import AccountState, describe_reading
from monitor.performance.opening import record_opening
from monitor.performance.proven_flows import move_wrongly_timed, void_repeated
from monitor.performance.store.changes import record_history_change
from monitor.performance.store.history import load_status, record_hour, record_missed
from monitor.performance.store.valued_hours import load_last_valued
from monitor.snapshots.store.cross_checks import record_cross_checks
from monitor.snapshots.store.observations import record_positions, record_snapshot
from monitor.snapshots.store.wallets import record_counted_ended, record_wallets
from monitor.snapshots.valued_reading import ValuedReading
from sql.rows import Db


def record_account_hour(run: AccountRun, fetched: Fetched, reading: ValuedReading) -> Outcome:
    """Write the run's hour by a `reading` of its account.

    Raises PricesNeeded when a past minute's price must be fetched first, ReadAgain when the reading is doubted.
    """
    if load_status(run.db, run.account_id, run.hour) in VALUED:
        nav = reading.valuation.nav
        return Outcome(account_id=run.account_id, status=HourStatus.COMPLETE, nav=nav, is_new=False)
    record_missed(run.db, run.account_id, run.hour)
    changes = book_histories(run, fetched, reading.snapshot)
    record_ticker_prices(run.db, fetched.exchange, reading.prices_at, reading.prices.values())
    state = describe_reading(reading)
    changes += void_repeated(run, None if reading.problems else state)
    flows, settled = settle_flows(run, fetched, state, reading.prices)
    changes += settled
    outcome = _record_reading(run, reading, state, flows, changes)
    if outcome.status in VALUED:
        changes += _confirm(run, state)
    _record_wallets(run, reading)
    if outcome.status in VALUED or changes:
        changes += _derive(run, fetched, outcome, changes)
    for change in changes:
        if change.reason:
            record_history_change(
                run.db,
                run.account_id,
                since=change.at,
                before=run.hour,
                reason=change.reason,
                at=run.now,
                run_id=run.run_id,
            )
    return outcome


def record_unread_hour(
    db: Db, account_id: int, hour: datetime, reason: str, run_id: int | None, now: datetime
) -> Outcome:
    """Write an hour in which the account could not be read at all."""
    status = load_status(db, account_id, hour)
    if status in VALUED:
        return Outcome(account_id=account_id, status=HourStatus.COMPLETE, is_new=False)
    record_missed(db, account_id, hour)
    record_hour(db, account_id, hour, status=HourStatus.PARTIAL, reason=reason)
    if status is None:  # it is tried again every few minutes: the log has it once
        record_log(db, at=now, level="error", message=reason, run_id=run_id, account_id=account_id)
    return Outcome(account_id=account_id, status=HourStatus.PARTIAL, reason=reason)


def _record_reading(
    run: AccountRun,
    reading: ValuedReading,
    state: AccountState,
    flows: Sequence[ValuedFlow],
    changes: Iterable[Change],
) -> Outcome:
    """The snapshot, and the hour's row by what speaks for and against it."""
    judged = judge_hour(collect_evidence(run, reading, state, flows, changes))
    if judged.is_doubtful and not reading.is_final:
        raise ReadAgain
    snapshot_id = record_snapshot(
        run.db,
        account_id=run.account_id,
        hour=run.hour,
        run_id=run.run_id,
        taken_at=reading.taken_at,
        prices_at=reading.prices_at,
        status=judged.read_status,
        reason=judged.read_reason,
        valuation=reading.valuation,
    )
    record_positions(run.db, snapshot_id, [(one.wallet, p) for one in reading.judged.wallets for p in one.positions])
    is_complete = judged.status is HourStatus.COMPLETE
    nav = reading.valuation.nav if is_complete else None
    record_hour(
        run.db,
        run.account_id,
        run.hour,
        status=judged.status,
        reason=judged.reason,
        snapshot_id=snapshot_id,
        taken_at=reading.taken_at,
        prices_at=reading.prices_at,
        nav=nav,
    )
    if judged.reason and not (is_complete and judged.reason == find_last_estimate(run)):
        run.log("warning", judged.reason)
    return Outcome(account_id=run.account_id, status=judged.status, reason=judged.reason, nav=nav)


def _confirm(run: AccountRun, state: AccountState) -> tuple[Change, ...]:
    """Earlier hours that this reading confirms: from the first of them on, history is to be derived."""
    confirmed = confirm_earlier(run.db, run.account_id, state, run.hour)
    if confirmed:
        hours = ", ".join(f"{one:%Y-%m-%d %H:%M}" for one in sorted(confirmed))
        run.log(
            "info",
            f"The reading of {run.hour:%H:%M} UTC fits what was left open before, which counts now: {hours} UTC.",
        )
    return tuple(Change(at=one - SECOND, reason="") for one in confirmed)


def _record_wallets(run: AccountRun, reading: ValuedReading) -> None:
    """What the wallets are, which words of the owner about them have ended, and how they compare with the totals."""
    record_wallets(run.db, run.account_id, reading.judged.wallets, reading.unseen, run.now)
    for name in reading.judged.ended:
        why = f"{name} is read again, and counts by its own reading from now on, no more at the exchange's total"
        if record_counted_ended(run.db, run.account_id, name, why, run.now):
            run.log("info", why)
    record_cross_checks(run.db, run.account_id, run.hour, reading.checks, run_id=run.run_id, now=run.now)
    if problem := reading.snapshot.reading.problem:
        run.log("warning", problem)


def _derive(run: AccountRun, fetched: Fetched, outcome: Outcome, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Derive what this reading and its histories have changed; returns the flows that turn out to be at a wrong time."""
    db, account_id = run.db, run.account_id
    if outcome.status in VALUED and load_last_valued(db, account_id, taken_until=run.now, before=run.hour) is None:
        record_opening(db, account_id, run.hour, outcome.nav or ZERO, run.now, now=run.now)
    since = min([run.now, *(change.at for change in changes)])
    derive_history(db, account_id, fetched, since=since, current_hour=run.hour)
    moved = move_wrongly_timed(run, since)
    if moved:
        derive_history(db, account_id, fetched, since=min(change.at for change in moved), current_hour=run.hour)
    return moved
