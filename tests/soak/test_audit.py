"""Random lives and families, a day each, beside the auditor's own arithmetic (SOAK_LIVES says how many of each)."""

import os
from datetime import UTC, datetime

import pytest

from tests.audit.playing import play_family, play_life
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

START = datetime(2026, 3, 10, tzinfo=UTC)
LIVES = int(os.environ.get("SOAK_LIVES", "12"))
HOURS = 24
pytestmark = pytest.mark.soak


@pytest.mark.parametrize("seed", range(LIVES))
def test_every_figure_of_a_random_life_is_the_auditors(seed: int, open_venue: VenueOpener, open_worker: Opener) -> None:
    assert play_life(seed, START, HOURS, open_venue, open_worker) == []


@pytest.mark.parametrize("seed", range(LIVES))
def test_what_moves_between_accounts_is_neither_won_nor_lost(
    seed: int, open_venue: VenueOpener, open_worker: Opener
) -> None:
    assert play_family(seed, START, HOURS, open_venue, open_worker) == []
