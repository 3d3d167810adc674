"""Two years of four traders: what their trades and fees come to, and every other figure, is the independent one.

SOAK_DAYS and SOAK_SEED say how long and which; two years take somewhat more than half an hour.
"""

import os

import pytest

from tests.soak.traders import write_traders
from tests.soak.year_life import live_through
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

DAYS, SEED = int(os.environ.get("SOAK_DAYS", "730")), int(os.environ.get("SOAK_SEED", "1"))


@pytest.mark.timeout(7200)
def test_two_years_of_traders(open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = live_through(open_venue, open_worker, monkeypatch, write_traders(SEED, DAYS))
    assert counts["fills"] > 4 * (DAYS - 60)
    assert counts["trades"] > DAYS - 60
