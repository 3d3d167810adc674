"""The advisory locks of the database, each a number that all programs agree on."""

from typing import Any

import psycopg
from psycopg import Connection

from sql.rows import load_value

RUN_LOCK = 7_205_110  # of who reads accounts, changes their history, or replaces the database
MIGRATION_LOCK = 7_205_111
ROLES_LOCK = 7_205_112
SENDING_LOCK = 7_205_113  # of who sends alerts
EPISODES_LOCK = 7_205_114  # of who notes what alerts began and ended: for a moment
BACKFILL_LOCK = 7_205_115  # of who rebuilds history month by month, and gives up the run's lock as soon as it is wanted
WORDS_LOCK = 7_205_116  # of who records a word of the owner: for a moment
PAPER_LOCK = 7_205_117  # of the paper exchange's engine


def try_paper_lock(connection: Connection[Any]) -> bool:
    """Take the lock of the engine that writes, for this session; False if another holds it. Even SIGKILL ends it."""
    return _try_lock(connection, PAPER_LOCK)


def try_run_lock(connection: Connection[Any]) -> bool:
    """Take the lock of whoever changes history, for this session; False if another holds it. Even SIGKILL ends it."""
    return _try_lock(connection, RUN_LOCK)


def try_backfill_lock(connection: Connection[Any]) -> bool:
    """Take the lock of whoever rebuilds history in between, for this session; False if another holds it."""
    return _try_lock(connection, BACKFILL_LOCK)


def _try_lock(connection: Connection[Any], lock: int) -> bool:
    return bool(load_value(connection, "select pg_try_advisory_lock(%(lock)s)", {"lock": lock}))


def wait_for_run_lock(connection: Connection[Any], seconds: float) -> bool:
    """Ask whoever rebuilds history for the run's lock and wait; False if nobody does, or keeps it for so long."""
    if not _is_in_locks(connection, BACKFILL_LOCK, granted=True):
        return False
    try:
        with connection.transaction():
            connection.execute(
                "select set_config('lock_timeout', %(limit)s, true)", {"limit": f"{round(1000 * seconds)}ms"}
            )
            connection.execute("select pg_advisory_lock(%(lock)s)", {"lock": RUN_LOCK})
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def is_run_lock_wanted(connection: Connection[Any]) -> bool:
    """Whether somebody waits for the run's lock."""
    return _is_in_locks(connection, RUN_LOCK, granted=False)


def _is_in_locks(connection: Connection[Any], lock: int, *, granted: bool) -> bool:
    return bool(
        load_value(
            connection,
            """
            select exists (
              select from pg_locks
              where locktype = 'advisory'
                and objid = %(lock)s
                and granted = %(granted)s
                and database = (select oid from pg_database where datname = current_database())
            )
            """,
            {"lock": lock, "granted": granted},
        )
    )


def hold_words_lock(connection: Connection[Any]) -> None:
    """Wait for the lock of whoever records a word of the owner's, and hold it until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(%(lock)s)", {"lock": WORDS_LOCK})
