"""What a quiet hour costs at each exchange: the calls about one account that uses every wallet, each of them named."""

from collections import Counter

import pytest

from sql.vault import Credentials, Secret
from tests.exchanges.bitget import test_hours as bitget
from tests.exchanges.gate import test_venue as gate
from tests.exchanges.mexc import test_venue as mexc
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

MEXC = Credentials(key=Secret(mexc.KEY), secret=Secret(mexc.SECRET))
LIVES = {  # and the most calls; positions are open, and at Bitget and Gate something is locked, so that orders may wait
    "bitget classic": (bitget.PERSONS.format(system="classic") + bitget.WITHOUT_COIN, "Ann", bitget.CREDENTIALS, 42),
    "bitget unified": (bitget.PERSONS.format(system="unified") + bitget.WITHOUT_COIN, "Ann", bitget.CREDENTIALS, 41),
    "gate classic": (gate.PERSONS.format(system="classic") + gate.LIFE, "Ann", gate.CREDENTIALS, 34),
    "gate portfolio": (gate.PERSONS.format(system="portfolio") + gate.LIFE, "Ann", gate.CREDENTIALS, 42),
    "mexc": (mexc.STORY, "test", MEXC, 14),
}
OF_ALL = ("/time", "/tickers", "/ticker/price", "/currency_pairs", "candle", "kline", "/contract/detail", "fair_price")


@pytest.mark.parametrize("life", LIVES)
def test_a_quiet_hour_asks_for_no_more_than_it_needs(life: str, open_venue: VenueOpener, open_worker: Opener) -> None:
    story, label, credentials, most = LIVES[life]
    exchange = life.partition(" ")[0]
    venue = open_venue(story)
    worker = open_worker(venue)
    worker.add_at(exchange, label, credentials)
    worker.run(venue.now())
    venue.advance(hours=1)
    venue.control("/requests", method="DELETE")
    worker.run(venue.now())

    assert worker.hours()[-1]["status"] == "COMPLETE"
    asked = Counter(
        f"{call['path']}?{call['asked']}"
        for call in venue.requests()
        if call["exchange"] == exchange and not any(public in call["path"] for public in OF_ALL)
    )
    assert asked.total() <= most, "\n".join(sorted(asked))
