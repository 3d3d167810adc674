"""The last boundary: an error of ours that nobody thought of costs what it happened in, and nothing beside it."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from monitor.checks.suspicion import ReadAgain
from monitor.errors import Crashed, MonitorError
from sql.errors import ClusterError, DatabaseAway, SchemaMismatch, UsageFault

PASSED = (
    MonitorError,
    ReadAgain,
    ClusterError,
    SchemaMismatch,
    UsageFault,
    DatabaseAway,
    psycopg.OperationalError,  # the database is away, for everybody
    psycopg.InterfaceError,
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.ReadOnlySqlTransaction,
)
LOG = logging.getLogger(__name__)


@contextmanager
def contained(doing: str) -> Iterator[None]:
    """Raise Crashed for any error that nobody handles; its traceback is logged. A database that is away is none of ours."""
    try:
        yield
    except PASSED:
        raise
    except Exception as error:
        LOG.exception("%s", doing)
        raise Crashed(f"{doing}: {_describe(error)}. It is an error of this program: please report it.") from None


def _describe(error: Exception) -> str:
    """Its kind and place; not its words, which may quote what was read."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].filename.rpartition('/')[2]}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}; the log has the traceback"
