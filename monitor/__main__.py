"""`python -m monitor COMMAND`: the hourly worker and its commands.

Exit codes: 0 complete, 1 something is incomplete, 2 usage or settings, 3 nothing to do, 4 failed, 70 an error of this
program, 75 another run works.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module

import psycopg

from finance.moments import hour_of
from monitor.accounts.client import TrackedAccount
from monitor.accounts.opening import find_first_exchange, using_client
from monitor.accounts.registry import ensure_environment_accounts, find_account, load_accounts
from monitor.commands.report import format_result
from monitor.commands.run_json import write_json
from monitor.cycle.result import CycleResult
from monitor.cycle.run import run_cycle
from monitor.database.containment import contained, gathered
from monitor.database.runs import hold_run_lock, record_broken, record_end, release_run_lock, undone
from monitor.errors import AlreadyRunning, Crashed, MonitorError, UsageError
from monitor.market.market_hours import record_market
from monitor.notify.alerts import raise_alerts
from monitor.notify.delivery import SENDING_SECONDS
from monitor.performance.store.changes import is_anything_marked
from monitor.performance.store.history import load_due_accounts, load_last_hour
from monitor.settings import Settings, read_settings
from sql import embedded
from sql.connect import TURNED_READ_ONLY, connect
from sql.environment import read_environment
from sql.errors import AddressFault, ClusterError, DatabaseAway, SchemaMismatch, UsageFault
from sql.migrate import check_schema, migrate
from sql.process import begin_program
from sql.rows import Db
from sql.version import VERSION, add_version

NO_ACCOUNTS = (
    "There are no accounts to read. Add one: python -m monitor account add LABEL; or read one again that was "
    "disabled: python -m monitor account enable LABEL"
)
COMMANDS = {  # beside those of the hour; each is described and carried out by the module of its name in monitor.commands
    "backfill": "rebuild history from the exchange's own records",
    "explain": "why NAV changed, in parts that add up",
    "verify": "compute every stored figure again and say what differs",
    "trades": "list trades from flat to flat, prove that they and the change of NAV agree",
    "flow": "deposits and withdrawals: list, add, correct",
    "price": "say what a coin is worth that has no market price",
    "benchmark": "what the accounts are compared with",
    "portfolio": "several accounts shown as one",
    "notify": "alerts: send a test, list them, acknowledge alarms",
    "rotate-master-key": "seal the stored API keys with another master key",
    "account": "which accounts are tracked",
}
COMPLETE, INCOMPLETE, USAGE, NOTHING, FAILED, CRASHED, BUSY = 0, 1, 2, 3, 4, 70, 75
LOCK_PATIENCE_SECONDS = 30  # until a server has noticed that the session before is gone
LONGEST_END = 300
log = logging.getLogger("monitor")


def main() -> int:
    """Run one command; returns the exit code."""
    begin_program()
    arguments = parse_arguments()
    try:
        with contained("The command"):
            return _run_command(arguments)
    except Crashed as error:
        print(error, file=sys.stderr)
        return CRASHED
    except AlreadyRunning as error:
        print(error, file=sys.stderr)
        return BUSY
    except (MonitorError, ClusterError, DatabaseAway, SchemaMismatch, UsageFault) as error:
        print(error, *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
        return USAGE if isinstance(error, UsageError | UsageFault | AddressFault) else FAILED
    except (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted) as error:
        print(
            f"The database's files are damaged: {' '.join(str(error).split())}. Nothing was written. Stop everything, keep "
            "a copy of the data directory, and restore the newest backup (python -m sql restore FILE).",
            file=sys.stderr,
        )
        return FAILED
    except psycopg.errors.ReadOnlySqlTransaction:
        print(TURNED_READ_ONLY, file=sys.stderr)
        return FAILED
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        print(
            f"The database went away while it was used: {' '.join(str(error).split())}. Nothing is half-written; "
            "run again when it is back (python -m sql status).",
            file=sys.stderr,
        )
        return FAILED
    except KeyboardInterrupt:
        then = " The next run completes the hour." if arguments.command == "run" else ""
        print(f"\nInterrupted. Nothing is half-written.{then}", file=sys.stderr)
        return FAILED


def _run_command(arguments: argparse.Namespace) -> int:
    settings = read_settings(read_environment())
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(message)s")
    if "run_alone" in arguments:
        code: int = arguments.run_alone(settings, open_database, datetime.now(UTC))
        return code
    return _begin_again(settings, arguments) if arguments.command == "run" else _begin(settings, arguments)


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command and its arguments; of this process where no `words` are given."""
    parser = argparse.ArgumentParser(prog="python -m monitor", description=__doc__)
    add_version(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="read every account and record the hour")
    running.add_argument("--dry-run", action="store_true", help="store nothing")
    running.add_argument("--json", action="store_true", help="print everything as JSON")
    running.add_argument("--due", action="store_true", help="read only the accounts that were not read in this hour")
    running.add_argument("--ended", action="append", default=[], type=read_end, metavar="TIME,PID,HOW",
                         help="how an earlier run ended that could not say so itself")  # fmt: skip
    running.add_argument("--alerts-until", type=datetime.fromisoformat, metavar="TIME",
                         help="when sending alerts has to end; the others wait for the next run")  # fmt: skip
    commands.add_parser(
        "due", help="exit 0 if an account was not read in this hour or something is to be computed again, else 3"
    )
    last = commands.add_parser("last-hour", help="print an account's last recorded hour as JSON")
    last.add_argument("label")
    words = sys.argv[1:] if words is None else words
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        if name in words:  # the others cost an hour's run time and memory for nothing
            import_module(f"monitor.commands.{name.replace('-', '_')}").add_arguments(command)
    return parser.parse_args(words)


