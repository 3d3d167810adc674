"""Lists that a reader sorts, filters and turns the pages of: what the address says of them, and how it orders rows.

`sort=flows.value` sorts the table called flows by its column value, `sort=-flows.value` from the largest down; a table
that the address does not name has its usual order. What is not known comes last, whichever way.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, LiteralString, NamedTuple, TypeVar

from dashboard.errors import BadChoice
from dashboard.view import View

T = TypeVar("T")


class Order(NamedTuple):
    """The column a table is sorted by."""

    column: str
    is_descending: bool


class Sheet(NamedTuple):
    """Which rows of a list a page shows."""

    limit: int  # one more than is shown: whether there are more
    skip: int


def find_order(view: View, table: str, columns: Iterable[str]) -> Order | None:
    """How the view sorts `table`; None: as usual. Raises BadChoice for a column that it does not have."""
    name, _, column = view.sort.removeprefix("-").partition(".")
    if name != table:
        return None
    if column not in (known := sorted(columns)):
        raise BadChoice(
            f"The table {table} is sorted by one of: {', '.join(known)}; with a minus before it, from the end."
        )
    return Order(column, view.sort.startswith("-"))


def sort_rows(rows: Iterable[T], view: View, table: str, keys: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """The rows in the view's order by the `keys` of columns, each a value or None; unsorted, they stay as they are."""
    order = find_order(view, table, keys)
    listed = list(rows)
    if order is None:
        return listed
    key = keys[order.column]
    known = sorted((row for row in listed if key(row) is not None), key=key, reverse=order.is_descending)
    return known + [row for row in listed if key(row) is None]


def order_by(view: View, table: str, columns: Mapping[str, LiteralString], usual: LiteralString) -> LiteralString:
    """What stands after `order by` in a statement whose `columns` are SQL; `usual` decides between equals."""
    order = find_order(view, table, columns)
    if order is None:
        return usual
    direction: LiteralString = "desc" if order.is_descending else "asc"
    return f"{columns[order.column]} {direction} nulls last, {usual}"


def find_sheet(view: View) -> Sheet:
    """The rows that the view's page of a list shows."""
    return Sheet(view.rows + 1, view.rows * (view.sheet - 1))
