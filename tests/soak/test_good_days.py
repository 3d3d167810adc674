"""The great story on good days: every figure of a family's life is the independent one, and every hour there."""

from monitor.performance.verification import verify
from tests.endtoend.comparison import COMBINED
from tests.endtoend.journey import Journey
from tests.endtoend.test_great_story import AGAIN, ASLEEP, AWAKE, COMPLETE, LABELS, RECONSTRUCTED, differing, journey

__all__ = ["journey"]


def live(journey: Journey) -> None:
    """All of the story, with the outage in it."""
    journey.run_hours(AWAKE)
    journey.skip_hours(ASLEEP)
    journey.run_hours(AGAIN)


def test_every_figure_of_a_life_with_everything_in_it_is_the_independent_one(journey: Journey) -> None:
    live(journey)

    assert differing(journey) == []
    for account in (COMBINED, *LABELS):
        statuses = [hour["status"] for hour in journey.worker.hours(account)]
        assert statuses == COMPLETE * AWAKE + RECONSTRUCTED * ASLEEP + COMPLETE * AGAIN
    assert verify(journey.worker.db).differences == ()
