"""Verbs for bank, card, P2P, Pay, families and income: nothing is created or lost, and wrong words are refused."""

from datetime import timedelta
from decimal import Decimal

import pytest

from paper.clock import VenueClock
from paper.stories.lines import StoryFault, parse_story
from paper.stories.venue import StoryVenue
from paper.stories.verbs import make_venue
from tests.venue import MARKET, START

OPENING = """
+0m account master key m secret m
+0m deposit 5000 USDT
+0m account test key k secret s
+0m belongs to master
+0m deposit 10000 USDT
+0m deposit 1 BTC
+0m fiat deposit 50000 TRY
+0m transfer 3000 USDT from spot to funding
+0m transfer 0.5 BTC from spot to funding
+0m transfer 1000 USDT from spot to futures
+0m transfer 1000 USDT from spot to earn_flexible
"""
VERBS = [
    "fiat deposit 500 TRY fee 5",
    "fiat withdraw 300 TRY fee 2",
    "fiat withdraw 300 TRY fee 2 completed after 20m",
    "fiat withdraw 300 TRY fee 2 refunded after 20m",
    "fiat deposit 500 TRY failed after 20m",
    "card buy 0.01 BTC for 20000 TRY fee 300",
    "card buy 0.01 BTC for 20000 TRY fee 300 as cash",
    "card sell 0.01 BTC for 20000 TRY",
    "card sell 0.01 BTC for 20000 TRY as cash",
    "p2p buy 200 USDT fee 0.2",
    "p2p sell 200 USDT fee 0.2 completed after 20m",
    "p2p sell 200 USDT fee 0.2 cancelled after 20m",
    "pay receive 25 USDT",
    "pay send 25 USDT fee 0.1",
    "pay send 25 USDT as card",
    "hand 40 USDT to master",
    "interest 5 USDT",
    "reward 1 USDT flexible",
    "reward 1 USDT locked REWARDS",
    "dividend 5 ADA",
    "rebate 0.3 USDT",
    "funding pay 1 USDT BTCUSDT",
    "funding receive 1 USDT BTCUSDT",
]


@pytest.fixture
def venue() -> StoryVenue:
    made = make_venue(MARKET, VenueClock(START + timedelta(hours=1), follows=False), parse_story(OPENING, START))
    made.catch_up()
    made.run("account test")
    return made


@pytest.mark.parametrize("line", VERBS)
def test_nothing_is_created_or_lost_and_something_is_told(line: str, venue: StoryVenue) -> None:
    told = len(venue.accounts["test"].rows)
    venue.run(line)
    venue.clock.advance(timedelta(hours=1))
    venue.catch_up()

    assert set(venue.ledger.totals().values()) == {Decimal(0)}
    assert len(venue.accounts["test"].rows) == told + 1
    for bucket in ("withdrawing", "frozen"):
        assert list(venue.ledger.holdings("test", bucket)) == []


def held(venue: StoryVenue, asset: str) -> Decimal:
    return sum(
        (
            dict(venue.ledger.holdings("test", bucket)).get(asset, Decimal(0))
            for bucket in ("spot", "funding", "frozen")
        ),
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("line", "asset", "change"),
    [
        ("fiat deposit 500 TRY fee 5", "TRY", "500"),
        ("fiat withdraw 300 TRY fee 2", "TRY", "-302"),
        ("card buy 0.01 BTC for 20000 TRY", "BTC", "0.01"),
        ("card buy 0.01 BTC for 20000 TRY", "TRY", "0"),
        ("card buy 0.01 BTC for 20000 TRY as cash", "TRY", "-20000"),
        ("p2p buy 200 USDT fee 0.2", "USDT", "199.8"),
        ("p2p sell 200 USDT fee 0.2", "USDT", "-200.2"),
        ("p2p sell 200 USDT completed after 20m", "USDT", "0"),
        ("pay send 25 USDT fee 0.1", "USDT", "-25.1"),
        ("pay send 25 USDT as card", "USDT", "0"),
        ("hand 40 USDT to master", "USDT", "-40"),
    ],
)
def test_the_account_gains_or_loses_what_the_verb_says(line: str, asset: str, change: str, venue: StoryVenue) -> None:
    before = held(venue, asset)
    venue.run(line)

    assert held(venue, asset) - before == Decimal(change)


@pytest.mark.parametrize(
    "line",
    [
        "fiat give 5 TRY",
        "fiat withdraw 90000 TRY",
        "p2p buy",
        "p2p buy many USDT",
        "card buy 1 BTC",
        "pay lend 5 USDT",
        "pay receive 5 USDT by post",
        "belongs to nobody",
        "hand 5 USDT to nobody",
        "reward 5 USDT somewhere",
        "funding 5 USDT",
    ],
)
def test_what_cannot_happen_is_refused_and_moves_nothing(line: str, venue: StoryVenue) -> None:
    before = venue.ledger.totals(), held(venue, "USDT"), held(venue, "TRY")

    with pytest.raises(StoryFault):
        venue.run(line)

    assert (venue.ledger.totals(), held(venue, "USDT"), held(venue, "TRY")) == before
