"""`python -m sql migrate|status|start|stop|backup FILE|verify FILE|restore FILE|schema`: the database, embedded or by DATABASE_URL.

Exit codes: 0 done, 2 usage or settings, 4 failed.
"""

import argparse
import sys
from pathlib import Path

import psycopg

from sql import embedded
from sql.backup import back_up, restore, verify_backup
from sql.connect import connect
from sql.environment import read_environment
from sql.errors import AddressFault, ClusterError, DatabaseAway, SchemaMismatch, UsageFault
from sql.migrate import MIGRATIONS, check_schema, migrate
from sql.process import begin_program
from sql.roles import ROLES, ensure_roles, load_open_functions, restrict_functions
from sql.settings import read_settings
from sql.version import add_version

USAGE, FAILED = 2, 4
SCHEMA = MIGRATIONS.parent / "schema.sql"
OPEN_FUNCTIONS = (
    "Every role of this database may take advisory locks (one stops the worker) and write large objects. Let a superuser "
    "run once: OWNER_DATABASE_URL=… python -m sql migrate"
)


def main() -> int:
    """Run one command; returns the exit code."""
    begin_program()
    parser = argparse.ArgumentParser(prog="python -m sql", description=__doc__)
    add_version(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("migrate", "bring the schema up to date"),
        ("status", "say whether the server runs and the schema fits"),
        ("start", "start the embedded server"),
        ("stop", "stop the embedded server"),
        ("schema", "print what the migrations add up to, for reading"),
    ):
        commands.add_parser(name, help=words)
    commands.add_parser("backup", help="write a backup, and its checksum beside it").add_argument("file", type=Path)
    checking = commands.add_parser("verify", help="say whether a backup's file is whole and can be restored")
    checking.add_argument("file", type=Path)
    restoring = commands.add_parser("restore", help="read a backup into an empty database")
    restoring.add_argument("file", type=Path)
    restoring.add_argument("--replace", action="store_true", help="drop what is in the database first")
    arguments = parser.parse_args()
    try:
        settings = read_settings(read_environment())
        return run(arguments, settings.data_dir, settings.owner_url)
    except (UsageFault, AddressFault) as fault:
        print(fault, file=sys.stderr)
        return USAGE
    except (ClusterError, DatabaseAway, SchemaMismatch) as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("Interrupted. Nothing is half-done; give the command again.", file=sys.stderr)
        return FAILED


def run(arguments: argparse.Namespace, data_dir: Path, owner_url: str) -> int:
    """Run the parsed command on the server of `owner_url`, or on the embedded one of `data_dir` if that is empty."""
    if arguments.command == "schema":
        print(SCHEMA.read_text(encoding="utf-8"), end="")
        return 0
    if arguments.command == "verify":
        print(verify_backup(arguments.file))
        return 0
    if owner_url:
        return run_on_server(arguments, owner_url)
    if arguments.command in ("start", "stop"):
        (embedded.start if arguments.command == "start" else embedded.stop)(data_dir)
        print("The embedded server is", "running." if embedded.is_running(data_dir) else "stopped.")
        return 0
    if arguments.command == "status" and not embedded.is_running(data_dir):
        print("The embedded server is stopped.")
        return 0
    with embedded.attached(data_dir):
        return run_command(arguments, embedded.url(data_dir, "owner"))


def run_on_server(arguments: argparse.Namespace, owner_url: str) -> int:
    """Run the command on a server that is somebody else's to start."""
    if arguments.command in ("start", "stop"):
        print("DATABASE_URL is set: that server is not ours to start or stop.", file=sys.stderr)
        return USAGE
    if arguments.command == "migrate":
        prepare_roles(owner_url)
    return run_command(arguments, owner_url)


def prepare_roles(owner_url: str) -> None:
    """Make and set up the roles where this one may; otherwise say what is left to an administrator."""
    with connect(owner_url, name="migrate") as connection:
        try:
            ensure_roles(connection, {})
        except psycopg.errors.InsufficientPrivilege as error:
            print(
                f"The roles {', '.join(ROLES.values())} could not be set up ({error.diag.message_primary}). "
                "Let an administrator run this command once.",
                file=sys.stderr,
            )
        else:
            restrict_functions(connection)
            print("The roles exist. Give them passwords once, in psql: \\password portfolio_worker, and so on.")


def run_command(arguments: argparse.Namespace, owner_url: str) -> int:
    """Run a command that needs the owner's connection."""
    if arguments.command == "backup":
        print(f"{back_up(owner_url, arguments.file)} bytes written to {arguments.file}, its checksum beside it.")
        print("The stored API keys are useless without the master key: keep DATA_DIR/master.key too, elsewhere.")
    elif arguments.command == "restore":
        restore(owner_url, arguments.file, replace=arguments.replace)
        print(f"{arguments.file} is restored.")
    else:
        with connect(owner_url, name=arguments.command) as connection:
            applied = migrate(connection) if arguments.command == "migrate" else ()
            check_schema(connection)
            if load_open_functions(connection):
                print(OPEN_FUNCTIONS)
        print("Applied: " + ", ".join(applied) if applied else "The schema is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
