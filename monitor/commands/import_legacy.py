"""`python -m monitor import-legacy`: the orders of an older system brought along, its trades and figures set beside ours.

Without --apply nothing is written. The older database is only ever read, and its address is never shown.
"""

import argparse
import json
from datetime import datetime
from pathlib import Path

from monitor.accounts.registry import list_accounts
from monitor.commands.legacy_report import as_json, describe
from monitor.database.runs import hold_run_lock, one_view
from monitor.errors import LegacyError
from monitor.legacy.importing import Report, apply, prepare
from monitor.legacy.tables import OldTables, read_database, read_folder
from monitor.settings import Settings
from sql.connect import has_password
from sql.rows import Db

COMPLETE, INCOMPLETE = 0, 1
SCHEMES = ("postgres://", "postgresql://")
NO_SOURCE = (
    "Say where the older system's tables are: --from FOLDER with a CSV file for each, or the database's address in "
    "LEGACY_DATABASE_URL (or in a file that LEGACY_DATABASE_URL_FILE names)."
)
SEEN_BY_ALL = (
    "That address has a password. On a command line every user of this machine can read it, and the shell keeps it: put the "
    "address in LEGACY_DATABASE_URL, or in a file that LEGACY_DATABASE_URL_FILE names, and leave --from out."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `import-legacy`."""
    parser.add_argument(
        "--from",
        dest="source",
        metavar="URL|FOLDER",
        help="a folder with orders.csv and so on, or a database's address without a password; LEGACY_DATABASE_URL if left out",
    )
    parser.add_argument(
        "--account", help="the account that all of it belongs to; if left out, the one at each order's exchange"
    )
    parser.add_argument("--user", help="only what belongs to this user_id, where the older system had several")
    parser.add_argument(
        "--apply", action="store_true", help="write what the report says; without it nothing is written"
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.set_defaults(run=run_import)


def run_import(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Report, and write if asked to; returns 0, or 1 if rows are left out. Raises LegacyError, or AlreadyRunning."""
    tables = _read(settings, arguments.source)
    report = _apply(db, tables, arguments, now) if arguments.apply else _prepare(db, tables, arguments)
    if arguments.json:
        print(json.dumps(as_json(report, is_applied=arguments.apply), indent=2))
    else:
        print(describe(report, is_applied=arguments.apply))
    return INCOMPLETE if report.faults else COMPLETE


def _prepare(db: Db, tables: OldTables, arguments: argparse.Namespace) -> Report:
    with one_view(db):
        return _decide(db, tables, arguments)


def _apply(db: Db, tables: OldTables, arguments: argparse.Namespace, now: datetime) -> Report:
    hold_run_lock(db)
    with db.transaction():
        report = _decide(db, tables, arguments)
        apply(db, report, tables, now)
    return report


def _decide(db: Db, tables: OldTables, arguments: argparse.Namespace) -> Report:
    accounts = list_accounts(db, arguments.account)
    if not accounts:
        named = f"'{arguments.account}'" if arguments.account else "at all"
        raise LegacyError(f"There is no account {named}. Add it first: python -m monitor account add LABEL")
    return prepare(db, tables, accounts, arguments.account, arguments.user)


def _read(settings: Settings, source: str | None) -> OldTables:
    if source is None:
        if not settings.legacy_database_url:
            raise LegacyError(NO_SOURCE)
        return read_database(settings.legacy_database_url.value)
    if not source.startswith(SCHEMES):
        if not Path(source).is_dir():
            raise LegacyError(f"There is no folder of that name. {NO_SOURCE}")  # it may be a mistyped address
        return read_folder(Path(source))
    if has_password(source):
        raise LegacyError(SEEN_BY_ALL)
    return read_database(source)
