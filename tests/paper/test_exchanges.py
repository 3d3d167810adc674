"""Accounts of several exchanges in one story: one venue, one ledger, a dialect for each exchange that is named."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from paper.clock import VenueClock
from paper.stories.lines import StoryFault, parse_story
from paper.stories.venue import StoryVenue
from paper.stories.verbs import make_venue
from tests.venue import MARKET, START, RunningVenue

ANN = "+0m account Ann on bitget unified key key-a secret secret-a passphrase open\n"
BOB = "+0m account Bob key key-a secret secret-b\n"


def play(story: str) -> StoryVenue:
    """The venue of a story, an hour after its beginning."""
    venue = make_venue(MARKET, VenueClock(START + timedelta(hours=1), follows=False), parse_story(story, START))
    venue.catch_up()
    return venue


def test_a_story_names_exchange_and_account_system_and_binance_is_both_without() -> None:
    venue = play(ANN + BOB)

    systems = {name: (account.exchange, account.system) for name, account in venue.accounts.items()}
    assert systems == {"Ann": ("bitget", "unified"), "Bob": ("binance", "classic")}
    assert venue.exchanges == ["binance", "bitget"]
    found = [venue.account_of_key("key-a", exchange) for exchange in ("bitget", "binance", "gate")]
    assert [account.name if account else "" for account in found] == ["Ann", "Bob", ""]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("account A on kraken key k secret s", "expected: on EXCHANGE .SYSTEM., of binance, bitget, gate, mexc"),
        ("account A on mexc portfolio key k secret s", "none of the account systems of mexc: classic"),
        ("account A on bitget key k secret s", "a key has a passphrase on bitget, and nowhere else"),
        ("account A on gate key k secret s passphrase p", "a key has a passphrase on bitget, and nowhere else"),
        ("account A on gate key k secret s\n+0m unify unified", "expected: unify .SYSTEM. .* of single_currency"),
        ("account A on mexc key k secret s\n+0m unify", "expected: unify"),
        (f"account A on gate key k secret s\n{BOB}+0m belongs to A", "Bob is on binance, A on gate"),
    ],
)
def test_what_an_exchange_does_not_have_is_named(line: str, said: str) -> None:
    with pytest.raises(StoryFault, match=said):
        play(f"+0m {line}")


def test_an_account_changes_its_system_and_has_what_it_had() -> None:
    venue = play("+0m account A on gate key k secret s\n+0m deposit 5 USDT\n+1m unify portfolio")
    assert (venue.accounts["A"].system, venue.accounts["A"].is_unified) == ("portfolio", True)

    venue.run("unify off", "A")
    assert (venue.accounts["A"].system, venue.ledger.balance(("A", "spot"), "USDT")) == ("classic", 5)


def test_what_leaves_one_exchange_arrives_at_another_with_one_transaction_and_the_fee_stays() -> None:
    venue = play(BOB + "+0m deposit 500 USDT\n" + ANN + "+5m deposit 1 USDT\n")
    venue.run("send 200 USDT to Ann fee 1.5 arriving after 10m", "Bob")
    sent, got = venue.accounts["Bob"].withdrawals[-1], venue.accounts["Ann"].deposits[-1]

    assert sent.transaction == got.transaction != ""
    assert (sent.amount, sent.fee, got.amount, got.status) == (200, Decimal("1.5"), 200, "pending")
    venue.clock.advance(timedelta(minutes=10))
    venue.catch_up()
    assert venue.ledger.balance(("Ann", "spot"), "USDT") == 201
    assert venue.ledger.balance(("Bob", "spot"), "USDT") == Decimal("298.5")
    assert set(venue.ledger.totals().values()) == {Decimal(0)}


def test_a_fault_of_one_exchange_strikes_no_other(venue: RunningVenue) -> None:
    for exchange, status in (("bitget", 200), ("binance", 503), ("", 503)):
        venue.clear_faults()
        venue.fault("*", {"status": 503}, exchange=exchange)
        assert httpx.get(f"{venue.url}/api/v3/time").status_code == status

    with pytest.raises(Exception, match="400"):
        venue.fault("*", {"status": 503}, exchange="kraken")
    assert {entry["exchange"] for entry in venue.requests()} == {"binance"}


def test_an_account_of_an_exchange_without_a_port_is_refused(venue: RunningVenue) -> None:
    with pytest.raises(Exception, match="400"):
        venue.do("account Ann on bitget key k secret s passphrase p")
    assert "Ann" not in venue.exchange.venue.accounts
