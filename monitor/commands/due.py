"""`python -m monitor due`: whether a run has something to do; what the scheduler asks every four minutes."""

import argparse
from datetime import datetime

from finance.moments import hour_of
from monitor.performance.store.changes import is_anything_marked
from monitor.performance.store.history import load_due_accounts
from monitor.settings import Settings
from sql.rows import Db

DUE, NOTHING = 0, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command has none."""
    parser.set_defaults(run=run_due)


def run_due(db: Db, _: Settings, __: argparse.Namespace, now: datetime) -> int:
    """0 if an account was not read in this hour or something is to be computed again, else 3."""
    return DUE if load_due_accounts(db, hour_of(now)) or is_anything_marked(db, hour_of(now)) else NOTHING
