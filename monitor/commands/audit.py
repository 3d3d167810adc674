"""`python -m monitor audit`: what you did through commands, and what each changed, from what to what."""

import argparse
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.accounts.registry import find_account
from monitor.commands.columns import minute, moment_json
from monitor.database.acts import Act, load_acts
from monitor.settings import Settings
from sql.rows import Db

MOST_LISTED = 50
NONE = "No act was noted yet."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `audit`."""
    parser.add_argument("--account", help="the account's label; every act if left out")
    parser.add_argument("--json", action="store_true", help="print all of them as JSON")
    parser.set_defaults(run=run_audit)


def run_audit(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print acts, the newest first; returns 0. Raises AccountError."""
    account_id = find_account(db, arguments.account).id if arguments.account else None
    acts = load_acts(db, account_id, None if arguments.json else MOST_LISTED)
    if arguments.json:
        print(json.dumps([_as_json(act) for act in acts], indent=2))
    else:
        print("\n".join(map(_describe, acts)) or NONE)
    return 0


def _describe(act: Act) -> str:
    owner = f" of {act.label}" if act.label else ""
    lines = [f"{minute(act.at)}  {act.action}: {act.table} {act.record}{owner}"]
    lines += [f"    {name}: {_say(act.was, name)} -> {_say(act.became, name)}" for name in {**act.was, **act.became}]
    return "\n".join(lines)


def _say(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "nothing" if value is None else value if isinstance(value, str) else json.dumps(value)


def _as_json(act: Act) -> dict[str, Any]:
    return {
        "at": moment_json(act.at),
        "action": act.action,
        "account": act.label or None,
        "table": act.table,
        "record": act.record,
        "old": act.was,
        "new": act.became,
    }
