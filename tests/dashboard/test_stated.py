"""What a reader must know to compute a figure again stands on the page that shows it."""

import pytest

from tests.dashboard.site import Site
from tests.dashboard.test_pages import text
from tests.venue import RunningVenue
from tests.worker import Worker

WITHDRAWAL = "its amount plus the network fee"
MINUTE = "at the price of their minute"
REDEEMED = "a withdrawal redeems the units that have to be sold for it"
STATED = {
    "/flows": [WITHDRAWAL],
    "/explain": [MINUTE],
    "/explain/hour": [MINUTE],
    "/performance": [WITHDRAWAL, MINUTE, REDEEMED],
    "/export/report.html": [WITHDRAWAL, MINUTE, REDEEMED],
}


@pytest.mark.usefixtures("first_hour")
def test_what_a_figure_rests_on_is_stated_beside_it(site: Site, worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("dividend 0.5 USDT")
    venue.advance(minutes=30)
    worker.run(venue.now())

    pages = {path: text(site.get(path).text) for path in STATED}

    assert [(path, words) for path, stated in STATED.items() for words in stated if words not in pages[path]] == []
