"""Names of assets: what nobody would see of them is written out, and no coin is shown as another one."""

import pytest

from monitor.exchanges.http.fields import Malformed, asset
from tests.venue import RunningVenue
from tests.worker import Worker


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("BTC", "BTC"),
        ("1000SATS", "1000SATS"),
        ("币安人生", "币安人生"),
        ("BTC\u200b", "BTC\\u200b"),  # zero-width space
        ("\u202eCTB", "\\u202eCTB"),  # right-to-left override: would show as BTC
        ("B\u2066TC", "B\\u2066TC"),
        ("BTC\ufeff", "BTC\\ufeff"),
        ("BTC\u3164", "BTC\\u3164"),  # Hangul filler
        ("B\u0301TC", "B\\u0301TC"),  # a combining accent
        ("BTC\ufe0f", "BTC\\ufe0f"),
    ],
)
def test_a_name_shows_everything_that_is_in_it(told: str, shown: str) -> None:
    assert asset({"asset": told}) == shown


@pytest.mark.parametrize(
    "told", ["", " ", "B TC", "BTC\n", "BTC\x00", "\ud800", "BTC\x1b[2J", "B\u2028TC", "x" * 41, None, 7.5]
)
def test_what_is_no_name_is_refused(told: object) -> None:
    with pytest.raises(Malformed):
        asset({"asset": told})


def test_a_coin_that_looks_like_bitcoin_has_not_its_price(worker: Worker, venue: RunningVenue) -> None:
    venue.do("airdrop 5 BTC\u200b")
    worker.run(venue.now())

    (row,) = worker.rows("select asset, price from holdings where asset like 'BTC_%%'")
    assert row == {"asset": "BTC\\u200b", "price": None}
    assert "5 BTC\\u200b in spot has no price" in worker.hours()[-1]["reason"]
