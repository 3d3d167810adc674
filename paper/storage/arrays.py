"""Many rows as one array a column, in text: psycopg makes an array element by element, which takes ten times as long."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, LiteralString, NamedTuple

from sql.rows import Db


class Table(NamedTuple):
    """A statement that takes an array for each column, which of these are text, and whether it takes a row's place where there
    is one of the same first column: then only the last of them counts.
    """

    statement: LiteralString
    texts: frozenset[int] = frozenset()
    replaces: bool = False


def execute_rows(db: Db, table: Table, rows: Collection[Sequence[Any]]) -> None:
    """Do a statement with all rows at once; without any the server is not asked."""
    if rows:
        columns = enumerate(zip(*rows, strict=True))
        arrays = [_list_texts(column) if place in table.texts else _list(column) for place, column in columns]
        db.execute(table.statement, arrays, prepare=True)


def _list(values: Iterable[Any]) -> str:
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _list_texts(values: Iterable[str | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else _quote(value) for value in values]) + "}"


def _quote(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
