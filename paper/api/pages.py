"""Lists are answered in parts: at most `limit` rows before a number, the newest first, and where the next part begins."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from paper.api.bodies import Field

USUAL, MOST = 100, 500
LAST_NUMBER = 2**63 - 1
NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
Row = TypeVar("Row")


def _read_number(value: Any, most: int) -> int:
    if not isinstance(value, str) or not NUMBER.fullmatch(value) or not 1 <= int(value) <= most:
        raise ValueError(f"is no whole number from 1 to {most}")
    return int(value)


LIMIT = {
    "limit": Field(
        read=lambda value: _read_number(value, MOST),
        is_needed=False,
        schema={"type": "integer", "minimum": 1, "maximum": MOST},
    ),
    "before": Field(
        read=lambda value: _read_number(value, LAST_NUMBER), is_needed=False, schema={"type": "integer", "minimum": 1}
    ),
}


def choose(rows: Sequence[tuple[int, Row]], values: Mapping[str, Any]) -> tuple[Sequence[tuple[int, Row]], int | None]:
    """The part that was asked for of numbered rows, the newest first, and what `before` has to be for the next one."""
    most, before = values.get("limit", USUAL), values.get("before", LAST_NUMBER)
    found = [row for row in rows if row[0] < before]
    return found[:most], found[most - 1][0] if len(found) > most else None
