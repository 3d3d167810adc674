"""`python -m dashboard`: serve the pages. `python -m dashboard password`: make the hash of a password for them.

Exit codes: 0 ended as asked, 2 usage or settings, 4 failed.
"""

import argparse
import logging
import socket
import sys
from contextlib import suppress
from pathlib import Path

from dashboard.access.command import make_password
from dashboard.app import make_app
from dashboard.history import Database
from dashboard.settings import read_settings
from serving import Limits, listen, make_server
from sql import embedded
from sql.environment import process_environment
from sql.errors import AddressFault, ClusterError, DatabaseAway, SchemaMismatch, SettingsFault, UsageFault
from sql.process import begin_program
from sql.version import add_version

LIMITS = Limits()
USAGE, FAILED = 2, 4
OPEN_PROXY = "ALLOWED_HOSTS is set without a password: whoever reaches those names sees everything."


def main() -> int:
    """Serve until interrupted, or run the command; returns the exit code."""
    begin_program()
    arguments = _parse()
    try:
        if arguments.command == "password":
            make_password(arguments.file)
            return 0
        return _serve()
    except (UsageFault, AddressFault) as fault:
        print(fault, file=sys.stderr)
        return USAGE
    except (DatabaseAway, SchemaMismatch, ClusterError, PermissionError) as fault:
        print(fault, file=sys.stderr)
        return FAILED
    except (KeyboardInterrupt, EOFError):
        print("\nInterrupted. Nothing was changed.", file=sys.stderr)
        return FAILED


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    add_version(parser)
    commands = parser.add_subparsers(dest="command")
    making = commands.add_parser("password", help="ask for a password and print its hash, as a line for .env")
    making.add_argument("--file", type=Path, help="write the hash to this file (0600) instead of printing it")
    return parser.parse_args()


def _serve() -> int:
    settings = read_settings(process_environment())  # never `.env`: it holds the worker's secrets
    database = Database(settings.database_url or embedded.url(settings.data_dir, "dashboard"))
    database.check()
    bound = _listen(settings.host, settings.port)
    if settings.access.names and not settings.access.password_hash:
        logging.getLogger("dashboard").warning(OPEN_PROXY)
    with suppress(KeyboardInterrupt):  # it has ended by then
        # uvloop is faster than readers of pages notice, and takes 5 MiB more.
        app = make_app(database, access=settings.access)
        make_server(app, LIMITS, ws="none", loop="asyncio").run(sockets=[bound])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port, LIMITS)
    except OSError as error:
        raise SettingsFault(
            f"DASHBOARD_PORT: {host}, port {port} can't be had ({error.strerror}). End what uses it, or choose another."
        ) from None
