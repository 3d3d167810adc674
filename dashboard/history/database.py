"""Connections that only read, and the proof that they can't write."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

import psycopg
from psycopg import IsolationLevel

from dashboard.errors import Busy, GivenUp
from dashboard.history.pulse import AWAY, CONNECT_SECONDS, Pulse, Silent, WatchedConnection
from dashboard.history.waiting import OnLook, Turns, Wait, await_result
from sql.connect import connect
from sql.errors import DatabaseAway
from sql.migrate import check_schema
from sql.rows import Db, load_value

MOST_CONNECTIONS = 4  # opened when they are needed: one reader uses one
LONGEST_STATEMENT = 6.0  # seconds: the role's own limit is 5
LONGEST_TURN = 10.0  # until one of the connections is free
NEVER = sys.maxsize  # a statement is asked so often
REPLACED = "The database was restored or upgraded just now. The page comes back by itself."
UNFINISHED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)
Kind = TypeVar("Kind")
Lane = Turns[WatchedConnection | None]  # None: opened when its turn comes


class Replaced(DatabaseAway):
    """Another database stands where this one was read: what was found may be of both."""


class Database:
    """A few connections, opened again when the server was restarted; none waits for a server that does not answer."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pages, self._aside = Lane([None] * MOST_CONNECTIONS), Lane([None])
        self._openers = ThreadPoolExecutor(MOST_CONNECTIONS, "opening")
        self._pulse = Pulse(self._connect)

    def read(self, make: Callable[[Db], Kind], is_aside: bool = False) -> Kind:
        """What `make` says of the database; asked once more if that was replaced meanwhile, by a restore or an upgrade.

        Raises DatabaseAway, Busy, and what `make` does.
        """
        try:
            with self.reading(is_aside=is_aside) as db:
                return make(db)
        except Replaced:
            with self.reading(is_aside=is_aside) as db:
                return make(db)

    @contextmanager
    def reading(self, on_wait: Callable[[], None] = lambda: None, is_aside: bool = False) -> Iterator[Db]:
        """A REPEATABLE READ READ ONLY transaction. Raises DatabaseAway, and Busy when no connection becomes free; Replaced
        when another database stands there at its end.

        `on_wait` is called now and then while the server is waited for; GivenUp from it ends the statement, here and there.
        Who reads aside does not wait for those who read pages.
        """
        lane = self._aside if is_aside else self._pages
        try:
            with self._pulse.watched(), self._borrowed(lane) as db:
                db.on_wait = self._limits(db, on_wait)
                with _refusing_replaced(db), db.transaction():
                    yield db
        except psycopg.OperationalError as error:
            raise DatabaseAway(AWAY) from error

    def glance(self, recall: Callable[[Db], Kind | None]) -> Kind | None:
        """What `recall` says by single statements, each of a moment of its own; None when that needs a new connection.

        Without a transaction, and without the proof that all is of one database, a third is asked: enough to know
        whether what was made is still true. Raises DatabaseAway and Busy.
        """
        try:
            with self._pulse.watched():
                return self._glance(recall)
        except Silent as error:
            raise DatabaseAway(AWAY) from error

    def _glance(self, recall: Callable[[Db], Kind | None]) -> Kind | None:
        db = self._pages.take(self._check_turn)
        try:
            return recall(db) if db else None
        except Silent:
            raise
        except psycopg.Error:  # restarted, or replaced: who reads opens another connection, and says what is wrong
            if db:
                db.close()
            return None
        finally:
            self._put_back(self._pages, db)

    @contextmanager
    def _borrowed(self, lane: Lane) -> Iterator[WatchedConnection]:
        db = lane.take(self._check_turn)
        try:
            db = self._answering(db)
            yield db
        finally:
            self._put_back(lane, db)

    def _put_back(self, lane: Lane, db: WatchedConnection | None) -> None:
        if db is not None:
            db.on_wait = self._pulse.check  # whom it served is forgotten, and the reader's file with them
        lane.put_back(None if db is None or db.closed else db)

    def _check_turn(self, wait: Wait) -> None:
        self._pulse.check(wait)
        if wait.seconds > LONGEST_TURN:
            raise Busy("Too much is asked for at once. The page comes back by itself.")

    def _answering(self, db: WatchedConnection | None) -> WatchedConnection:
        """`db` if its server still answers, else a new connection: a restart is no reader's error."""
        if db is not None and self._answers(db):
            return db
        opening = self._openers.submit(self._connect)
        try:
            return await_result(opening, self._pulse.check)
        except Silent:
            if not opening.cancel():
                opening.add_done_callback(_close_unused)
            raise

    def _answers(self, db: WatchedConnection) -> bool:
        db.on_wait = self._pulse.check
        try:
            is_same = _load_generation(db) == db.generation
        except Silent:
            raise
        except psycopg.OperationalError:
            is_same = False
        if not is_same:
            db.close()
        return is_same

    def _limits(self, db: WatchedConnection, on_wait: Callable[[], None]) -> OnLook:
        def check(wait: Wait) -> None:
            self._pulse.check(wait)
            try:
                on_wait()
            except GivenUp:
                with suppress(psycopg.Error):  # it ends by itself, then, at the role's limit
                    db.cancel_safe(timeout=1)
                raise
            if wait.seconds > LONGEST_STATEMENT:
                raise Silent(AWAY)

        return check

    def _connect(self) -> WatchedConnection:
        opened = connect(
            self._url,
            name="dashboard",
            schema="reading",
            patience_seconds=1,
            read_only=True,
            kind=WatchedConnection,
            answer_seconds=CONNECT_SECONDS,
        )
        assert isinstance(opened, WatchedConnection)
        # Not prepared by themselves: one plan for any account and period takes half as long again over years of hours.
        opened.prepare_threshold = NEVER
        opened.isolation_level = IsolationLevel.REPEATABLE_READ
        opened.read_only = True
        opened.generation = _load_generation(opened)
        return opened

    def check(self) -> None:
        """Raise PermissionError if this role could write, SchemaMismatch if the schema is another."""
        with self.reading() as db:
            check_schema(db)
            row = db.execute(RIGHTS, {"ours": ["portfolio_owner", "portfolio_worker"]}).fetchone()
        rights = [name for name, is_given in (row or {}).items() if is_given]
        if rights:
            raise PermissionError(
                f"The dashboard's database role may do more than read its views ({', '.join(rights)}). Give it "
                "portfolio_dashboard (DASHBOARD_DATABASE_URL)."
            )


