"""Rows as CSV in a file: comma-separated, UTF-8, plain decimals, UTC times with a Z, nothing for what is unknown.

A text that a spreadsheet would take for a formula gets an apostrophe in front, which it shows as text.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from dashboard.fields import write_moment, write_number

IN_MEMORY = 2**20  # bytes; what is longer goes to the disk
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> IO[bytes]:
    """A file with a line of names and one for each row, standing at its beginning."""
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([write_cell(row[column]) for column in columns] for row in rows)
    text.flush()
    text.detach()
    file.seek(0)
    return file


def write_cell(value: object) -> str:
    """A value as CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return write_number(value)
    if isinstance(value, datetime):
        return write_moment(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else str(value)
