"""Numbered SQL files, applied once, in order, each in its own transaction, under an advisory lock."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import dict_row

from sql.errors import SchemaMismatch
from sql.locks import MIGRATION_LOCK

MIGRATIONS = Path(__file__).parent / "migrations"
GRANTS = Path(__file__).parent / "grants.sql"
MAKE_LIST = """
    create table if not exists public.schema_migrations
        (name text primary key, applied_at timestamptz not null default now());
    alter table public.schema_migrations add column if not exists checksum text"""


def list_migrations(folder: Path = MIGRATIONS) -> tuple[Path, ...]:
    """The program's migrations in order. Raises SchemaMismatch unless they are numbered 0001, 0002, … without a gap."""
    paths = tuple(sorted(folder.glob("*.sql")))
    for number, path in enumerate(paths, start=1):
        if not re.fullmatch(rf"{number:04}_[a-z0-9_]+", path.stem):
            before = f"after {paths[number - 2].name}" if number > 1 else "at the beginning"
            raise SchemaMismatch(
                f"Migrations are numbered without gap or double: {before} comes {path.name} instead of {number:04}_…. "
                f"If it was never released, number it anew; otherwise bring back what is missing in {folder}."
            )
    return paths


def migrate(connection: Connection[Any], folder: Path = MIGRATIONS) -> tuple[str, ...]:
    """Apply what is missing and return its names.

    Raises SchemaMismatch when the database is newer than the program, when a migration was changed after it had been
    applied, or when one fails; nothing of that one is kept. The connection must be in autocommit mode and own the
    database.
    """
    connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        connection.execute(MAKE_LIST)
        return _apply(connection, folder)
    except psycopg.errors.InsufficientPrivilege as error:
        raise SchemaMismatch(
            f"This role may not change the schema ({error.diag.message_primary}). "
            "Give the address of the database's owner as OWNER_DATABASE_URL."
        ) from None
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def _apply(connection: Connection[Any], folder: Path) -> tuple[str, ...]:
    missing = _compare(_load_applied(connection), list_migrations(folder))
    for path in missing:
        with _whole_or_not(connection, path):
            connection.execute("insert into public.schema_migrations (name) values (%(name)s)", {"name": path.stem})
    with _whole_or_not(connection, GRANTS):
        for path in list_migrations(folder):
            connection.execute(
                "update public.schema_migrations set checksum = %(checksum)s where name = %(name)s and checksum is null",
                {"name": path.stem, "checksum": _checksum(path)},
            )
    return tuple(path.stem for path in missing)


@contextmanager
def _whole_or_not(connection: Connection[Any], path: Path) -> Iterator[None]:
    """A transaction that begins with the statements of `path`. Raises SchemaMismatch when they fail."""
    try:
        with connection.transaction():
            connection.execute(_statements(path))
            yield
    except (psycopg.errors.InsufficientPrivilege, psycopg.OperationalError):
        raise
    except psycopg.Error as error:
        raise SchemaMismatch(f"{path.name} failed, and nothing of it was kept: {error.diag.message_primary}") from error


def _statements(path: Path) -> sql.SQL:
    return sql.SQL(path.read_text(encoding="utf-8"))  # our own files, no parameters


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_schema(connection: Connection[Any]) -> None:
    """Raise SchemaMismatch, saying what to do, unless the database has exactly the program's migrations."""
    missing = _compare(_load_applied(connection), list_migrations())
    if missing:
        names = ", ".join(path.name for path in missing)
        raise SchemaMismatch(f"The database lacks {names}. Run: python -m sql migrate")


def _load_applied(connection: Connection[Any]) -> dict[str, str | None]:
    """Checksums of the applied migrations by name; None for one that was applied before checksums were kept."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("select to_regclass('public.schema_migrations') is not null as exists")
        found = cursor.fetchone()
        if not (found and found["exists"]):
            return {}
        return {row["name"]: row.get("checksum") for row in cursor.execute("select * from public.schema_migrations")}


def _compare(applied: Mapping[str, str | None], program: tuple[Path, ...]) -> list[Path]:
    """The program's migrations that the database lacks. Raises SchemaMismatch if it has others, or other ones."""
    unknown = sorted(applied.keys() - {path.stem for path in program})
    if unknown:
        raise SchemaMismatch(
            f"The database is newer than this program: it has {', '.join(unknown)}. "
            "Upgrade the program (git pull), or restore the backup that belongs to it."
        )
    changed = [path.name for path in program if applied.get(path.stem) not in (None, _checksum(path))]
    if changed:
        raise SchemaMismatch(
            f"Changed after it was applied to this database: {', '.join(changed)}. A migration never changes: bring "
            "the file back (git checkout) and make the change in a new one."
        )
    return [path for path in program if path.stem not in applied]
