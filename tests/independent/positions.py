"""What open positions of the venue's books are worth at the mark price of a minute, in fractions.

    linear     quantity x (mark - entry)
    inverse    contracts x size x (1 / entry - 1 / mark), in the coin

Like everything that a division made, it has 18 decimals.
"""

from datetime import datetime
from fractions import Fraction

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.stories.futures import mark_price
from tests.independent.portfolio import NOTHING, stored

SIZES = {"BTC": 100}  # USD a contract; 10 on any other coin


def mark_positions(venue: Venue, account: Account, at: datetime) -> dict[str, Fraction]:
    """The profit of an account's open positions at the minute of `at`, by the asset they settle in."""
    profits: dict[str, Fraction] = {}
    for position in account.positions:
        mark, entry = Fraction(mark_price(venue, position.symbol, at)), Fraction(position.entry)
        quantity = Fraction(position.quantity)
        coin, is_inverse, _ = position.symbol.partition("USD_PERP")
        if is_inverse:
            profit = quantity * SIZES.get(coin, 10) * (1 / entry - 1 / mark)
        else:
            coin, profit = "USDT", quantity * (mark - entry)
        profits[coin] = profits.get(coin, NOTHING) + stored(profit)
    return profits
