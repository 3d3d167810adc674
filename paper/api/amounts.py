"""Amounts of money in requests and answers: plain figures with eight decimals at most, as text or as a number."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

PLAIN = re.compile(r"-?([0-9]{1,20})(\.[0-9]{1,20})?", re.ASCII)
DECIMALS = 8
LONGEST_NUMBER = 40
SCHEMA: Mapping[str, Any] = {"type": ["string", "number"], "pattern": r"^[0-9]{1,20}(\.[0-9]{1,8})?$"}


def read_amount(value: Any) -> Decimal:
    """An amount, as exact as it was sent. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError("is no amount like 5000.50")
    if isinstance(value, Decimal) and abs(value.adjusted()) > LONGEST_NUMBER:  # 1e999999999 has a billion digits
        raise ValueError("is no amount like 5000.50")
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if not (found := PLAIN.fullmatch(text)):
        raise ValueError("is no amount like 5000.50")
    if len((found[2] or ".").rstrip("0")) - 1 > DECIMALS:
        raise ValueError(f"has more than {DECIMALS} decimals")
    return Decimal(text)


def write_amount(amount: Decimal) -> str:
    """An amount with eight decimals."""
    return f"{amount:.{DECIMALS}f}"
