"""The advisory locks of the database, each a number that all programs agree on."""

from typing import Any

from psycopg import Connection

from sql.rows import load_value

RUN_LOCK = 7_205_110  # of who reads accounts, changes their history, or replaces the database
MIGRATION_LOCK = 7_205_111
ROLES_LOCK = 7_205_112
SENDING_LOCK = 7_205_113  # of who sends alerts
EPISODES_LOCK = 7_205_114  # of who notes what alerts began and ended: for a moment


def try_run_lock(connection: Connection[Any]) -> bool:
    """Take the lock of whoever changes history, for this session; False if another holds it. Even SIGKILL ends it."""
    return bool(load_value(connection, "select pg_try_advisory_lock(%(lock)s)", {"lock": RUN_LOCK}))
