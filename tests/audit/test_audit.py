"""One random life and one random family, short; many and longer ones are in tests/soak/test_audit.py."""

from datetime import UTC, datetime

from tests.audit.playing import play_family, play_life
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

START = datetime(2026, 3, 10, tzinfo=UTC)


def test_every_figure_of_a_random_life_is_the_auditors(open_venue: VenueOpener, open_worker: Opener) -> None:
    assert play_life(11, START, 5, open_venue, open_worker) == []


def test_what_moves_between_accounts_is_neither_won_nor_lost(open_venue: VenueOpener, open_worker: Opener) -> None:
    assert play_family(3, START, 4, open_venue, open_worker) == []
