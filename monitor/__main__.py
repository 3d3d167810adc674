"""`python -m monitor COMMAND`: the hourly worker and its commands.

Exit codes: 0 complete, 1 something is incomplete, 2 usage or settings, 3 nothing to do, 4 failed, 70 an error of this
program, 75 another run works.
"""

import argparse
import gc
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module

import psycopg

from monitor.accounts.registry import ensure_environment_accounts
from monitor.database.acts import begin_act
from monitor.database.containment import contained
from monitor.errors import AlreadyRunning, Crashed, MonitorError, UsageError
from monitor.settings import Settings, read_settings
from sql import embedded
from sql.connect import TURNED_READ_ONLY, connect
from sql.environment import read_environment
from sql.errors import AddressFault, ClusterError, DatabaseAway, SchemaMismatch, UsageFault
from sql.migrate import check_schema, migrate
from sql.process import begin_program
from sql.rows import Db
from sql.version import add_version

COMMANDS = {  # each is described and carried out by the module of its name in monitor.commands
    "run": "read every account and record the hour",
    "due": "exit 0 if an account was not read in this hour or something is to be computed again, else 3",
    "last-hour": "print an account's last recorded hour as JSON",
    "backfill": "rebuild history from the exchange's own records",
    "explain": "why NAV changed, in parts that add up",
    "verify": "compute every stored figure again and say what differs",
    "trades": "list trades from flat to flat, note what you think of them, prove that they agree with NAV, read all there are",
    "orders": "list orders: what was ordered, what of it was done, what waits",
    "import-legacy": "bring the orders of an older system along, and say why its trades differ from ours",
    "flow": "deposits and withdrawals: list, add, correct",
    "price": "say what a coin is worth that has no market price",
    "benchmark": "what the accounts are compared with",
    "portfolio": "several accounts shown as one",
    "notify": "alerts: send a test, list them, acknowledge alarms",
    "rotate-master-key": "seal the stored API keys with another master key",
    "account": "which accounts are tracked",
    "audit": "what you did through commands, and what each changed",
}
NO_ACTS = ("run", "backfill", "account check", "trades sync")
DONE, USAGE, FAILED, CRASHED, BUSY = 0, 2, 4, 70, 75


def main(when_loaded: Callable[[], object] | None = None) -> int:
    """Run one command; returns the exit code. `when_loaded` is called once all that it needs is imported."""
    begin_program()
    arguments = parse_arguments()
    if when_loaded:
        when_loaded()
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
    code: int
    if "run_alone" in arguments:
        code = arguments.run_alone(settings, arguments, open_database, _read_clock)
        return code
    with open_database(settings) as db:
        now = _read_clock()
        ensure_environment_accounts(db, settings, now)
        if action := _name_act(arguments):
            begin_act(db, action, now)
        if "answer" in arguments:
            print(arguments.answer(db, settings, arguments, now))
            return DONE
        code = arguments.run(db, settings, arguments, now)
        return code


def _name_act(arguments: argparse.Namespace) -> str:
    """The command as an act of the owner; empty where the program itself does what it changes."""
    action = " ".join(filter(None, (arguments.command, getattr(arguments, "action", None))))
    return "" if action in NO_ACTS else action


def _read_clock() -> datetime:
    return datetime.now(UTC)


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command and its arguments; of this process where no `words` are given."""
    parser = argparse.ArgumentParser(prog="python -m monitor", description=__doc__)
    add_version(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    words = sys.argv[1:] if words is None else words
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        if name in words:  # the others cost it time and memory for nothing
            import_module(f"monitor.commands.{name.replace('-', '_')}").add_arguments(command)
    return parser.parse_args(words)


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


if __name__ == "__main__":
    sys.exit(main(gc.freeze))  # what was imported stays: nobody needs to look for garbage in it, which takes 0.1 s
