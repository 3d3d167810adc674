"""USD-M perpetuals, as far as a balance needs them: entry price, unrealised profit, profit paid on closing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from paper.accounts import FuturesPosition
from paper.earnings import book_futures
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
    _book(venue, account, "COMMISSION", -(abs(quantity) * price * COMMISSION), at, symbol)
    account.positions.append(FuturesPosition(symbol=symbol, quantity=quantity, entry=price))


def close(venue: Venue, words: Words, at: datetime) -> None:
    """Close the position in SYMBOL: its profit goes to the wallet."""
    account, price = venue.accounts[venue.current], venue.price(words[0], at)
    position = next((p for p in account.positions if p.symbol == words[0]), None)
    if position is None:
        raise StoryFault(f"there is no position in {words[0]}")
    account.positions.remove(position)
    _book(venue, account, "REALIZED_PNL", position.quantity * (price - position.entry), at, position.symbol)
    _book(venue, account, "COMMISSION", -abs(position.quantity) * price * COMMISSION, at, position.symbol)


def unrealised(venue: Venue, account: Account, at: datetime) -> Decimal:
    """Profit of all open positions, in USDT."""
    return sum((p.quantity * (venue.price(p.symbol, at) - p.entry) for p in account.positions), Decimal(0))


def _book(venue: Venue, account: Account, kind: str, amount: Decimal, at: datetime, symbol: str) -> None:
    book_futures(venue, account, kind, amount.quantize(SMALLEST), at, asset="USDT", symbol=symbol)
