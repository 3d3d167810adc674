"""Dual Investment: an amount of one coin, settled after some days with a reward, or in another coin at a strike.

It is swapped where the price (the mean of the last half hour) has reached the strike: at or below it when the other
coin is bought (PUT), at or above it when the invested coin is sold (CALL).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from paper.histories.accounts import Account, HistoryRow
from paper.ledger.balances import HOUSE
from paper.stories.lines import Line, StoryFault, parse_duration
from paper.stories.rows import add_row
from paper.stories.venue import StoryVenue
from paper.stories.words import Words, read_amount

HISTORY, WALLET = "dual", "dual_investment"
SMALLEST = Decimal("1e-8")
DAYS_A_YEAR = 365
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def invest(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """`dual AMOUNT ASSET into ASSET at STRIKE apr PERCENT for 4d`: from spot, and back to it when it is settled."""
    match words:
        case (amount, coin, "into", other, "at", strike, "apr", percent, "for", term):
            invested, lasts = read_amount(amount), parse_duration(term)
        case _:
            raise StoryFault("expected: dual AMOUNT ASSET into ASSET at STRIKE apr PERCENT for 4d")
    venue.ledger.move(coin, invested, (account.name, "spot"), (account.name, WALLET))
    row = add_row(
        venue,
        account,
        HISTORY,
        at,
        asset=coin,
        amount=invested,
        status="invested",
        other=other,
        strike=read_amount(strike),
        apr=read_amount(percent) / 100,
        days=lasts // DAY,
        settles_at=at + lasts,
        is_put=other + coin in venue.market.symbols,
    )
    venue.plan(Line(number=0, at=at + lasts, every=None, words=("_settle", account.name, row.id)))


def settle(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Pay amount and reward to spot, in the coin that the price decides."""
    name, row = account.name, next(r for r in account.rows if r.id == words[0])
    reward = (row.amount * row.extra["apr"] * row.extra["days"] / DAYS_A_YEAR).quantize(SMALLEST, ROUND_DOWN)
    place, spot = (name, WALLET), (name, "spot")
    row.status, row.changed_at = "settled", at
    if not _is_exercised(venue, row, at):
        venue.ledger.move(row.asset, row.amount, place, spot)
        venue.ledger.move(row.asset, reward, HOUSE, spot, why="reward")
        return
    given, strike = row.amount + reward, row.extra["strike"]
    got = given / strike if row.extra["is_put"] else given * strike
    venue.ledger.move(row.asset, row.amount, place, HOUSE)
    venue.ledger.move(row.extra["other"], got.quantize(SMALLEST, ROUND_DOWN), HOUSE, spot)


def _is_exercised(venue: StoryVenue, row: HistoryRow, at: datetime) -> bool:
    is_put, other = row.extra["is_put"], row.extra["other"]
    symbol = other + row.asset if is_put else row.asset + other
    prices = [venue.price(symbol, at - number * MINUTE) for number in range(30)]
    mean = sum(prices, Decimal(0)) / len(prices)
    return bool(mean <= row.extra["strike"] if is_put else mean >= row.extra["strike"])


INVESTMENT_VERBS: dict[str, Callable[[StoryVenue, Account, Words, datetime], None]] = {"dual": invest}
INVESTMENT_ENDS: dict[str, Callable[[StoryVenue, Account, Words, datetime], None]] = {"_settle": settle}
