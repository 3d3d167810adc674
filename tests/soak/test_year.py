"""A year of one account on each of four exchanges, read two hours a day: every figure is the independent one.

SOAK_DAYS and SOAK_SEED say how long and which; a year takes half an hour. The hours between those that are read are
rebuilt by the runs themselves, and where they were too many by the owner's command.
"""

import os

import pytest

from tests.soak.year_incidents import write_year
from tests.soak.year_life import live_through
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

DAYS, SEED = int(os.environ.get("SOAK_DAYS", "365")), int(os.environ.get("SOAK_SEED", "1"))


@pytest.mark.timeout(7200)
def test_a_year_across_four_exchanges(
    open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_through(open_venue, open_worker, monkeypatch, write_year(SEED, DAYS))
