"""`python -m dashboard`: serve the pages on this machine.

Exit codes: 0 ended as asked, 2 usage or settings, 4 failed.
"""

import argparse
import socket
import sys
from contextlib import suppress

from dashboard.app import make_app
from dashboard.history import Database
from dashboard.settings import read_settings
from serving import Limits, listen, make_server
from sql import embedded
from sql.environment import process_environment
from sql.errors import AddressFault, ClusterError, DatabaseAway, SchemaMismatch, SettingsFault
from sql.process import forbid_core_dumps

LIMITS = Limits()


def main() -> int:
    """Serve until interrupted; returns the exit code."""
    forbid_core_dumps()
    argparse.ArgumentParser(prog="python -m dashboard", description=__doc__).parse_args()
    try:
        settings = read_settings(process_environment())  # never `.env`: it holds the worker's secrets
        database = Database(settings.database_url or embedded.url(settings.data_dir, "dashboard"))
        database.check()
        bound = _listen(settings.host, settings.port)
    except (SettingsFault, AddressFault) as fault:
        print(fault, file=sys.stderr)
        return 2
    except (DatabaseAway, SchemaMismatch, ClusterError, PermissionError) as fault:
        print(fault, file=sys.stderr)
        return 4
    with suppress(KeyboardInterrupt):  # it has ended by then
        make_server(make_app(database), LIMITS, ws="none").run(sockets=[bound])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port, LIMITS)
    except OSError as error:
        raise SettingsFault(
            f"DASHBOARD_PORT: {host}, port {port} can't be had ({error.strerror}). End what uses it, or choose another."
        ) from None


if __name__ == "__main__":
    sys.exit(main())
