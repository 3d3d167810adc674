"""When the market reaches the price of an order that waits: a line is planned for that minute, or to look on a day later."""

from datetime import datetime, timedelta
from decimal import Decimal

from paper.histories.accounts import Account
from paper.market.klines import MINUTE, Kline, floor_time
from paper.stories.lines import Line
from paper.stories.venue import StoryVenue
from paper.trading.orders import Order

AHEAD = timedelta(days=1)  # that is looked through at once
REACH, LOOK_ON = "_reach", "_look_on"


def watch(venue: StoryVenue, account: Account, order: Order, since: datetime) -> None:
    """Plan that the market fills it, in the first whole minute after `since` that reaches its price."""
    first = floor_time(since, MINUTE) + MINUTE
    opened = first
    while opened < first + AHEAD:
        kline = venue.market.minute(order.symbol, opened)
        price = _price_in(kline, order) if kline else None
        if price is not None:
            return _plan(venue, account, opened + MINUTE / 2, REACH, str(order.id), f"{price:f}")
        opened += MINUTE
    return _plan(venue, account, opened - MINUTE, LOOK_ON, str(order.id))


def _price_in(kline: Kline, order: Order) -> Decimal | None:
    """What it is filled at in the minute; None where its price is not reached."""
    begun, wanted = Decimal(kline.open), order.trigger or order.price
    is_above = order.is_buy == bool(order.trigger)  # it is filled at its price or above: a sale, or a stop that buys
    if is_above and Decimal(kline.high) >= wanted:
        return max(begun, wanted)
    return min(begun, wanted) if not is_above and Decimal(kline.low) <= wanted else None


def _plan(venue: StoryVenue, account: Account, at: datetime, verb: str, *words: str) -> None:
    venue.plan(Line(number=0, at=at, every=None, words=(verb, account.name, *words), account=account.name))
