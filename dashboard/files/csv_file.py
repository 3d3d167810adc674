"""Rows as CSV: comma-separated, UTF-8, plain decimals, UTC times with a Z, nothing for what is unknown.

A text that a spreadsheet would take for a formula gets an apostrophe in front, which it shows as text.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from dashboard.fields import shorten_amounts, write_moment
from finance.decimals import plain

LINES = 500  # written at once
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A line of names, at once, then some lines at a time, one for each row."""
    coming = iter(rows)
    yield _write_lines([columns])
    while lines := [[write_cell(row[column]) for column in columns] for row in islice(coming, LINES)]:
        yield _write_lines(lines)


def _write_lines(lines: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8", errors="replace")


def write_cell(value: object) -> str:
    """A value as CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return write_moment(value)
    if isinstance(value, (dict, list)):
        return json.dumps(shorten_amounts(value), sort_keys=True)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else str(value)
