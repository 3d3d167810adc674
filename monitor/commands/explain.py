"""`python -m monitor explain`: why NAV changed in a period, in parts that add up, and what is not explained."""

import argparse
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.accounts.registry import find_account, list_accounts
from monitor.commands.arguments import read_time
from monitor.commands.explanation_report import Period, format_period, write_periods
from monitor.performance.store.explanations import load_explanations
from monitor.settings import Settings
from sql.rows import Db

ALL_EXPLAINED, UNEXPLAINED, NOTHING = 0, 1, 3
A_DAY = timedelta(days=1)


def add_explain_command(parser: argparse.ArgumentParser) -> None:
    """Describe the command to argparse."""
    parser.add_argument("--account", help="the account's label; every account if left out")
    parser.add_argument("--from", dest="since", type=read_time, help="UTC, like 2026-01-31T08:00 (a day before --to)")
    parser.add_argument("--to", dest="until", type=read_time, help="UTC (now)")
    parser.add_argument("--json", action="store_true", help="print every digit as JSON")
    parser.set_defaults(run=run_explain_command)


def run_explain_command(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print the explanation; returns 0 if all is explained, 1 if not, 3 if no hour is. Raises AccountError."""
    until = arguments.until or now
    since = arguments.since or until - A_DAY
    rows = [find_account(db, arguments.account)] if arguments.account else list_accounts(db)
    periods = [found for row in rows if (found := _load_period(db, row.id, row.label, since, until))]
    if not periods:
        print(f"No hour between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC is explained.", file=sys.stderr)
        return NOTHING
    print(write_periods(periods) if arguments.json else "\n\n".join(map(format_period, periods)))
    return UNEXPLAINED if _lacks(periods) else ALL_EXPLAINED


def _load_period(db: Db, account_id: int, label: str, since: datetime, until: datetime) -> Period | None:
    """The hours that begin and end between `since` and `until`."""
    hours = [hour for hour in load_explanations(db, account_id, since, until) if hour.from_hour >= since]
    return Period(label=label, hours=hours) if hours else None


def _lacks(periods: Iterable[Period]) -> bool:
    return any(period.unexplained for period in periods)
