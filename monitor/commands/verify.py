"""`python -m monitor verify`: every stored figure computed again, and with --recompute put right where it differs."""

import argparse
import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from finance.moments import EPOCH
from monitor.accounts.opening import find_first_exchange, using_client
from monitor.database.runs import hold_run_lock, one_view
from monitor.performance.recomputation import recompute_history
from monitor.performance.store.changes import record_history_change
from monitor.performance.store.stored_rows import load_accounts_with_history
from monitor.performance.store.valued_hours import load_valued_after
from monitor.performance.verification import Difference, Verified, verify
from monitor.settings import Settings
from sql.rows import Db

MOST_SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `verify`."""
    parser.add_argument("--json", action="store_true", help="print the differences as JSON")
    parser.add_argument(
        "--recompute",
        action="store_true",
        help="write units, benchmarks, flow values and explanations anew where something differs, then verify again",
    )
    parser.set_defaults(run=run_verify)


def run_verify(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print what differs; returns 0 when nothing does, else 1."""
    if arguments.recompute:
        hold_run_lock(db)
    verified = _verify(db)
    if arguments.recompute and verified.differences:
        _recompute(db, settings, verified.differences, now)
        verified = _verify(db)
    if arguments.json:
        print(json.dumps(asdict(verified), default=str))
    else:
        print(_describe(verified, arguments.recompute))
    return 1 if verified.differences else 0


def _verify(db: Db) -> Verified:
    with one_view(db):
        return verify(db)


def _recompute(db: Db, settings: Settings, differences: Iterable[Difference], now: datetime) -> None:
    """Compute the history of the accounts in `differences` again, and say so beside the rows that have changed."""
    since: dict[str, datetime] = {}
    for difference in differences:
        since[difference.account] = min(difference.at, since.get(difference.account, difference.at))
    chosen = {account_id: since[label] for account_id, label, _ in load_accounts_with_history(db) if label in since}
    asyncio.run(_recompute_accounts(db, settings, chosen, now))
    for account_id, first in chosen.items():
        reason = "figures that differed from the ledger and the prices were computed again (verify --recompute)"
        opening = load_valued_after(db, account_id, EPOCH)[0].taken_at  # of which nothing is computed
        record_history_change(db, account_id, since=max(first, opening), reason=reason, at=now)


async def _recompute_accounts(db: Db, settings: Settings, account_ids: Iterable[int], now: datetime) -> None:
    async with using_client(settings, find_first_exchange(db)) as client:
        await recompute_history(db, client, account_ids, EPOCH, now)


def _describe(verified: Verified, is_recomputed: bool) -> str:
    count = len(verified.differences)
    if not count:
        well = f"{verified.hours:,} hours computed again: every stored figure is what the ledger and the prices give."
        return "\n".join([*verified.waiting, well])
    lines = [*verified.waiting, *(str(difference) for difference in verified.differences[:MOST_SHOWN])]
    if count > MOST_SHOWN:
        lines.append(f"... and {count - MOST_SHOWN:,} more (--json shows all)")
    lines.append(f"{count:,} figures differ, in {verified.hours:,} hours.")
    if is_recomputed:
        lines.append(
            "They come from what was observed and can't be computed: restore a backup (python -m sql restore FILE)."
        )
    else:
        lines.append("A backup is safe first (python -m sql backup FILE); then: python -m monitor verify --recompute")
    return "\n".join(lines)
