"""Numbered SQL files, applied once, in name order, each in its own transaction, under an advisory lock."""

from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from sql.errors import SchemaMismatch

MIGRATIONS = Path(__file__).parent / "migrations"
GRANTS = Path(__file__).parent / "grants.sql"
MIGRATION_LOCK = 7_205_111


def list_migrations(folder: Path = MIGRATIONS) -> tuple[Path, ...]:
    """The program's migrations in order."""
    return tuple(sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")))


def migrate(connection: Connection[Any], folder: Path = MIGRATIONS) -> tuple[str, ...]:
    """Apply what is missing and return its names. Raises SchemaMismatch when the database is newer than the program.

    The connection must be in autocommit mode and own the database.
    """
    connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        connection.execute(
            "create table if not exists public.schema_migrations"
            " (name text primary key, applied_at timestamptz not null default now())"
        )
        return _apply(connection, folder)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def _apply(connection: Connection[Any], folder: Path) -> tuple[str, ...]:
    applied = _load_applied(connection)
    _refuse_newer(applied, folder)
    missing = [path for path in list_migrations(folder) if path.stem not in applied]
    for path in missing:
        with connection.transaction():
            connection.execute(_statements(path))
            connection.execute("insert into public.schema_migrations (name) values (%s)", [path.stem])
    with connection.transaction():
        connection.execute(_statements(GRANTS))
    return tuple(path.stem for path in missing)


def _statements(path: Path) -> sql.SQL:
    return sql.SQL(path.read_text(encoding="utf-8"))  # our own files, no parameters


def check_schema(connection: Connection[Any]) -> None:
    """Raise SchemaMismatch, saying what to do, unless the database has exactly the program's migrations."""
    row = connection.execute("select to_regclass('public.schema_migrations') is not null").fetchone()
    exists = bool(row and next(iter(row.values() if isinstance(row, dict) else row)))
    applied = _load_applied(connection) if exists else set()
    _refuse_newer(applied, MIGRATIONS)
    missing = [path.name for path in list_migrations() if path.stem not in applied]
    if missing:
        raise SchemaMismatch(f"The database lacks {', '.join(missing)}. Run: python -m sql migrate")


def _load_applied(connection: Connection[Any]) -> set[str]:
    rows = connection.execute("select name from public.schema_migrations")
    return {row["name"] if isinstance(row, dict) else row[0] for row in rows}


def _refuse_newer(applied: set[str], folder: Path) -> None:
    unknown = sorted(applied - {path.stem for path in list_migrations(folder)})
    if unknown:
        raise SchemaMismatch(
            f"The database is newer than this program: it has {', '.join(unknown)}. "
            "Upgrade the program (git pull), or restore the backup that belongs to it."
        )
