"""What is asked of the older system's own database; nothing is written there."""

from psycopg import sql

from sql.rows import Db, load_value


def begin_reading(old: Db) -> None:
    """Let the transaction see everything as it is at one moment, and write nothing."""
    old.execute("set transaction isolation level repeatable read, read only")


def copy_table(old: Db, table: str) -> str | None:
    """A table of the schema public as CSV with its header; None where there is none of that name."""
    if not load_value(old, "select to_regclass(%(name)s) is not null", {"name": f"public.{table}"}):
        return None
    statement = sql.SQL("copy (select * from public.{}) to stdout (format csv, header)").format(sql.Identifier(table))
    with old.cursor().copy(statement) as copied:
        return b"".join(copied).decode()
