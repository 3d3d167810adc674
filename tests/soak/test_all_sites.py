"""300 calls of our own code, each broken once: no other account loses its hour, and the next run heals."""

import pytest

from tests.endtoend.test_isolation import STORY, break_hours, three
from tests.venue import RunningVenue
from tests.worker import Worker

__all__ = ["STORY", "three"]


@pytest.mark.timeout(3600)
def test_300_calls_of_a_run_break(three: tuple[Worker, RunningVenue], capsys: pytest.CaptureFixture[str]) -> None:
    crashed = break_hours(*three, sites=300, seed=1)

    with capsys.disabled():
        print(f"\n{len(crashed)} of 300 ended the whole run: {sorted(crashed)}")
    assert len(crashed) < 60
