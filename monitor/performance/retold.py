"""A flow that the owner added and the exchange tells later is one flow, and the exchange's word for it counts.

Amount and time alone don't prove it, for many pay in the same sum every day: the readings around both must have room
for only one of them. The owner's entry becomes void by a revision that says so, and one command takes that back.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.ledger_entries import RETOLD, LedgerEntry, name_entry
from finance.plausibility import find_residual
from finance.records import FlowState
from monitor.database import Db
from monitor.database.runs import record_log
from monitor.errors import LedgerError
from monitor.ledger.store.entries import load_retold, record_entries
from monitor.performance.booking import Change, supersede
from monitor.performance.readings import Found, load_found, load_since
from monitor.performance.store.history import ValuedHour, load_last_valued, load_next_valued
from monitor.performance.store.members import load_members

Pair = tuple[LedgerEntry, LedgerEntry]  # the owner's and the exchange's


def recognise_retold(
    db: Db, account_id: int, found: Found | None, now: datetime, run_id: int | None
) -> tuple[Change, ...]:
    """Make void what the owner added and the exchange has told since the last valued hour; returns what that changes.

    `found` is the reading of this moment, if it is complete.
    """
    last = load_last_valued(db, account_id, taken_until=now)
    changes: list[Change] = []
    paired: set[int | None] = set()
    for pair in load_retold(db, account_id, told_after=last.taken_at) if last else ():
        if paired.isdisjoint(entry.id for entry in pair) and _is_one(db, pair, found):
            paired |= {entry.id for entry in pair}
            changes += _make_void(db, pair, now, run_id)
    return tuple(changes)


def list_alike(db: Db, entry: LedgerEntry) -> tuple[LedgerEntry, ...]:
    """Flows of the exchange that may be the same as an `entry` that the owner adds.

    Raises LedgerError where the readings around them have room for only one.
    """
    pairs = load_retold(db, entry.account_id, manual_id=entry.id)
    for pair in pairs:
        if _lacks_one(_measure(db, pair, None), pair):
            told = pair[1]
            raise LedgerError(
                f"The {name_entry(told)} is that flow and in the ledger as number {told.id}: the readings around it have "
                "room for only one. Nothing was added."
            )
    return tuple(told for _, told in pairs)


def _is_one(db: Db, pair: Pair, found: Found | None) -> bool:
    """Whether the readings lack one of the two; before the first reading the exchange's histories tell everything."""
    first = min(entry.second for entry in pair)
    if load_last_valued(db, pair[0].account_id, taken_until=first) is None:
        return True
    return _lacks_one(_measure(db, pair, found), pair)


def _measure(db: Db, pair: Pair, found: Found | None) -> Decimal | None:
    manual, told = pair
    first, last = sorted((manual.second, told.second))
    return measure_residual(db, manual.account_id, manual.asset, (first, last), found)


@exact
def _lacks_one(beyond: Decimal | None, pair: Pair) -> bool:
    return beyond is not None and abs(beyond + pair[1].quantity) < abs(beyond)


def measure_residual(
    db: Db, account_id: int, asset: str, moments: tuple[datetime, datetime], found: Found | None
) -> Decimal | None:
    """What the readings around two moments have beyond everything known, in units; None while one of them is missing.

    `found` is a reading that is not stored yet.
    """
    before = load_last_valued(db, account_id, taken_until=moments[0])
    after = load_next_valued(db, account_id, moments[1])
    later = _load(db, account_id, after) if after else found
    if before is None or later is None or later.taken_at <= moments[1]:
        return None
    since = load_since(db, account_id, _load(db, account_id, before), later)
    return find_residual(since.held, since.entries, later.basis).get(asset, ZERO)


def _load(db: Db, account_id: int, hour: ValuedHour) -> Found:
    (member,) = load_members(db, account_id, hour.hour, hour.hour)[hour.hour]
    return load_found(db, member.snapshot_id, member.taken_at)


def _make_void(db: Db, pair: Pair, now: datetime, run_id: int | None) -> tuple[Change, ...]:
    manual, told = pair
    void = replace(
        manual,
        id=None,
        revision=manual.revision + 1,
        state=FlowState.VOID,
        exchange_status=RETOLD,
        occurred_at=None,
        first_seen_at=now,
        note=f"the exchange tells it as the {name_entry(told)}",
    )
    (recorded,) = record_entries(db, [void], run_id)
    if run_id is not None:
        message = (
            f"The {name_entry(manual)} is void: the exchange tells it as the {name_entry(told)}, which counts once. If "
            f'they are two: python -m monitor flow reclassify {recorded.id} --as flow --note "there were two"'
        )
        record_log(db, at=now, level="warning", message=message, run_id=run_id, account_id=manual.account_id)
    return supersede(db, {manual.key: manual}, [recorded])
