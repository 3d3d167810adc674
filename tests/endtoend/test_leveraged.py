"""Three days of a leveraged trader with five flows, read from when positions were open already; thirty days from the first hour on
are in tests/soak."""

from datetime import UTC, datetime

from tests.endtoend.journey import Journey
from tests.endtoend.leveraged import check_life, write_life
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

START = datetime(2026, 3, 10, tzinfo=UTC)
DAYS, BEFORE = 3, 6  # hours before the first reading
OPENED = {("o.BTCUSDT", "SHORT"), ("o.ETHUSDT", "LONG"), ("o.BTCUSD_PERP", "SHORT")}


def test_three_days_of_a_leveraged_trader_are_the_independent_ones(
    open_venue: VenueOpener, open_worker: Opener
) -> None:
    story = write_life(DAYS, seed=22)
    venue = open_venue(story, start=START, stands=START)
    worker = open_worker(venue)
    worker.add()
    with Journey(venue, worker, story, START) as journey:
        journey.skip_hours(BEFORE)
        journey.run_hours(24 * DAYS - 1 - BEFORE)

        opened = worker.rows("select id, side from trades where opened_by = 'opening' and settle is not null")
        assert {(row["id"], row["side"]) for row in opened} == OPENED
        check_life(journey, 24 * DAYS - 1 - BEFORE)