def read_end(text: str) -> tuple[datetime, int, str]:
    """When an earlier run began, its process and how it ended. Raises ValueError."""
    began_at, pid, how = text.split(",", 2)
    return datetime.fromisoformat(began_at).astimezone(UTC), int(pid), how[:LONGEST_END]


@contextmanager
def open_database(settings: Settings) -> Iterator[Db]:
    """The worker's connection, with the embedded server running if there is no other. Refuses a wrong schema."""
    if settings.database_url:
        with connect(settings.database_url.value, name="monitor") as db:
            check_schema(db)
            yield db
        return
    with embedded.attached(settings.data_dir):
        with connect(embedded.url(settings.data_dir, "owner"), name="migrate") as owner:
            migrate(owner)
        with connect(embedded.url(settings.data_dir, "worker"), name="monitor") as db:
            yield db


def _begin(settings: Settings, arguments: argparse.Namespace, lock_patience_seconds: float = 0) -> int:
    with open_database(settings) as db:
        return _dispatch(db, settings, arguments, lock_patience_seconds)


def _begin_again(settings: Settings, arguments: argparse.Namespace) -> int:
    """A run, once more if its database breaks off, as soon as the database is back."""
    began_at = datetime.now(UTC)
    try:
        return _begin(settings, arguments)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        how = f"the database broke off: {' '.join(str(error).split())}"[:LONGEST_END]
    log.warning("The run begins anew, because %s", how)
    arguments.ended.append((began_at, os.getpid(), how))
    return _begin(settings, arguments, LOCK_PATIENCE_SECONDS)


def _dispatch(db: Db, settings: Settings, arguments: argparse.Namespace, lock_patience_seconds: float = 0) -> int:
    now = datetime.now(UTC)
    if arguments.command == "run":
        hold_run_lock(db, lock_patience_seconds)
    if arguments.command == "run" and arguments.dry_run:
        with undone(db):
            ensure_environment_accounts(db, settings, now)
            return _run(db, settings, arguments, now)
    ensure_environment_accounts(db, settings, now)
    if "answer" in arguments:
        print(arguments.answer(db, settings, arguments, now))
        return COMPLETE
    if "run" in arguments:
        status: int = arguments.run(db, settings, arguments, now)
        return status
    if arguments.command == "due":
        return COMPLETE if load_due_accounts(db, hour_of(now)) or is_anything_marked(db, hour_of(now)) else NOTHING
    if arguments.command == "last-hour":
        print(json.dumps(load_last_hour(db, find_account(db, arguments.label).id), default=datetime.isoformat))
        return COMPLETE
    return _run(db, settings, arguments, now)


def _run(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
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
            raise_alerts(db, settings, now, _seconds_to_send(arguments.alerts_until))
    print(*broken, sep="\n", end="\n" if broken else "", file=sys.stderr)
    return CRASHED if broken else code


def _seconds_to_send(until: datetime | None) -> float:
    """What is left until then for sending alerts; the usual time where nobody waits for this run to end."""
    left = (until.astimezone(UTC) - datetime.now(UTC)).total_seconds() if until else SENDING_SECONDS
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


if __name__ == "__main__":
    gc.freeze()  # what was imported stays to the end: nobody needs to look for garbage in it, which takes 0.1 s
    sys.exit(main())
