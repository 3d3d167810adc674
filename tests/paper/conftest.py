"""Fixtures of the paper exchange's own tests."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.paper.bitget import AGE, story
from tests.venue import Opener, RunningVenue


@pytest.fixture
def open_bitget(open_venue: Opener) -> Callable[[str], RunningVenue]:
    """Opens a venue that is at the real time: ccxt asks for windows up to its own."""

    def opener(system: str) -> RunningVenue:
        now = datetime.now(UTC).replace(microsecond=0)
        return open_venue(story(system), start=now - AGE, stands=now)

    return opener
