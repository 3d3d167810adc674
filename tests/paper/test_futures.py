"""Perpetuals of the venue: money and profit beside the plain sum of what was bought and sold."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paper.clock import VenueClock
from paper.histories.accounts import Account
from paper.stories.futures import mark_price, unrealised
from paper.stories.lines import StoryFault, parse_story
from paper.stories.venue import StoryVenue
from paper.stories.verbs import make_venue
from tests.venue import MARKET, START

OPENING = """
+0m account test key k secret s
+0m deposit 50000 USDT
+0m deposit 2 BTC
+0m transfer 20000 USDT from spot to futures
+0m transfer 1 BTC from spot to coin_m
"""
ROUNDED = Fraction(1, 10**7)


def open_venue() -> StoryVenue:
    made = make_venue(MARKET, VenueClock(START + timedelta(hours=1), follows=False), parse_story(OPENING, START))
    made.catch_up()
    made.run("account test")
    return made


@pytest.fixture
def venue() -> StoryVenue:
    return open_venue()


def worth(venue: StoryVenue, asset: str) -> Fraction:
    """Wallet and open profit, as the venue's own books have them."""
    wallet = "futures" if asset == "USDT" else "coin_m"
    paid = venue.ledger.balance(("test", wallet), asset)
    return Fraction(paid) + Fraction(unrealised(venue, venue.accounts["test"], venue.clock.now(), asset))


def cash(account: Account, venue: StoryVenue, asset: str, paid_in: int) -> Fraction:
    """The same without entry prices: what was paid in, less what was bought, at today's mark, less commissions."""
    total = Fraction(paid_in)
    for fill in account.contract_fills:
        if fill.asset != asset:
            continue
        mark, price = (Fraction(p) for p in (mark_price(venue, fill.symbol, venue.clock.now()), fill.price))
        quantity = Fraction(fill.quantity)
        total += quantity * (mark - price) if asset == "USDT" else quantity * 100 * (1 / price - 1 / mark)
        total -= Fraction(fill.commission)
    return total


trades = st.lists(
    st.tuples(st.sampled_from(["long", "short"]), st.integers(1, 400), st.sampled_from(["BTCUSDT", "BTCUSD_PERP"])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(trades, st.booleans())
def test_whatever_is_traded_the_account_is_worth_what_was_paid_and_what_is_open(
    done: list[tuple[str, int, str]], is_hedged: bool
) -> None:
    venue = open_venue()
    venue.run("hedge on" if is_hedged else "hedge off")
    for verb, size, symbol in done:
        venue.run(f"{verb} {size if symbol.endswith('PERP') else Decimal(size) / 1000} {symbol}")
        venue.clock.advance(timedelta(minutes=7))

    account = venue.accounts["test"]
    for asset, paid_in in (("USDT", 20_000), ("BTC", 1)):
        assert abs(worth(venue, asset) - cash(account, venue, asset, paid_in)) < ROUNDED
    assert set(venue.ledger.totals().values()) == {Decimal(0)}


def test_an_enlarged_position_has_the_average_price_and_a_reduced_one_keeps_it(venue: StoryVenue) -> None:
    venue.run("long 0.1 BTCUSDT")
    venue.clock.advance(timedelta(minutes=30))
    venue.run("long 0.1 BTCUSDT")
    venue.clock.advance(timedelta(minutes=30))
    venue.run("close 0.05 BTCUSDT")

    first, second, third = venue.accounts["test"].contract_fills
    (position,) = venue.accounts["test"].positions
    assert (position.quantity, position.entry) == (Decimal("0.15"), (first.price + second.price) / 2)
    assert third.profit == Decimal("0.05") * (third.price - position.entry) != 0


def test_a_trade_through_zero_closes_and_opens_at_its_own_price(venue: StoryVenue) -> None:
    venue.run("short 0.1 BTCUSDT")
    venue.clock.advance(timedelta(minutes=30))
    venue.run("long 0.3 BTCUSDT")

    first, second = venue.accounts["test"].contract_fills
    (position,) = venue.accounts["test"].positions
    assert (position.quantity, position.entry) == (Decimal("0.2"), second.price)
    assert second.profit == Decimal("-0.1") * (second.price - first.price) != 0


def test_in_hedge_mode_both_sides_are_open_and_closed_each_for_itself(venue: StoryVenue) -> None:
    venue.run("hedge on")
    venue.run("long 0.1 BTCUSDT")
    venue.run("short 0.04 BTCUSDT")
    venue.run("close BTCUSDT short")
    with pytest.raises(StoryFault):
        venue.run("hedge off")
    with pytest.raises(StoryFault):
        venue.run("close 1 BTCUSDT long")

    (position,) = venue.accounts["test"].positions
    assert (position.side, position.quantity) == ("LONG", Decimal("0.1"))
    assert [fill.side for fill in venue.accounts["test"].contract_fills] == ["LONG", "SHORT", "SHORT"]


def test_what_is_booked_names_the_trade_it_belongs_to(venue: StoryVenue) -> None:
    venue.run("long 0.1 BTCUSDT")
    venue.clock.advance(timedelta(minutes=30))
    venue.run("close BTCUSDT")

    booked = [(row.extra["kind"], row.extra["trade"]) for row in venue.accounts["test"].rows if row.extra.get("trade")]
    first, second = (str(fill.id) for fill in venue.accounts["test"].contract_fills)
    assert booked == [("commission", first), ("profit", second), ("commission", second)]
