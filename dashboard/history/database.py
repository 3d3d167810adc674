"""Connections that only read, the proof that they can't write, and the version of what they see."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import LifoQueue
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.rows import DictRow

from sql.connect import connect
from sql.errors import DatabaseAway
from sql.migrate import check_schema

Row = dict[str, Any]
Db = Connection[DictRow]
MOST_CONNECTIONS = 4  # opened when they are needed: one reader uses one


class Database:
    """A few connections, opened again when the server was restarted."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: LifoQueue[Db | None] = LifoQueue()
        for _ in range(MOST_CONNECTIONS):
            self._idle.put(None)

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """A REPEATABLE READ READ ONLY transaction. Raises DatabaseAway."""
        db = self._idle.get()
        try:
            db = self._answering(db)
            with db.transaction():
                yield db
        except psycopg.OperationalError as error:
            raise DatabaseAway("The database does not answer. The page comes back by itself.") from error
        finally:
            self._idle.put(db)

    def _answering(self, db: Db | None) -> Db:
        """`db` if its server still answers, else a new connection: a restart is no reader's error."""
        if db is not None and _answers(db):
            return db
        opened = connect(self._url, name="dashboard", schema="reading", patience_seconds=2, read_only=True)
        opened.isolation_level = IsolationLevel.REPEATABLE_READ
        opened.read_only = True
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


def _answers(db: Db) -> bool:
    try:
        db.execute("select 1")
    except psycopg.OperationalError:
        db.close()
        return False
    return True


def load_version(db: Db) -> str:
    """A text that changes with whatever a page shows; what was made for it stays true while it is the same.

    Every hour that is recorded adds a snapshot or a log line, every run ends, every correction is a new row; accounts,
    benchmarks and pauses are few enough to be looked at.
    """
    row = db.execute(
        "select concat_ws('-', (select max(run_id) from runs where finished_at is not null),"
        " (select weight::text from runs order by run_id desc limit 1),"  # the market is read after the run
        " (select max(snapshot_id) from snapshots), (select max(id) from logs),"
        " (select max(transaction_id) from flow_revisions), (select max(id) from history_changes),"
        " (select md5(string_agg(a::text, ' ' order by account_id)) from accounts a),"
        " (select md5(string_agg(b::text, ' ' order by benchmark_id)) from benchmarks b),"
        " (select md5(string_agg(p::text, ' ' order by exchange)) from pauses p),"
        " (select md5(string_agg(r::text, ' ' order by account_id)) from recomputations r)) as version"
    ).fetchone()
    assert row
    return str(row["version"])
