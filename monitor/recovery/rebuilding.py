"""An account's history rebuilt by itself: month by month, the newest first, as far back as the exchange's records go.

It ends with the reason why nothing earlier can be rebuilt, or where the records show nothing more for a year; so nothing
is tried for ever. Months in which nothing happened count only if something did before: what was held then is known.
How far a month is stands in the terminal and on the pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil, inf
from time import monotonic

from finance.hour_status import HourStatus
from finance.moments import HOUR
from monitor.accounts.client import AccountRun
from monitor.performance.store.history import load_status
from monitor.performance.store.valued_hours import load_last_valued
from monitor.recovery.backfill import EarlierTime, confirm_gap, fill_gap, read_past, write_past
from monitor.recovery.depths import Say
from monitor.recovery.store.gaps import load_first_hour, load_gaps
from monitor.recovery.store.rebuildings import Rebuilding, has_earlier_records, record_progress
from sql.rows import Db

MOST_QUIET = 12  # months in a row that add nothing, until it ends
MOST_FAILURES = 144  # in a row: a day of them, ten minutes apart
SAID_EVERY_SECONDS = 10.0
RECORDED_EVERY_SECONDS = 1.0
LEAST_SHARE = 0.05  # that shows how long the rest takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step came to."""

    state: Rebuilding
    hours: tuple[datetime, ...] = ()  # that were rebuilt
    left_open: Mapping[datetime, str] = field(default_factory=dict)


def plan_rebuilding(db: Db, account_id: int, known: Rebuilding | None, hour: datetime) -> Rebuilding | None:
    """Where the rebuilding of an account begins or goes on; None where nothing is left to do at `hour`, or nothing yet."""
    first = load_first_hour(db, account_id)
    if first is None:
        return None
    month = _month_of(first - HOUR)
    state = replace(known, month=min(known.month, month)) if known else Rebuilding(month=month, gaps_through=first)
    return state if not state.is_finished or _load_new_gaps(db, account_id, state, hour) else None


def _load_new_gaps(db: Db, account_id: int, state: Rebuilding, hour: datetime) -> bool:
    return bool(load_gaps(db, account_id, state.gaps_through or hour, hour))


async def backfill_next(run: AccountRun, state: Rebuilding, say: Say) -> Step:
    """Rebuild the gaps between readings that are new, or the next month. Raises MonitorError; what was rebuilt stays."""
    since = state.gaps_through or run.hour
    if not load_gaps(run.db, run.account_id, since, run.hour):
        return await _backfill_month(run, state, say)
    filled = [await confirm_gap(run, gap) for gap in load_gaps(run.db, run.account_id, since, run.hour)]
    filled += [await fill_gap(run, gap, say) for gap in load_gaps(run.db, run.account_id, since, run.hour)]
    newest = load_last_valued(run.db, run.account_id, taken_until=run.now)
    return Step(
        state=replace(state, failures=0, gaps_through=newest.hour if newest else run.hour),
        hours=tuple(sorted(hour for one in filled for hour in one.hours)),
        left_open={hour: reason for one in filled for hour, reason in one.left_open.items()},
    )


def give_up(state: Rebuilding, failure: object, hour: datetime) -> Rebuilding:
    """How it stands after a failure: it is tried again, but not for ever."""
    failures = state.failures + 1
    if failures < MOST_FAILURES:
        return replace(state, failures=failures, reason=str(failure))
    reason = f"it failed {failures} times in a row: {failure}"
    return replace(state, failures=failures, is_finished=True, gaps_through=hour, reason=reason)


async def _backfill_month(run: AccountRun, state: Rebuilding, say: Say) -> Step:
    first = load_first_hour(run.db, run.account_id)
    assert first  # a rebuilding begins when there is one
    state = replace(state, failures=0, reason="")
    past = await read_past(run, first, state.month, say, is_again=False)
    if not isinstance(past, EarlierTime):
        return Step(state=replace(state, is_finished=True, reason=past))
    is_known = _happened_in(state.month, past) or has_earlier_records(run.db, run.account_id, state.month)
    is_last = bool(past.reason) or state.quiet + 1 >= MOST_QUIET
    if not (is_known or (is_last and _is_all_there_is(run, first))):
        return Step(state=_go_on(state, state.quiet + 1, past.reason, first))
    filled = await write_past(run, past, say)
    quiet = 0 if is_known and filled.hours else state.quiet + 1
    reason = filled.reason
    if not filled.hours and quiet >= MOST_QUIET:
        reason = reason or next(iter(filled.left_open.values()), "")
    state = _go_on(state, quiet, reason, min(filled.hours, default=first))
    return Step(state=state, hours=filled.hours, left_open=filled.left_open)


def _is_all_there_is(run: AccountRun, first: datetime) -> bool:
    """Nothing was rebuilt, for nothing happened as long as anybody can see: what is held was held all the time."""
    return load_status(run.db, run.account_id, first) is not HourStatus.RECONSTRUCTED


def _go_on(state: Rebuilding, quiet: int, reason: str, earliest: datetime) -> Rebuilding:
    if not reason and quiet >= MOST_QUIET:
        reason = f"the exchange's records add nothing in the year before {earliest:%Y-%m-%d}"
    month = state.month if reason else _month_of(state.month - HOUR)
    return replace(state, month=month, quiet=quiet, is_finished=bool(reason), reason=reason)


def _happened_in(month: datetime, past: EarlierTime) -> bool:
    ends = _month_of(month + timedelta(days=32))
    return any(event.occurred_at < ends for event in past.events)


def _month_of(moment: datetime) -> datetime:
    """When its month began."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


class Clock:
    """The exchange's time, counted on from when it was asked."""

    def __init__(self, now: datetime) -> None:
        self._now, self._asked_at = now, monotonic()

    def __call__(self) -> datetime:
        """The time now."""
        return self._now + timedelta(seconds=monotonic() - self._asked_at)


class Progress:
    """How far a month is, for the terminal and for the pages."""

    def __init__(self, db: Db, account_id: int, label: str, month: datetime, clock: Clock) -> None:
        self._db, self._account_id, self._label, self._month, self._clock = db, account_id, label, month, clock
        self._began = monotonic()
        self._said_at, self._recorded_at = self._began, -inf

    def __call__(self, words: str, share: float | None = None) -> None:
        """Note which share of the month is done."""
        if share is None:
            return
        now = monotonic()
        seconds = (now - self._began) * (1 - share) / share if share >= LEAST_SHARE else None
        if now - self._recorded_at >= RECORDED_EVERY_SECONDS:
            self._recorded_at = now
            left = None if seconds is None else ceil(seconds)
            record_progress(self._db, self._account_id, int(100 * share), left, self._clock())
        if now - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = now
            print(
                f"{self._label}: rebuilding {self._month:%Y-%m}: {int(100 * share)} %{_describe(seconds)}", flush=True
            )


def _describe(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f", about {ceil(seconds / 60)} min" if seconds > 60 else ", less than a minute"
