"""The last boundary: an error of ours that nobody thought of costs what it happened in, and nothing beside it."""

import asyncio
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from monitor.errors import Crashed, MonitorError, ReadAgain
from sql.errors import ClusterError, DatabaseAway, SchemaMismatch, UsageFault

PASSED = (
    MonitorError,
    ReadAgain,
    ClusterError,
    SchemaMismatch,
    UsageFault,
    DatabaseAway,
    psycopg.InterfaceError,
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.ReadOnlySqlTransaction,
)
# Of the database itself, by the first letters of SQLSTATE: connections, its memory and disk, its end, its system. Whatever
# else it says no to (a limit of size or time, a deadlock) is the matter of who asked.
AWAY = ("08", "53", "57P", "58")
LOG = logging.getLogger(__name__)


@contextmanager
def contained(doing: str) -> Iterator[None]:
    """Raise Crashed for any error that nobody handles; its traceback is logged. A database that is away is none of ours.

    Nor is a cancellation, if somebody asked this task for it: one that nobody asked for is an error like others.
    """
    try:
        yield
    except PASSED:
        raise
    except (Exception, asyncio.CancelledError) as error:
        if _is_away(error) or (isinstance(error, asyncio.CancelledError) and _is_cancelled()):
            raise
        LOG.exception("%s", doing)
        raise Crashed(f"{doing}: {_describe(error)}. It is an error of this program: please report it.") from None


@contextmanager
def gathered(doing: str, broken: list[str]) -> Iterator[None]:
    """Add to `broken` what breaks inside, in words, instead of raising it."""
    try:
        with contained(doing):
            yield
    except Crashed as failure:
        broken.append(str(failure))


def _is_away(error: BaseException) -> bool:
    """Whether the database is, for everybody."""
    return isinstance(error, psycopg.OperationalError) and (error.sqlstate or AWAY[0]).startswith(AWAY)


def _is_cancelled() -> bool:
    """Whether somebody cancels the task that this is a part of."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # outside of asyncio nobody can
        return False
    return task is not None and task.cancelling() > 0


def _describe(error: BaseException) -> str:
    """Its kind and place; not its words, which may quote what was read."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].filename.rpartition('/')[2]}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}; the log has the traceback"
