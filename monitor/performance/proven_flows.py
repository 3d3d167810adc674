"""What readings prove about flows, where the exchange's histories or the owner say something else.

- One flow in two records: what the owner added and the exchange records later is one, and the exchange's record counts.
  Amount and time alone don't prove it, for many pay in the same sum every day: the readings around both must have room
  for only one of them. The owner's entry becomes void by a revision that says so, and one command takes that back.
- A wrong moment: a flow that is recorded for a moment before a reading which lacks it (its hour lacks exactly what it
  moved, and another hour within a day has it too much) counts from the last reading on that lacks it; one whose units
  were there before, from just before the first reading that has them.
What they prove about amounts: `proven_amounts.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.attribution.explanation import Explanation
from finance.decimals import ZERO, exact
from finance.ledger_entries import REPORTED_BY_EXCHANGE, LedgerEntry, name_entry
from finance.moments import SECOND
from finance.plausibility import find_residual, is_as_much
from finance.records import FlowState
from monitor.accounts.client import AccountRun
from monitor.errors import LedgerError
from monitor.ledger.store.entries import load_flows_between, record_entries
from monitor.ledger.store.twins import load_pairs_of_one_flow
from monitor.performance.changes import Change, supersede
from monitor.performance.intervals import AccountState, load_between, load_state_at
from monitor.performance.store.explanations import load_unexplained
from monitor.performance.store.history import load_moments
from monitor.performance.store.valued_hours import load_last_valued, load_next_valued
from sql.rows import Db

LONGEST_DELAY = timedelta(days=1)
Pair = tuple[LedgerEntry, LedgerEntry]  # the owner's and the exchange's


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedHour:
    """An hour with units that no history records."""

    since: datetime  # its own reading's moment and that of the one before it
    until: datetime
    units: Mapping[str, Decimal]


def void_repeated(run: AccountRun, state: AccountState | None) -> tuple[Change, ...]:
    """Make void what the owner added and the exchange has recorded since the last valued hour; returns what that changes.

    `state` is what the reading of this moment found, if it is complete.
    """
    db, account_id = run.db, run.account_id
    last = load_last_valued(db, account_id, taken_until=run.now)
    changes: list[Change] = []
    paired: set[int | None] = set()
    for pair in load_pairs_of_one_flow(db, account_id, reported_after=last.taken_at) if last else ():
        if paired.isdisjoint(entry.id for entry in pair) and _is_one(db, pair, state):
            paired |= {entry.id for entry in pair}
            changes += _make_void(run, pair)
    return tuple(changes)


def list_alike(db: Db, entry: LedgerEntry) -> tuple[LedgerEntry, ...]:
    """Flows of the exchange that may be the same as an `entry` that the owner adds.

    Raises LedgerError where the readings around them have room for only one.
    """
    pairs = load_pairs_of_one_flow(db, entry.account_id, manual_id=entry.id)
    for pair in pairs:
        if _lacks_one(_measure(db, pair, None), pair):
            theirs = pair[1]
            raise LedgerError(
                f"The {name_entry(theirs)} is that flow and in the ledger as number {theirs.id}: the readings around it have "
                "room for only one. Nothing was added."
            )
    return tuple(theirs for _, theirs in pairs)


def _is_one(db: Db, pair: Pair, state: AccountState | None) -> bool:
    """Whether the readings lack one of the two; before the first reading the exchange's histories show everything."""
    first = min(entry.second for entry in pair)
    if load_last_valued(db, pair[0].account_id, taken_until=first) is None:
        return True
    return _lacks_one(_measure(db, pair, state), pair)


def _measure(db: Db, pair: Pair, state: AccountState | None) -> Decimal | None:
    manual, theirs = pair
    first, last = sorted((manual.second, theirs.second))
    return measure_residual(db, manual.account_id, manual.asset, (first, last), state)


@exact
def _lacks_one(beyond: Decimal | None, pair: Pair) -> bool:
    return beyond is not None and abs(beyond + pair[1].quantity) < abs(beyond)


