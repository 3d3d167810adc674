"""What `verify --recompute`, `trades rebuild` and `trades cash` do alike: histories derived again from what is stored, and their
trades grouped.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from finance.moments import EPOCH
from monitor.accounts.opening import find_first_exchange, using_client
from monitor.commands import whose
from monitor.database.acts import note_act
from monitor.performance.recomputation import recompute_history
from monitor.performance.store.changes import record_history_change
from monitor.performance.store.derived_rows import load_derived_rows
from monitor.performance.store.valued_hours import load_valued_after
from monitor.settings import Settings
from monitor.trading.groups import group_all
from monitor.trading.store.groups import mark_all
from sql.rows import Db

Rows = Mapping[str, Counter[int]]  # by what they are of


class DerivedAgain(NamedTuple):
    """An account or a portfolio, how many rows it has now, and how many of them are others than before, by what they are of."""

    id: int
    label: str
    rows: int
    changed: Mapping[str, int]

    @property
    def total(self) -> int:
        """All rows that are others, have come or have gone."""
        return sum(self.changed.values())


async def recompute_accounts(db: Db, settings: Settings, account_ids: Iterable[int], now: datetime) -> None:
    """The whole histories of accounts and portfolios, these after their accounts. Prices that nobody has looked up are fetched."""
    async with using_client(settings, find_first_exchange(db)) as client:
        await recompute_history(db, client, account_ids, EPOCH, now)


def regroup(db: Db, settings: Settings) -> None:
    """Group the orders of all trades that are marked."""
    while group_all(db, settings.order_names):
        pass


def derive_again(
    db: Db, settings: Settings, chosen: Sequence[whose.Book], now: datetime, reason: str
) -> list[DerivedAgain]:
    """Derive these, accounts before their portfolios; where rows are others, the history has the `reason`. Call it in a transaction."""
    db.execute("set local idle_in_transaction_session_timeout = 0")
    before = {one.id: load_derived_rows(db, one.id) for one in chosen}
    asyncio.run(recompute_accounts(db, settings, before, now))
    for one in chosen:
        mark_all(db, one.id)
    regroup(db, settings)
    done = []
    for one in chosen:
        after = load_derived_rows(db, one.id)
        found = DerivedAgain(
            one.id, one.label, sum(map(Counter.total, after.values())), _compare(before[one.id], after)
        )
        done.append(found)
        if found.total:
            opening = load_valued_after(db, one.id, EPOCH)[0].taken_at  # of which nothing is derived
            record_history_change(db, one.id, since=opening, reason=reason, at=now)
        note_act(db, one.id, "trades", "all", became={"rows_changed": found.total})
    return done


def _compare(before: Rows, after: Rows) -> dict[str, int]:
    """How many rows of each kind have changed, come or gone: one that has another figure counts once."""
    found = {name: max((after[name] - before[name]).total(), (before[name] - after[name]).total()) for name in after}
    return {name: count for name, count in found.items() if count}


def describe(one: DerivedAgain) -> str:
    """What became of its rows, as a sentence."""
    if not one.total:
        return f"{one.label}: {one.rows:,} rows derived again, none is another."
    parts = ", ".join(f"{name} {count:,}" for name, count in one.changed.items())
    return f"{one.label}: {one.rows:,} rows derived again, {one.total:,} are others than before: {parts}."


def as_json(one: DerivedAgain) -> dict[str, Any]:
    """The same."""
    return {"account": one.label, "rows": one.rows, "rows_changed": one.total, "changed": dict(one.changed)}
