"""Tables as several commands print them."""

from collections.abc import Collection, Sequence


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
