"""Pages that are asked for by what the one before ended with: every row once, however many there are."""

import asyncio

import pytest

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.windows import CursorPage, fetch_by_cursor

SIZE = 3


def read(rows: int, *, forgets_cursor: bool = False, repeats: bool = False) -> list[int]:
    """What is read of a list of so many rows."""

    async def fetch(cursor: str) -> CursorPage[int]:
        start = int(cursor or 0)
        page = list(range(rows))[start : start + SIZE]
        return page, "" if forgets_cursor else cursor or "3" if repeats else str(start + len(page))

    return asyncio.run(fetch_by_cursor(fetch, SIZE, "Reading numbers", most=5))


@pytest.mark.parametrize("rows", [0, 1, SIZE - 1, SIZE, SIZE + 1, 3 * SIZE, 4 * SIZE + 1])
def test_every_row_is_read_once(rows: int) -> None:
    assert read(rows) == list(range(rows))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [(SIZE, {"forgets_cursor": True}), (3 * SIZE, {"repeats": True}), (5 * SIZE, {})],
    ids=["no cursor", "the same cursor", "more pages than are read"],
)
def test_a_part_is_never_returned(rows: int, fault: dict[str, bool]) -> None:
    with pytest.raises(ExchangeUnavailable):
        read(rows, **fault)
