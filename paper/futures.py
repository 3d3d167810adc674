"""USD-M perpetuals, as far as a balance needs them: entry price, unrealised profit, profit paid on closing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from paper.accounts import FuturesPosition
from paper.ledger import HOUSE
from paper.stories import StoryFault

if TYPE_CHECKING:
    from paper.accounts import Account
    from paper.venue import Venue

COMMISSION = Decimal("0.0005")
SMALLEST = Decimal("1e-8")
Words = tuple[str, ...]


def open_long(venue: Venue, words: Words, at: datetime) -> None:
    """Open a position of +QUANTITY of SYMBOL."""
    _open(venue, words[1], Decimal(words[0]), at)


def open_short(venue: Venue, words: Words, at: datetime) -> None:
    """Open a position of -QUANTITY of SYMBOL."""
    _open(venue, words[1], -Decimal(words[0]), at)


def _open(venue: Venue, symbol: str, quantity: Decimal, at: datetime) -> None:
    account, price = venue.accounts[venue.current], venue.price(symbol, at)
    if any(position.symbol == symbol for position in account.positions):
        raise StoryFault(f"there is a position in {symbol} already")
    _pay(venue, account, -(abs(quantity) * price * COMMISSION).quantize(SMALLEST))
    account.positions.append(FuturesPosition(symbol=symbol, quantity=quantity, entry=price))


def close(venue: Venue, words: Words, at: datetime) -> None:
    """Close the position in SYMBOL: its profit goes to the wallet."""
    account, price = venue.accounts[venue.current], venue.price(words[0], at)
    position = next((p for p in account.positions if p.symbol == words[0]), None)
    if position is None:
        raise StoryFault(f"there is no position in {words[0]}")
    account.positions.remove(position)
    profit = position.quantity * (price - position.entry)
    _pay(venue, account, (profit - abs(position.quantity) * price * COMMISSION).quantize(SMALLEST))


def unrealised(venue: Venue, account: Account, at: datetime) -> Decimal:
    """Profit of all open positions, in USDT."""
    return sum((p.quantity * (venue.price(p.symbol, at) - p.entry) for p in account.positions), Decimal(0))


def _pay(venue: Venue, account: Account, amount: Decimal) -> None:
    places = [HOUSE, (account.name, "futures")]
    source, target = places if amount >= 0 else places[::-1]
    venue.ledger.move("USDT", abs(amount), source, target)
