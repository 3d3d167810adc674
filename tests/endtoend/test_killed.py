"""Killed at any moment, the worker leaves whole hours or none, and the next run completes what was begun."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import pytest

from tests.endtoend.comparison import COMBINED, compare_account
from tests.endtoend.conftest import Doomed
from tests.endtoend.contents import read_contents, tell_differences
from tests.endtoend.journey import HOUR, Journey
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
STORY = (Path(__file__).parent / "stories" / "busy.story").read_text(encoding="utf-8")
EVERY = int(os.environ.get("KILL_EVERY", "401"))  # 1: every point, which takes minutes
MOMENTS = int(os.environ.get("KILL_MOMENTS", "3"))
FEWEST_POINTS = 150  # that a run passes
LABELS = {1: ("one",), 2: ("two",), COMBINED: ()}
KILLED, BUSY = -signal.SIGKILL, 75
OpenDoomed = Callable[[RunningVenue], Doomed]


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    """The busy story, half an hour after its start."""
    return open_venue(STORY, start=START, stands=START + timedelta(minutes=30))


def open_tracking(open_doomed: OpenDoomed, venue: RunningVenue) -> Doomed:
    """A killable worker that tracks both accounts."""
    doomed = open_doomed(venue)
    for name in ("one", "two"):
        doomed.worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    return doomed


def hours(venue: RunningVenue) -> Iterator[datetime]:
    """Hour after hour, for ever, the venue at two minutes past."""
    for number in count(1):
        now = START + number * HOUR + timedelta(minutes=2)
        venue.set_clock(now)
        yield now


def test_killed_at_any_point_and_run_again_is_as_if_it_had_not_been_killed(
    venue: RunningVenue, open_doomed: OpenDoomed
) -> None:
    calm, struck = (open_tracking(open_doomed, venue) for _ in range(2))
    for point, now in zip(count(1, EVERY), hours(venue)):
        usual = calm.run(now)
        if point > usual["points"]:
            struck.run(now)
            break
        assert struck.run(now, point=point)["codes"] == [KILLED]
        assert (
            struck.run(now)["codes"] == usual["codes"]
        )  # 1 where the reading is doubted: an airdrop like a known flow

    assert point > FEWEST_POINTS
    assert tell_differences(read_contents(struck.worker.db), read_contents(calm.worker.db)) == ""


def test_killed_at_any_point_and_not_run_again_before_the_next_hour_no_flow_is_lost_or_doubled(
    venue: RunningVenue, open_doomed: OpenDoomed
) -> None:
    struck = open_tracking(open_doomed, venue)
    with Journey(venue, struck.worker, STORY, START) as journey:
        for point in count(EVERY, EVERY):
            journey.skip_hours(1)
            assert struck.run(venue.now())["codes"] == [0]
            journey.skip_hours(1)
            if struck.run(venue.now(), point=point)["codes"] != [KILLED]:
                break
        journey.skip_hours(1)
        struck.run(venue.now())
        told = journey.hour - 4 * HOUR  # later flows are not in the history yet
        found = [compare_account(journey, number, *labels, until=told) for number, labels in LABELS.items()]

    assert [comparison.differing for comparison in found] == [[], [], []]
    assert point > FEWEST_POINTS


def test_killed_at_random_moments_and_run_again_is_as_if_it_had_not_been_killed(
    venue: RunningVenue, open_doomed: OpenDoomed
) -> None:
    chance = random.Random(20_260_310)
    calm, struck = (open_tracking(open_doomed, venue) for _ in range(2))
    for now in islice(hours(venue), MOMENTS):
        usual = calm.run(now)["codes"]
        died = struck.run(now, delay=chance.uniform(0.005, 0.2))
        assert died["codes"] in ([KILLED], usual)
        assert struck.run(now)["codes"] == usual

    assert tell_differences(read_contents(struck.worker.db), read_contents(calm.worker.db)) == ""


def test_of_two_workers_at_once_one_does_the_work(venue: RunningVenue, open_doomed: OpenDoomed) -> None:
    calm, crowded = (open_tracking(open_doomed, venue) for _ in range(2))
    for now in islice(hours(venue), 3):
        calm.run(now)
        codes = crowded.run(now, together=3)["codes"]
        assert 0 in codes and set(codes) <= {0, BUSY}

    assert read_contents(crowded.worker.db) == read_contents(calm.worker.db)
