"""What a statement finds, as values of a type: one for each row, made from its columns by their names; and a statement that
is done for each of several rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, LiteralString, TypeVar

from psycopg import Connection, Cursor
from psycopg.rows import DictRow, RowFactory, RowMaker, args_row, kwargs_row, scalar_row

Db = Connection[DictRow]
Row = DictRow  # the values of a row, by the names of its columns

T = TypeVar("T")
Parameters = Mapping[str, Any]


def load_rows(
    db: Connection[Any],
    make: Callable[..., T],
    statement: LiteralString,
    parameters: Parameters | None = None,
    *,
    prepare: bool | None = None,
) -> tuple[T, ...]:
    """Every row, made by `make` from its columns. Raises TypeError if it takes others than the statement has.

    `prepare` it where planning takes longer than running, and the same plan is good for all parameters.
    """
    # Not one by one: then psycopg makes them in C.
    return tuple(db.cursor(row_factory=_row_of(make)).execute(statement, parameters, prepare=prepare).fetchall())


def load_row(
    db: Connection[Any],
    make: Callable[..., T],
    statement: LiteralString,
    parameters: Parameters | None = None,
    *,
    prepare: bool | None = None,
) -> T | None:
    """The first row like `load_rows`; None if there is none."""
    return db.cursor(row_factory=_row_of(make)).execute(statement, parameters, prepare=prepare).fetchone()


def load_values(db: Connection[Any], statement: LiteralString, parameters: Parameters | None = None) -> list[Any]:
    """The first column of every row."""
    return db.cursor(row_factory=scalar_row).execute(statement, parameters).fetchall()


def list_moments(moments: Iterable[datetime]) -> str:
    """A `timestamptz[]` as text: psycopg makes one of a list element by element, which takes ten times as long."""
    return "{" + ",".join(f'"{moment}"' for moment in moments) + "}"


def load_value(db: Connection[Any], statement: LiteralString, parameters: Parameters | None = None) -> Any:
    """The first column of the first row; None if there is none."""
    return db.cursor(row_factory=scalar_row).execute(statement, parameters).fetchone()


def load_dict(db: Connection[Any], statement: LiteralString, parameters: Parameters | None = None) -> dict[Any, Any]:
    """The second column of every row, by its first."""
    return dict(db.cursor(row_factory=args_row(_pair)).execute(statement, parameters))


def execute_each(db: Connection[Any], statement: LiteralString, rows: Iterable[Parameters]) -> None:
    """Do a statement with each of `rows`. Without any the server is not asked; psycopg would ask it three times."""
    if rows := list(rows):
        db.cursor().executemany(statement, rows)


def copy_rows(db: Connection[Any], statement: LiteralString, rows: Iterable[Sequence[object]]) -> None:
    """`copy … from stdin` with each of `rows`, for many of them; without any the server is not asked.

    The server writes while rows are still made, if they are made one by one; that must ask it for nothing else.
    """
    rows = iter(rows)
    if (first := next(rows, None)) is None:
        return
    with db.cursor().copy(statement) as copy:
        for row in chain([first], rows):
            copy.write_row(row)


def _row_of(make: Callable[..., T]) -> RowFactory[T]:
    """Values by the names of their columns; those of a named tuple with the same names in the same order are made in C."""

    def by_names(cursor: Cursor[Any]) -> RowMaker[T]:
        fields = getattr(make, "_fields", ())
        if fields and fields == tuple(column.name for column in cursor.description or ()):
            return make._make  # type: ignore[attr-defined,no-any-return]
        return kwargs_row(make)(cursor)

    return by_names


def _pair(key: Any, value: Any) -> tuple[Any, Any]:
    return key, value
