"""Lives of portfolios from the exchange to the stored row, each against the independent calculation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.accounts.registry import set_enabled
from tests.endtoend.comparison import COMBINED, compare_account
from tests.endtoend.journey import HOUR, Journey
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

STORIES = Path(__file__).parent / "stories"
START = datetime(2026, 3, 10, 8, tzinfo=UTC)
LARGEST_MOVE = 0.02  # of prices in an hour
COMPLETE, PARTIAL, SUSPECT, RECONSTRUCTED = "COMPLETE", "PARTIAL", "SUSPECT", "RECONSTRUCTED"


class Stage:
    """Opens a story's journey and adds accounts to it."""

    def __init__(self, open_venue: VenueOpener, open_worker: Opener) -> None:
        self._open_venue, self._open_worker = open_venue, open_worker

    @contextmanager
    def play(self, name: str, start: datetime = START) -> Iterator[Journey]:
        """The journey of a story, half an hour after its start, before anything is tracked."""
        story = (STORIES / f"{name}.story").read_text(encoding="utf-8")
        venue = self._open_venue(story, start=start, stands=start + timedelta(minutes=30))
        with Journey(venue, self._open_worker(venue), story, start) as journey:
            yield journey


@pytest.fixture
def stage(open_venue: VenueOpener, open_worker: Opener) -> Stage:
    """Where stories are played."""
    return Stage(open_venue, open_worker)


def track(journey: Journey, *names: str) -> None:
    """Start tracking accounts of the story."""
    for name in names:
        journey.worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")


def statuses(journey: Journey, account_id: int) -> list[str]:
    """The status of every hour of an account."""
    return [hour["status"] for hour in journey.worker.hours(account_id)]


def differing(journey: Journey, **accounts: int) -> list[str]:
    """Every stored figure of the accounts and of the combined row that is not the onlooker's."""
    found = compare_account(journey, COMBINED).differing
    for label, number in accounts.items():
        outcome = compare_account(journey, number, label)
        assert outcome.rows > 3
        found += outcome.differing
    return found


def test_an_account_that_is_tracked_later_joins_the_combined_row_without_a_gain(stage: Stage) -> None:
    with stage.play("joining") as journey:
        track(journey, "one", "two")
        journey.run_hours(5)
        track(journey, "three")
        journey.run_hours(7)

        assert differing(journey, one=1, two=2, three=3) == []
        assert statuses(journey, 3) == [COMPLETE] * 7
        (joined,) = journey.worker.rows(
            "select flows from nav_history where account_id = 0 and hour = %(hour)s", hour=START + 6 * HOUR
        )
        assert joined["flows"] == journey.worker.hours(3)[0]["nav"] - 1501  # one's withdrawal of that hour


def test_an_account_that_joins_within_an_hour_joins_the_combined_row_without_a_gain(stage: Stage) -> None:
    """The owner adds an account at 18 past and runs the worker by hand: the hour of the others is final already."""
    with stage.play("joining") as journey:
        track(journey, "one", "two")
        journey.run_hours(5)
        track(journey, "three")
        journey.venue.advance(minutes=16)
        journey.run_here()
        journey.run_hours(5)

        before, joined = journey.worker.hours(COMBINED)[4:6]
        assert joined["nav"] > before["nav"] * 107 / 100
        assert abs(joined["unit_price"] / before["unit_price"] - 1) < LARGEST_MOVE


def test_an_account_that_is_disabled_within_an_hour_leaves_the_combined_row_without_a_loss(stage: Stage) -> None:
    """One can't be read; the owner stops tracking two, gives one its key back and runs the worker by hand."""
    with stage.play("failing") as journey:
        track(journey, "one", "two")
        journey.run_hours(3)
        set_enabled(journey.worker.db, "two", journey.venue.now(), enabled=False)
        journey.venue.do("restore", "one")
        journey.venue.advance(minutes=10)
        journey.run_here()
        journey.run_hours(1)

        assert statuses(journey, COMBINED) == [COMPLETE] * 4
        before, left = journey.worker.hours(COMBINED)[2:]
        assert left["nav"] == journey.worker.hours(1)[-1]["nav"] < before["nav"] * 3 / 4
        assert abs(left["unit_price"] / before["unit_price"] - 1) < LARGEST_MOVE


