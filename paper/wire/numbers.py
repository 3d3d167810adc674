"""Amounts and times that stand in JSON as numbers, to their last digit: a float would change them."""

import json
import re
from typing import Any

MARK = "#number "  # before one, until it is written
MARKED = re.compile(f'"{MARK}([0-9.-]+)"')


def mark_number(text: str) -> str:
    """The digits of a number, marked as one."""
    return MARK + text


def encode_numbers(payload: Any) -> str:
    """JSON in which what is marked is a number."""
    return MARKED.sub(r"\1", json.dumps(payload))
