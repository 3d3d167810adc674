"""The arguments of the control port, checked: each has its bounds, and what is out of them is a ValueError."""

import json
from typing import Any

LARGEST_BODY = 16 * 1024 * 1024  # an answer that is too large for the reader is a fault to be planned, too
LONGEST_LINE = 1_000
Arguments = dict[str, Any]


def read_arguments(body: bytes) -> Arguments:
    """The JSON object in a request's body."""
    try:
        arguments = json.loads(body)
    except RecursionError:
        raise ValueError("JSON that is nested too deep") from None
    if not isinstance(arguments, dict):
        raise ValueError('expected an object like {"name": ...}')
    return arguments


def a_number(arguments: Arguments, name: str, most: float, default: float | None = None) -> float:
    """A number from 0 to `most`."""
    value = arguments.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise ValueError(f"{name} is no number from 0 to {most:g}")
    return value


def a_count(arguments: Arguments, name: str, most: int) -> int | None:
    """A whole number from 0 to `most`; None where there is none."""
    if arguments.get(name) is None:
        return None
    value = a_number(arguments, name, most)
    if not isinstance(value, int):
        raise ValueError(f"{name} is no whole number")
    return value


def a_text(arguments: Arguments, name: str, longest: int = LONGEST_LINE, default: str | None = None) -> str:
    """A text that can be sent: no half characters."""
    value = arguments.get(name, default)
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(f"{name} is no text of at most {longest:,} characters")
    value.encode()
    return value
