"""Which account's missing fills are looked for first."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from monitor.completion import Recorded, take_turns

HOUR = datetime(2026, 4, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_everyone_comes_first_once_in_as_many_hours_and_nobody_is_left_out(count: int) -> None:
    recorded = cast("list[Recorded]", list(range(count)))
    turns = [take_turns(recorded, HOUR + timedelta(hours=number)) for number in range(count)]
    assert sorted(turn[0] for turn in turns) == recorded
    assert all(sorted(turn) == recorded for turn in turns)


def test_without_accounts_there_are_no_turns() -> None:
    assert list(take_turns([], HOUR)) == []
