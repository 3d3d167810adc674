"""`python -m monitor run`: one hourly run, what it came to, and the alerts that follow from it."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import psycopg

from finance.moments import hour_of
from monitor.accounts.client import TrackedAccount
from monitor.accounts.opening import find_first_exchange, using_client
from monitor.accounts.registry import ensure_environment_accounts, load_accounts
from monitor.commands.arguments import Clock, Opener
from monitor.commands.report import format_result
from monitor.commands.run_json import write_json
from monitor.cycle.result import CycleResult
from monitor.cycle.run import run_cycle
from monitor.database.containment import gathered
from monitor.database.runs import hold_run_lock, record_broken, record_end, release_run_lock, undone
from monitor.market.market_hours import record_market
from monitor.notify.alerts import raise_alerts
from monitor.notify.delivery import SENDING_SECONDS
from monitor.performance.store.history import load_due_accounts
from monitor.settings import Settings
from sql.rows import Db
from sql.version import VERSION

NO_ACCOUNTS = (
    "There are no accounts to read. Add one: python -m monitor account add LABEL; or read one again that was "
    "disabled: python -m monitor account enable LABEL"
)
COMPLETE, INCOMPLETE, NOTHING, CRASHED = 0, 1, 3, 70
LOCK_PATIENCE_SECONDS = 30  # until a server has noticed that the session before is gone
LONGEST_END = 300
log = logging.getLogger("monitor")


def add_arguments(running: argparse.ArgumentParser) -> None:
    """Describe the command to argparse."""
    running.add_argument("--dry-run", action="store_true", help="store nothing")
    running.add_argument("--json", action="store_true", help="print everything as JSON")
    running.add_argument("--due", action="store_true", help="read only the accounts that were not read in this hour")
    running.add_argument("--ended", action="append", default=[], type=read_end, metavar="TIME,PID,HOW",
                         help="how an earlier run ended that could not say so itself")  # fmt: skip
    running.add_argument("--alerts-until", type=datetime.fromisoformat, metavar="TIME",
                         help="when sending alerts has to end; the others wait for the next run")  # fmt: skip
    running.set_defaults(run_alone=run_once_more)


def read_end(text: str) -> tuple[datetime, int, str]:
    """When an earlier run began, its process and how it ended. Raises ValueError."""
    began_at, pid, how = text.split(",", 2)
    return datetime.fromisoformat(began_at).astimezone(UTC), int(pid), how[:LONGEST_END]


def run_once_more(settings: Settings, arguments: argparse.Namespace, open_database: Opener, clock: Clock) -> int:
    """A run, once more if its database breaks off, as soon as the database is back; returns the exit code."""
    began_at = clock()
    try:
        with open_database(settings) as db:
            return _hold_and_run(db, settings, arguments, clock)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        how = f"the database broke off: {' '.join(str(error).split())}"[:LONGEST_END]
    log.warning("The run begins anew, because %s", how)
    arguments.ended.append((began_at, os.getpid(), how))
    with open_database(settings) as db:
        return _hold_and_run(db, settings, arguments, clock, LOCK_PATIENCE_SECONDS)


def _hold_and_run(
    db: Db, settings: Settings, arguments: argparse.Namespace, clock: Clock, lock_patience_seconds: float = 0
) -> int:
    now = clock()
    hold_run_lock(db, lock_patience_seconds)
    with undone(db) if arguments.dry_run else nullcontext():
        ensure_environment_accounts(db, settings, now)
        return _run(db, settings, arguments, now, clock)


def _run(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime, clock: Clock) -> int:
    accounts = load_accounts(db, settings)
    if not accounts:
        print(NO_ACCOUNTS, file=sys.stderr)
        return NOTHING
    for began_at, pid, how in arguments.ended:
        record_end(db, began_at, pid, how, VERSION)
    if arguments.due:
        due = load_due_accounts(db, hour_of(now))
        accounts = tuple(account for account in accounts if account.id in due)
    result = asyncio.run(_run_once(db, settings, accounts, now))
    format_as, broken, code = write_json if arguments.json else format_result, [*result.broken], CRASHED
    with _noted(db, result, "Printing the result", broken, now):
        labels = {account.id: account.label for account in accounts}
        print(format_as(db, result, labels, now=now, stored=not arguments.dry_run))
        code = COMPLETE if result.is_complete else INCOMPLETE
    if not arguments.dry_run:
        release_run_lock(db)
        with _noted(db, result, "Raising alerts", broken, now):
            raise_alerts(db, settings, now, _seconds_to_send(arguments.alerts_until, clock()))
    print(*broken, sep="\n", end="\n" if broken else "", file=sys.stderr)
    return CRASHED if broken else code


def _seconds_to_send(until: datetime | None, now: datetime) -> float:
    """What is left until then for sending alerts; the usual time where nobody waits for this run to end."""
    left = (until.astimezone(UTC) - now).total_seconds() if until else SENDING_SECONDS
    return min(SENDING_SECONDS, left)


async def _run_once(db: Db, settings: Settings, accounts: Sequence[TrackedAccount], now: datetime) -> CycleResult:
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(using_client(settings, find_first_exchange(db)))
        result = await run_cycle(db, client, accounts, now=now, pid=os.getpid(), version=VERSION)
        broken = [*result.broken]
        with _noted(db, result, "Reading the market", broken, now):  # of no account's hour
            await record_market(db, client, result.symbols, now)
        with _noted(db, result, "Closing the connections", broken, now):
            await opened.aclose()
    return replace(result, broken=tuple(broken))


@contextmanager
def _noted(db: Db, result: CycleResult, doing: str, broken: list[str], now: datetime) -> Iterator[None]:
    """Let what breaks inside be on the row of the run that is over, and in `broken`."""
    known = len(broken)
    with gathered(doing, broken):
        yield
    record_broken(db, result.run_id, broken[known:], now)
