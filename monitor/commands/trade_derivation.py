"""`python -m monitor trades rebuild`: gains, trades, fees and exits derived again from the stored hours, in one transaction."""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from finance.moments import EPOCH
from monitor.commands import whose
from monitor.commands.recomputing import recompute_accounts, regroup
from monitor.database.acts import note_act
from monitor.database.runs import hold_run_lock
from monitor.performance.store.changes import record_history_change
from monitor.performance.store.derived_rows import load_derived_rows
from monitor.performance.store.valued_hours import load_valued_after
from monitor.settings import Settings
from monitor.trading.store.groups import load_books, mark_all
from sql.rows import Db

DONE, NOTHING = 0, 3
REASON = "gains, trades and fees were derived again from the stored hours (trades rebuild)"
TOO_SHORT = "No account has two hours with a NAV yet: there is nothing to derive again."
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades rebuild`."""
    whose.add_arguments(parser, "every account and portfolio if left out")
    parser.add_argument("--json", action="store_true", help="print how many rows changed as JSON")
    parser.set_defaults(run=run_derivation)


def run_derivation(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Derive, and print how many rows changed; returns 0, or 3 without two hours. Raises AlreadyRunning and AccountError."""
    hold_run_lock(db)
    chosen = [one for one in _choose(db, arguments) if len(load_valued_after(db, one.id, EPOCH)) > 1]
    if not chosen:
        print(json.dumps([]) if arguments.json else TOO_SHORT)
        return NOTHING
    with db.transaction():
        done = derive_again(db, settings, chosen, now, REASON)
    print(json.dumps([as_json(one) for one in done], indent=2) if arguments.json else "\n".join(map(describe, done)))
    return DONE


def _choose(db: Db, arguments: argparse.Namespace) -> list[whose.Book]:
    """What was asked for, an account with the portfolios that it is part of, which are derived from it; these last."""
    if arguments.portfolio:
        return list(whose.choose_books(db, None, arguments.portfolio))
    chosen = {one.id: one for one in whose.choose_books(db, arguments.account, None)}
    its = {book.number for book in load_books(db) if chosen.keys() & set(book.accounts)}
    chosen |= {one.id: one for one in whose.list_books(db) if one.id in its}
    return sorted(chosen.values(), key=lambda one: -one.id)


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
