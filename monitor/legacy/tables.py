"""The tables of the older system as text: out of its Postgres, or of a folder with a CSV file for each.

Postgres is asked for the same CSV, so that whatever is said of a row holds for both. Nothing is ever written there.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from monitor.errors import LegacyError
from monitor.legacy.store.older import begin_reading, copy_table
from sql.connect import connect_elsewhere

ORDERS = "orders"
TABLES = (
    *(ORDERS, "open_orders", "processed_orders"),
    *("positions", "trade_history", "performance_metrics", "portfolio_snapshots", "fees_tracking"),
)
NEEDED = (
    "order_id",
    "exchange",
    "symbol",
    "side",
    "type",
    "quantity",
    "status",
    "order_timestamp",
)  # columns of `orders`
NULLS = frozenset(
    ["", "\\n", "null", "none", "nan", "nat"]
)  # as databases and spreadsheets write that there is nothing
LONGEST_FIELD = 10_000_000
NO_ORDERS = "There is no table `orders` in {}: nothing is known of what was ordered. {}"


class Fault(NamedTuple):
    """What is wrong with a row, and what becomes of it."""

    row: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it was written."""

    table: str
    number: int  # in its table or file, from 1
    fields: Mapping[str, str]

    @property
    def name(self) -> str:
        """How it is named to its owner."""
        found = self.fields.get("id", "").strip()
        return f"{self.table} row {self.number}" + (f" (id {found})" if found else "")

    def text(self, column: str) -> str:
        """What stands in a column; empty where there is nothing, or no such column."""
        found = (self.fields.get(column) or "").strip()
        return "" if found.lower() in NULLS else found


@dataclass(frozen=True, slots=True, kw_only=True)
class OldTables:
    """All that was read of the older system."""

    place: str  # where it was read, without any password
    rows: Mapping[str, Sequence[Row]]  # by table
    faults: Sequence[Fault]  # rows that are no rows
    unread: Sequence[str]  # tables and files that are there and not read

    def __getitem__(self, table: str) -> Sequence[Row]:
        return self.rows.get(table, ())


def read_folder(folder: Path) -> OldTables:
    """The tables of a folder, each from the file of its name. Raises LegacyError without `orders.csv`, or for what is no CSV."""
    found: dict[str, tuple[Row, ...]] = {}
    faults: list[Fault] = []
    for table in TABLES:
        path = folder / f"{table}.csv"
        if path.is_file():
            found[table] = tuple(_read_table(table, _read_file(path), faults))
    if ORDERS not in found:
        raise LegacyError(NO_ORDERS.format(folder, "A folder has a file for each table, like orders.csv."))
    others = sorted(path.name for path in folder.iterdir() if path.suffix == ".csv" and path.stem not in TABLES)
    return OldTables(place=f"the folder {folder}", rows=found, faults=faults, unread=others)


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise LegacyError(f"{path} is no UTF-8: save it as CSV in UTF-8.") from None
    except OSError as error:
        raise LegacyError(f"{path} can't be read ({type(error).__name__}).") from None


def read_database(url: str) -> OldTables:
    """The tables of a Postgres, all as they were at one moment.

    Raises DatabaseAway if it does not answer, AddressFault if the address can't be read, LegacyError without `orders`.
    """
    found: dict[str, tuple[Row, ...]] = {}
    faults: list[Fault] = []
    with connect_elsewhere(url, name="import-legacy", named="LEGACY_DATABASE_URL") as old, old.transaction():
        begin_reading(old)
        place = f"the database {old.info.dbname} at {old.info.host or 'this machine'}"
        for table in TABLES:
            text = copy_table(old, table)
            if text is not None:
                found[table] = tuple(_read_table(table, text, faults))
    if ORDERS not in found:
        raise LegacyError(NO_ORDERS.format(place, "It is looked for in the schema public."))
    return OldTables(place=place, rows=found, faults=faults, unread=())


def _read_table(table: str, text: str, faults: list[Fault]) -> Iterator[Row]:
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    csv.field_size_limit(LONGEST_FIELD)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from _read_rows(table, lines, faults)
    except csv.Error as error:
        raise LegacyError(f"{table} can't be read as CSV, in line {lines.line_num}: {error}.") from None


def _read_rows(table: str, lines: Iterable[Sequence[str]], faults: list[Fault]) -> Iterator[Row]:
    columns: list[str] = []
    for number, cells in enumerate(line for line in lines if line):
        if not columns:
            columns = [cell.strip().lower() for cell in cells]
            _refuse_columns(table, columns)
        elif len(cells) != len(columns):
            reason = f"has {len(cells)} fields where there are {len(columns)} columns; left out"
            faults.append(Fault(f"{table} row {number}", reason))
        elif any("\0" in cell for cell in cells):
            faults.append(Fault(f"{table} row {number}", "has a zero byte in it, which is no text; left out"))
        else:
            yield Row(table=table, number=number, fields=dict(zip(columns, cells, strict=True)))


def _refuse_columns(table: str, columns: Sequence[str]) -> None:
    missing = [one for one in NEEDED if one not in columns] if table == ORDERS else []
    if missing:
        raise LegacyError(f"The table `{table}` has no column {', '.join(missing)}: {', '.join(columns)} are there.")
