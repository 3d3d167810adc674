"""Orders that wait until the market reaches their price, and two of which one ends the other."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from paper.clock import VenueClock
from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.market.klines import MINUTE, Kline, floor_time
from paper.market.simulated import SimulatedMarket
from paper.stories.lines import StoryFault, parse_story
from paper.stories.verbs import make_venue
from paper.trading.orders import Order, Status
from tests.venue import START

MARKET = SimulatedMarket(7)
ANN = "+0m account Ann key k secret s\n+0m deposit 1000 USDT\n+1m buy for 500 SOLUSDT\n"
LIFE = timedelta(days=3)


def lived(*lines: str, days: timedelta = LIFE) -> Venue:
    """A venue at which Ann has bought SOL, and done what the lines say."""
    venue = make_venue(MARKET, VenueClock(START + days, follows=False), parse_story(ANN + "\n".join(lines), START))
    venue.catch_up()
    return venue


def first_minute(since: timedelta, reaches: Callable[[Kline], bool]) -> Kline:
    """The first whole minute after a time of the story that reaches a price."""
    opened = floor_time(START + since, MINUTE)
    minutes = (MARKET.minute("SOLUSDT", opened + MINUTE * number) for number in count(1))
    return next(kline for kline in minutes if kline and reaches(kline))


def orders(venue: Venue) -> tuple[Account, list[Order]]:
    """Ann, and her orders but for the first, with which she bought."""
    return venue.accounts["Ann"], venue.accounts["Ann"].orders[1:]


@pytest.mark.parametrize(("verb", "price", "is_maker"), [("limit", "+0.6%", True), ("stop", "-0.6%", False)])
def test_the_market_fills_an_order_in_the_first_minute_that_reaches_its_price(
    verb: str, price: str, is_maker: bool
) -> None:
    venue = lived(f"+2m {verb} sell all SOLUSDT at {price} by itself")
    account, (order,) = orders(venue)
    wanted = order.trigger or order.price
    share = wanted / venue.price("SOLUSDT", START + timedelta(minutes=2)) - 1
    minute = first_minute(
        timedelta(minutes=2), lambda one: Decimal(one.high) >= wanted if is_maker else Decimal(one.low) <= wanted
    )
    fill = account.fills[-1]

    assert round(share, 4) == Decimal("0.006") * (1 if is_maker else -1)
    assert (fill.at, fill.order, fill.is_maker) == (minute.opened + MINUTE / 2, order.id, is_maker)
    assert fill.price == (max if is_maker else min)(wanted, Decimal(minute.open))
    assert not order.waits and not venue.ledger.balance(("Ann", "locked"), "SOL")


def test_of_two_orders_only_one_is_locked_for_and_one_ends_the_other() -> None:
    story = "+2m oco sell 40% SOLUSDT at +0.5% stop -0.5% by itself"
    waiting, (account, (profit, loss)) = lived(story, days=timedelta(minutes=3)), orders(lived(story))

    assert waiting.ledger.balance(("Ann", "locked"), "SOL") == profit.quantity == loss.quantity
    assert profit.list_id == loss.list_id and Status.EXPIRED in (profit.status, loss.status)
    assert [fill.order for fill in account.fills[1:]] == [loss.id if profit.status is Status.EXPIRED else profit.id]


def test_what_is_cancelled_or_left_to_the_story_is_not_filled_by_the_market() -> None:
    both = lived("+2m oco sell 40% SOLUSDT at +0.5% stop -0.5% by itself", "+3m cancel SOLUSDT")
    account, pair = orders(both)
    assert all(order.is_cancelled for order in pair) and len(account.fills) == 1
    assert not both.ledger.balance(("Ann", "locked"), "SOL")

    account, (told,) = orders(lived("+2m stop sell 40% SOLUSDT at -2%"))
    assert told.waits and len(account.fills) == 1


def test_nothing_cannot_be_sold() -> None:
    with pytest.raises(StoryFault, match="nothing of it is free"):
        lived("+2m sell all SOLUSDT", "+3m sell all SOLUSDT")


def test_a_storys_trades_cost_what_they_did_to_the_last_digit() -> None:
    """Rounded half to even, as ever: the histories of stories stay what they were."""
    account, _ = orders(lived(*(f"+{number}m buy 0.0123457{number} SOLUSDT" for number in range(2, 9))))

    exact = [fill.quantity * fill.price for fill in account.fills]
    assert [fill.cost for fill in account.fills] == [round(cost, 8) for cost in exact]
    assert any(round(cost, 8) > cost for cost in exact)
