"""`python -m dashboard`: serve the pages on this machine.

Exit codes: 0 ended as asked, 2 usage or settings, 4 failed.
"""

import argparse
import sys

import uvicorn

from dashboard.app import make_app
from dashboard.history import Database
from dashboard.settings import SettingsFault, read_environment, read_settings
from sql import embedded
from sql.errors import AddressFault, ClusterError, DatabaseAway, SchemaMismatch


def main() -> int:
    """Serve until interrupted; returns the exit code."""
    argparse.ArgumentParser(prog="python -m dashboard", description=__doc__).parse_args()
    try:
        settings = read_settings(read_environment())
        database = Database(settings.database_url or embedded.url(settings.data_dir, "dashboard"))
        database.check()
    except (SettingsFault, AddressFault) as fault:
        print(fault, file=sys.stderr)
        return 2
    except (DatabaseAway, SchemaMismatch, ClusterError, PermissionError) as fault:
        print(fault, file=sys.stderr)
        return 4
    uvicorn.run(
        make_app(database),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=200,
        timeout_keep_alive=5,
        lifespan="off",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
