"""`python -m monitor last-hour LABEL`: an account's last recorded hour, as JSON."""

import argparse
import json
from datetime import datetime

from monitor.accounts.registry import find_account
from monitor.performance.store.history import load_last_hour
from monitor.settings import Settings
from sql.rows import Db


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to argparse."""
    parser.add_argument("label")
    parser.set_defaults(answer=describe_last_hour)


def describe_last_hour(db: Db, _: Settings, arguments: argparse.Namespace, __: datetime) -> str:
    """The hour, or null if the account has none. Raises AccountError."""
    return json.dumps(load_last_hour(db, find_account(db, arguments.label).id), default=datetime.isoformat)
