"""A life or a family from a seed, lived at a venue under the worker's eyes; what is wrong at its end."""

from datetime import datetime, timedelta
from random import Random

from monitor.performance.verification import verify
from tests.audit.comparing import list_differing
from tests.audit.family import list_impossible, live_together, standing_market, write_opening
from tests.audit.life import Life
from tests.audit.wild import WildMarket
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

KINDS = {"deposit": 4, "withdraw": 3, "pay": 2, "card": 1, "spot": 4, "convert": 1, "income": 2, "funding": 2,
         "shift": 2, "contract": 10, "dual": 1}  # fmt: skip
ACTS_AN_HOUR = 3
TOLD_BY = 8  # hours after the end: every late deposit


def play_life(seed: int, start: datetime, hours: int, open_venue: VenueOpener, open_worker: Opener) -> list[str]:
    """What differs of the figures of one account's random life."""
    random = Random(seed)
    reading = timedelta(minutes=random.choice([1, 2, 7, 31]), seconds=random.randrange(60))
    market = WildMarket(seed, start, hours + TOLD_BY)
    life = Life("test", market, start, random, KINDS)
    life.live(hours, reading, ACTS_AN_HOUR)
    venue = open_venue("\n".join(life.lines), market, start, start)
    worker = open_worker(venue)
    worker.add("test", "key-test-0123456789", "secret-test-0123456789")
    for number in range(1, hours + TOLD_BY + 1):
        venue.set_clock(start + timedelta(hours=number) + reading)
        worker.run(venue.now())
    return [*list_differing(worker, market, life), *map(str, verify(worker.db).differences)]


def play_family(seed: int, start: datetime, hours: int, open_venue: VenueOpener, open_worker: Opener) -> list[str]:
    """What is impossible in what was stored of three accounts that send each other money."""
    venue = open_venue(write_opening(), standing_market(start), start, start)
    worker = open_worker(venue)
    live_together(Random(seed), venue, worker, start, hours)
    return list(list_impossible(worker))
