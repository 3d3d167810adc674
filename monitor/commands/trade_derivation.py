"""`python -m monitor trades rebuild`: gains, trades, fees and exits derived again from the stored hours, in one transaction."""

import argparse
import json
from datetime import datetime

from finance.moments import EPOCH
from monitor.commands import whose
from monitor.commands.recomputing import as_json, derive_again, describe
from monitor.database.runs import hold_run_lock
from monitor.performance.store.valued_hours import load_valued_after
from monitor.settings import Settings
from monitor.trading.store.groups import load_books
from sql.rows import Db

DONE, NOTHING = 0, 3
REASON = "gains, trades and fees were derived again from the stored hours (trades rebuild)"
TOO_SHORT = "No account has two hours with a NAV yet: there is nothing to derive again."


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
