"""`python -m monitor trades cash`: what counts as money rather than as a coin that is traded.

A word about it derives all trades again, in one transaction, and the history says so: no figure is another without a reason. NAV,
returns and gains stay what they are; what was realised in trades of a coin is realised outside of trades once it is money.
"""

import argparse
import json
import re
from datetime import datetime

from finance.moments import EPOCH
from finance.prices import VALUATION_ASSET
from monitor.commands import whose
from monitor.commands.recomputing import as_json, derive_again, describe
from monitor.database.runs import hold_run_lock
from monitor.errors import LedgerError
from monitor.performance.store.cash import change_cash, load_cash
from monitor.performance.store.valued_hours import load_valued_after
from monitor.settings import Settings
from sql.rows import Db

NAME = re.compile(r"[A-Z0-9]{1,20}")
ALREADY = "{} is money already: python -m monitor trades cash lists what is."
NEVER = "{} is not among what counts as money: python -m monitor trades cash lists what is."
UNIT = f"{VALUATION_ASSET} stays money: it is what everything is counted in."
BOTH = "{} can't be added and removed at once."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades cash`."""
    parser.add_argument("--add", nargs="+", type=_read_name, default=[], metavar="NAME", help="count it as money")
    parser.add_argument(
        "--remove", nargs="+", type=_read_name, default=[], metavar="NAME", help="let it be a coin that is traded"
    )
    parser.add_argument("--json", action="store_true", help="print what counts, and what changed, as JSON")
    parser.set_defaults(run=run_cash)


def run_cash(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Change what counts, derive trades again, and print what counts and how many rows changed; returns 0.

    Raises LedgerError for a word that changes nothing, and AlreadyRunning.
    """
    more, less = frozenset(arguments.add), frozenset(arguments.remove)
    changed = []
    if more or less:
        hold_run_lock(db)
        _check(load_cash(db), more, less)
        books = [one for one in whose.list_books(db) if len(load_valued_after(db, one.id, EPOCH)) > 1]
        with db.transaction():
            change_cash(db, more, less, now)
            changed = derive_again(db, settings, sorted(books, key=lambda one: -one.id), now, _reason(more, less))
    cash = sorted(load_cash(db))
    if arguments.json:
        print(json.dumps({"cash": cash, "changed": [as_json(one) for one in changed]}, indent=2))
        return 0
    print("\n".join(["Money, of which there are no trades: " + " ".join(cash), *map(describe, changed)]))
    return 0


def _read_name(text: str) -> str:
    name = text.upper()
    if not NAME.fullmatch(name):
        raise argparse.ArgumentTypeError(f"{text!a} is no name of a coin. Give it as the exchanges do, like EURI")
    return name


def _check(cash: frozenset[str], more: frozenset[str], less: frozenset[str]) -> None:
    for found, refusal in ((more & less, BOTH), (more & cash, ALREADY), (less - cash, NEVER)):
        if found:
            raise LedgerError(refusal.format(", ".join(sorted(found))))
    if VALUATION_ASSET in less:
        raise LedgerError(UNIT)


def _reason(more: frozenset[str], less: frozenset[str]) -> str:
    said = [f"{', '.join(sorted(more))} counts as money"] * bool(more)
    said += [f"{', '.join(sorted(less))} counts as a coin that is traded"] * bool(less)
    return f"{' and '.join(said)} (trades cash)"
