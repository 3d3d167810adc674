"""The shape of an answer: names of fields and types, and nothing that was in them.

    [{asset: text, free: "0.0", fee?: "0.0" | null}]

is a list of rows with three fields, one of which some rows lack. "0.0" is a number written as text, "0" a whole one,
"" an empty text, ms a time in milliseconds. A name that the exchange would not give to a field (an asset, an id, an
address that something is filed under) is shown as "…".
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from monitor.exchanges.http.fields import FIRST_MS, LAST_MS, NUMBER

FIELD = re.compile(r"[a-z][A-Za-z]{0,39}|APY|TotalCollateralValueInUSDT", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
HIDDEN = "…"
MOST_DEPTH = 6
MOST_FIELDS = 60


def describe_shape(body: str) -> str:
    """The shape of an answer's body."""
    try:
        return _describe([json.loads(body, parse_float=Decimal)], MOST_DEPTH)
    except (ValueError, RecursionError):
        if not body.strip():
            return "nothing"
        return "a web page" if body.lstrip()[:1] == "<" else "no JSON"


def _describe(values: Sequence[object], depth: int) -> str:
    """One shape for all of `values`, which stand at the same place."""
    kinds = {_describe_plain(value) for value in values if not isinstance(value, (list, dict))}
    if lists := [value for value in values if isinstance(value, list)]:
        kinds.add(_describe_lists(lists, depth))
    if objects := [value for value in values if isinstance(value, dict)]:
        kinds.add(_describe_objects(objects, depth))
    return " | ".join(sorted(kinds))


def _describe_lists(lists: Iterable[Sequence[object]], depth: int) -> str:
    rows = [row for rows in lists for row in rows]
    if not rows:
        return "[]"
    return f"[{_describe(rows, depth - 1)}]" if depth else f"[{HIDDEN}]"


def _describe_objects(objects: Sequence[Mapping[str, object]], depth: int) -> str:
    if not depth:
        return f"{{{HIDDEN}}}"
    found: dict[str, list[object]] = {}
    for row in objects:
        for name, value in row.items():
            found.setdefault(name if FIELD.fullmatch(name) else HIDDEN, []).append(value)
    fields = [
        f"{name}{'?' if len(values) < len(objects) else ''}: {_describe(values, depth - 1)}"
        for name, values in list(found.items())[:MOST_FIELDS]
    ]
    return f"{{{', '.join([*fields, *([HIDDEN] if len(found) > MOST_FIELDS else [])])}}}"


def _describe_plain(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return _describe_text(value)
    if isinstance(value, int):
        return "ms" if FIRST_MS <= value <= LAST_MS else "0"
    return "0.0"


def _describe_text(value: str) -> str:
    if not value:
        return '""'
    if value.isascii() and value.isdigit():
        return '"0"'
    if NUMBER.fullmatch(value):
        return '"0.0"'
    return '"time"' if TIME.fullmatch(value) else "text"
