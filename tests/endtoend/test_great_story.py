"""The life of a family in which everything happens, every figure against the independent calculation, on good days and bad.

Every wallet, every kind of flow, income and trade, flows told late, money on its way, and three days asleep.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.verification import verify
from paper.replay import ReplayMarket
from tests.endtoend.comparison import COMBINED, VALUED, compare_account, compare_explanations
from tests.endtoend.journey import Journey
from tests.endtoend.klines import write_klines
from tests.endtoend.weather import Weather
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

STORY = (Path(__file__).parent / "stories" / "great.story").read_text(encoding="utf-8")
START = datetime(2023, 2, 26, 9, tzinfo=UTC)  # a month turns while the worker is asleep
AWAKE, ASLEEP, AGAIN = 13, 71, 6
LABELS = {1: "one", 2: "three", 3: "pm", 4: "kid"}
COMPLETE, RECONSTRUCTED = ["COMPLETE"], ["RECONSTRUCTED"]


@pytest.fixture
def journey(tmp_path: Path, open_venue: VenueOpener, open_worker: Opener) -> Iterator[Journey]:
    """The story at its second hour: four accounts are tracked, one of them through its master's key."""
    market = ReplayMarket(write_klines(tmp_path / "klines", START, 20))
    venue = open_venue(STORY, market, START, START)
    worker = open_worker(venue)
    for name in ("one", "three", "pm"):
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    with Journey(venue, worker, STORY, START) as journey:
        journey.skip_hours(1)
        worker.add_subs("one", venue.now())
        yield journey


def live(journey: Journey) -> None:
    """All of the story, with the outage in it."""
    journey.run_hours(AWAKE)
    journey.skip_hours(ASLEEP)
    journey.run_hours(AGAIN)


def differing(journey: Journey) -> list[str]:
    """Every stored figure of rows, flows, benchmarks and explanations that is not the onlooker's."""
    found = compare_account(journey, COMBINED).differing
    for number, label in LABELS.items():
        found += compare_account(journey, number, label).differing
        found += compare_explanations(journey, number, label).differing
    return found


def test_every_figure_of_a_life_with_everything_in_it_is_the_independent_one(journey: Journey) -> None:
    live(journey)

    assert differing(journey) == []
    for account in (COMBINED, *LABELS):
        statuses = [hour["status"] for hour in journey.worker.hours(account)]
        assert statuses == COMPLETE * AWAKE + RECONSTRUCTED * ASLEEP + COMPLETE * AGAIN
    assert verify(journey.worker.db).differences == ()


@pytest.mark.timeout(300)
def test_on_bad_days_every_hour_is_the_independent_one_or_openly_marked(journey: Journey) -> None:
    """One call in fifty fails, whatever it asks for; the exchange is well again for the last two hours."""
    weather = Weather(seed=20_230_226)
    journey.brave(weather)
    journey.run_hours(AWAKE)
    journey.skip_hours(ASLEEP)
    journey.run_hours(AGAIN - 2)
    journey.brave(None)
    journey.run_hours(2)

    assert differing(journey) == []
    assert weather.struck > 30
    hours = [hour for account in (COMBINED, *LABELS) for hour in journey.worker.hours(account)]
    marked = [hour for hour in hours if hour["status"] not in VALUED]
    assert all(hour["nav"] is None and hour["reason"] for hour in marked)
    assert len(marked) < len(hours) / 20
    assert verify(journey.worker.db).differences == ()
