"""Three days of a leveraged trader with five flows; thirty of them are in tests/soak."""

from datetime import UTC, datetime

from tests.endtoend.journey import Journey
from tests.endtoend.leveraged import check_life, write_life
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

START = datetime(2026, 3, 10, tzinfo=UTC)
DAYS = 3


def test_three_days_of_a_leveraged_trader_are_the_independent_ones(
    open_venue: VenueOpener, open_worker: Opener
) -> None:
    story = write_life(DAYS, seed=7)
    venue = open_venue(story, start=START, stands=START)
    worker = open_worker(venue)
    worker.add()
    with Journey(venue, worker, story, START) as journey:
        journey.run_hours(24 * DAYS - 1)

        check_life(journey, 24 * DAYS - 1)