def measure_residual(
    db: Db, account_id: int, asset: str, moments: tuple[datetime, datetime], state: AccountState | None
) -> Decimal | None:
    """What the readings around two moments have beyond everything known, in units; None while one of them is missing.

    `state` is that of a reading that is not stored yet.
    """
    before = load_last_valued(db, account_id, taken_until=moments[0])
    after = load_next_valued(db, account_id, moments[1])
    later = load_state_at(db, account_id, after) if after else state
    if before is None or later is None or later.taken_at <= moments[1]:
        return None
    held, entries = load_between(db, account_id, load_state_at(db, account_id, before), later)
    return find_residual(held, entries, later.basis).get(asset, ZERO)


def _make_void(run: AccountRun, pair: Pair) -> tuple[Change, ...]:
    manual, theirs = pair
    void = replace(
        manual,
        id=None,
        revision=manual.revision + 1,
        state=FlowState.VOID,
        exchange_status=REPORTED_BY_EXCHANGE,
        occurred_at=None,
        first_seen_at=run.now,
        note=f"the exchange reports it as the {name_entry(theirs)}",
    )
    (recorded,) = record_entries(run.db, [void], run.run_id)
    if run.run_id is not None:
        message = (
            f"The {name_entry(manual)} is void: the exchange reports it as the {name_entry(theirs)}, which counts once. If "
            f'they are two: python -m monitor flow reclassify {recorded.id} --as flow --note "there were two"'
        )
        run.log("warning", message)
    return supersede(run.db, {manual.key: manual}, [recorded])


def move_wrongly_timed(run: AccountRun, since: datetime) -> tuple[Change, ...]:
    """Move flows that readings since `since` prove to be recorded for a wrong time; returns what that changes."""
    db, account_id, now = run.db, run.account_id, run.now
    begin = since - LONGEST_DELAY
    hours = [hour for hour in load_unexplained(db, account_id, begin, now) if hour.missing]
    if len(hours) < 2:  # one lacks what another one has too much
        return ()
    moments = load_moments(db, account_id, {moment for hour in hours for moment in (hour.from_hour, hour.hour)})
    unexplained = [_describe(hour, moments) for hour in hours]
    flows = load_flows_between(db, [account_id], unexplained[0].since, unexplained[-1].until)
    moved = [
        replace(old, id=None, revision=old.revision + 1, occurred_at=at, told_at=old.occurred_at, first_seen_at=now)
        for old, at in find_wrongly_timed(unexplained, [f for f in flows if f.told_at is None and not f.is_manual])
    ]
    recorded = record_entries(db, moved, run.run_id)
    return supersede(db, {flow.key: flow for flow in flows}, recorded)


def _describe(hour: Explanation, moments: Mapping[datetime, datetime]) -> UnexplainedHour:
    units = {asset.asset: asset.residual for asset in hour.missing}
    return UnexplainedHour(since=moments[hour.from_hour], until=moments[hour.hour], units=units)


def find_wrongly_timed(
    hours: Sequence[UnexplainedHour], flows: Iterable[LedgerEntry]
) -> Iterator[tuple[LedgerEntry, datetime]]:
    """The flows that the unexplained `hours`, in time order, prove to be recorded for a wrong time, and when they took effect.

    What one flow explains proves nothing of another one.
    """
    left = {hour.until: dict(hour.units) for hour in hours}
    for flow in flows:
        lacking = next((hour for hour in hours if hour.since <= flow.second < hour.until), None)
        if lacking is None or not is_as_much(left[lacking.until].get(flow.asset, ZERO), [-flow.quantity]):
            continue
        for hour in hours:
            moment = _find_moment(lacking, hour)
            if moment and is_as_much(left[hour.until].get(flow.asset, ZERO), [flow.quantity]):
                del left[lacking.until][flow.asset], left[hour.until][flow.asset]
                yield flow, moment
                break


def _find_moment(lacking: UnexplainedHour, other: UnexplainedHour) -> datetime | None:
    """When a flow that one hour lacks took effect, if the other one has it too much."""
    if lacking.until <= other.since < lacking.until + LONGEST_DELAY:
        return other.since
    if lacking.since - LONGEST_DELAY < other.until <= lacking.since:
        return other.until - SECOND
    return None
