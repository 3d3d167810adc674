"""How several commands print tables, moments and prices."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from finance.decimals import plain


def align(rows: Sequence[Sequence[str]], texts: Collection[str]) -> list[str]:
    """`rows` as lines, the names of columns first, each column as wide as its widest cell: `texts` to the left, figures right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if name in texts else cell.rjust(width)
            for cell, name, width in zip(row, rows[0], widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def minute(moment: datetime) -> str:
    """A moment for readers, UTC."""
    return f"{moment:%Y-%m-%d %H:%M}"


def as_price(price: Decimal) -> str:
    """A price for readers."""
    return f"{price:,.2f}" if price >= 1 else plain(round(price, 8))


def moment_json(moment: datetime) -> str:
    """A moment for programs."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
