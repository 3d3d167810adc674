"""Recorded prices replayed: what is stored is what the definitions say."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from paper.market.replay import ReplayMarket
from tests.endtoend.comparison import compare_account
from tests.endtoend.journey import Journey
from tests.endtoend.klines import write_klines
from tests.endtoend.replay import LABEL, tell_story
from tests.independent.portfolio import unrounded
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

START = datetime(2023, 2, 22, tzinfo=UTC)  # a month turns on the way
DAYS = 10


def test_every_figure_of_ten_days_agrees_with_the_independent_calculation_to_the_last_digit(
    tmp_path: Path, open_venue: VenueOpener, open_worker: Opener
) -> None:
    market, story = ReplayMarket(write_klines(tmp_path / "klines", START, DAYS)), tell_story(DAYS)
    venue = open_venue(story, market, START, START + timedelta(minutes=30))
    worker = open_worker(venue)
    worker.add(LABEL)
    with Journey(venue, worker, story, START) as journey:
        journey.run_hours(24 * DAYS)
        exact = compare_account(journey, 1, LABEL)
        combined = compare_account(journey, 0, LABEL)
        true = compare_account(journey, 1, LABEL, cut=unrounded)

    assert exact.differing == [] and combined.differing == []
    assert exact.rows == DAYS * 24 + 6
    stopped, withdrawn = START + timedelta(days=7, hours=23), START + timedelta(days=8)  # no trades for an hour
    assert [hour["hour"] for hour in worker.hours() if hour["estimated"]] == [stopped, withdrawn]
    assert true.largest < Fraction(1, 10**17)