RIGHTS = """
    select
        (select coalesce(bool_or(has_table_privilege(c.oid, 'select, insert, update, delete, truncate')), false)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'monitor' and c.relkind in ('r', 'v')) as "reads or writes tables",
        r.rolsuper as "superuser", r.rolcreaterole as "makes roles", r.rolcreatedb as "makes databases",
        r.rolreplication as "replicates", r.rolbypassrls as "bypasses row security",
        has_database_privilege(current_database(), 'create') as "makes schemas",
        exists (select from pg_roles other where other.oid <> r.oid and pg_has_role(r.oid, other.oid, 'member')
            and (other.rolname = any(%(ours)s) or other.rolname like 'pg\\_%%')) as "member of a role with more rights"
    from pg_roles r where r.rolname = current_user
"""


def _close_unused(opening: Future[WatchedConnection]) -> None:
    if opening.exception() is None:
        opening.result().close()


def _load_generation(db: Db) -> str:
    """What changes when a restore makes everything anew; what is looked up here is never of an older snapshot."""
    return str(load_value(db, "select to_regnamespace('reading')::oid"))


@contextmanager
def _refusing_replaced(db: WatchedConnection) -> Iterator[None]:
    """Raise Replaced if another database stands there at the end of the block.

    A reader who waited for a restore has a snapshot from before it: the new tables are empty to him, and nothing is found.
    """
    try:
        yield
    except psycopg.NotSupportedError as error:  # a statement that was prepared for other columns
        db.close()
        raise Replaced(REPLACED) from error
    except UNFINISHED as error:
        raise Replaced(REPLACED) from error
    except (psycopg.InternalError, LookupError):
        _refuse_replaced(db)
        raise
    _refuse_replaced(db)


def _refuse_replaced(db: WatchedConnection) -> None:
    if not db.closed and _load_generation(db) != db.generation:
        db.close()
        raise Replaced(REPLACED)