def test_hours_in_which_an_account_fails_are_rebuilt_and_lose_and_double_no_flow(stage: Stage) -> None:
    with stage.play("failing") as journey:
        track(journey, "one", "two")
        journey.run_hours(9)

        assert statuses(journey, 1) == [COMPLETE] * 2 + [RECONSTRUCTED] * 3 + [COMPLETE] * 4
        assert statuses(journey, 2) == [COMPLETE] * 9
        assert statuses(journey, COMBINED) == statuses(journey, 1)
        assert differing(journey, one=1, two=2) == []


def test_a_deposit_told_seven_hours_late_corrects_every_hour_since(stage: Stage) -> None:
    with stage.play("late") as journey:
        track(journey, "one", "two")
        journey.run_hours(9)
        assert differing(journey, one=1) != []
        journey.run_hours(3)

        assert statuses(journey, 1) == statuses(journey, COMBINED) == [COMPLETE] * 12
        assert differing(journey, one=1, two=2) == []


def test_a_large_deposit_told_late_is_doubted_first_and_every_hour_is_right_in_the_end(stage: Stage) -> None:
    with stage.play("hidden") as journey:
        track(journey, "one")
        journey.run_hours(3)
        assert statuses(journey, 1) == [COMPLETE] * 2 + [SUSPECT]
        assert statuses(journey, COMBINED) == [COMPLETE] * 2 + [PARTIAL]
        journey.run_hours(9)

        assert statuses(journey, 1) == [COMPLETE] * 12
        assert statuses(journey, COMBINED) == [COMPLETE] * 2 + [RECONSTRUCTED] + [COMPLETE] * 9
        assert differing(journey, one=1) == []


def test_a_withdrawal_that_comes_back_was_never_a_flow(stage: Stage) -> None:
    with stage.play("reversing") as journey:
        track(journey, "one")
        journey.run_hours(9)

        assert statuses(journey, 1) == [COMPLETE] * 9
        assert differing(journey, one=1) == []
        assert [hour["flows"] != 0 for hour in journey.worker.hours()[1:]] == [n in (5, 6) for n in range(1, 9)]


def test_an_emptied_account_leaves_its_benchmark_in_debt_and_begins_a_new_episode(stage: Stage) -> None:
    with stage.play("emptied") as journey:
        track(journey, "one")
        journey.run_hours(11)

        assert differing(journey, one=1) == []
        assert [hour["episode"] for hour in journey.worker.hours() if hour["nav"] is not None] == [1] * 5 + [2] * 6
        debts = journey.worker.rows("select max(debt) as most from benchmark_history")
        assert debts[0]["most"] > 500


def test_the_monthly_basket_is_rebalanced_at_midnight_of_the_first(stage: Stage) -> None:
    with stage.play("month", datetime(2026, 3, 31, 19, tzinfo=UTC)) as journey:
        track(journey, "one")
        journey.run_hours(4)
        journey.skip_hours(2)  # asleep at midnight
        journey.run_hours(5)

        assert statuses(journey, 1) == [COMPLETE] * 4 + [RECONSTRUCTED] * 2 + [COMPLETE] * 5
        assert differing(journey, one=1) == []


def test_trades_in_the_moment_of_the_first_reading_are_no_part_of_the_next_hour(stage: Stage) -> None:
    with stage.play("at_once") as journey:
        track(journey, "one")
        journey.run_hours(4)

        assert len(journey.worker.rows("select from fills")) == 4
        explained = journey.worker.rows("select state, residual from explanations where account_id = 1 order by hour")
        assert [(row["state"], row["residual"]) for row in explained] == [("explained", 0)] * 3
