"""Perpetuals, as far as a balance needs them: entry price, unrealised profit, profit paid on closing.

USD-M contracts (BTCUSDT) are settled in USDT. COIN-M contracts (BTCUSD_PERP) are settled in the coin; their quantity
is a number of contracts of 100 or 10 USD, and their price is the pair's with USDT.
"""

from datetime import datetime
from decimal import Decimal

from paper.accounts import Account, FuturesPosition
from paper.earnings import INVERSE, book_futures
from paper.stories import StoryFault
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
    account, price = venue.accounts[venue.current], mark_price(venue, symbol, at)
    if any(position.symbol == symbol for position in account.positions):
        raise StoryFault(f"there is a position in {symbol} already")
    _book(venue, account, "COMMISSION", -_size(symbol, quantity, price) * COMMISSION, at, symbol)
    account.positions.append(FuturesPosition(symbol=symbol, quantity=quantity, entry=price))


def close(venue: Venue, words: Words, at: datetime) -> None:
    """Close the position in SYMBOL: its profit goes to the wallet."""
    account, price = venue.accounts[venue.current], mark_price(venue, words[0], at)
    position = next((p for p in account.positions if p.symbol == words[0]), None)
    if position is None:
        raise StoryFault(f"there is no position in {words[0]}")
    account.positions.remove(position)
    _book(venue, account, "REALIZED_PNL", profit(venue, position, at), at, position.symbol)
    _book(venue, account, "COMMISSION", -_size(position.symbol, position.quantity, price) * COMMISSION, at, words[0])


def mark_price(venue: Venue, symbol: str, at: datetime) -> Decimal:
    """A contract's price."""
    return venue.price(symbol.removesuffix("USD" + INVERSE) + "USDT" if symbol.endswith(INVERSE) else symbol, at)


def margin_asset(symbol: str) -> str:
    """What a contract is settled in."""
    return symbol.removesuffix("USD" + INVERSE) if symbol.endswith(INVERSE) else "USDT"


def profit(venue: Venue, position: FuturesPosition, at: datetime) -> Decimal:
    """Profit of an open position, in its margin asset, as the exchange writes it."""
    mark = mark_price(venue, position.symbol, at)
    if not position.symbol.endswith(INVERSE):
        return position.quantity * (mark - position.entry)
    worth = position.quantity * _contract(position.symbol)
    return (worth / position.entry - worth / mark).quantize(SMALLEST)


def unrealised(venue: Venue, account: Account, at: datetime, asset: str = "USDT") -> Decimal:
    """Profit of all open positions that are settled in an asset."""
    held = (p for p in account.positions if margin_asset(p.symbol) == asset)
    return sum((profit(venue, position, at) for position in held), Decimal(0))


def _contract(symbol: str) -> Decimal:
    return Decimal(100) if symbol.startswith("BTC") else Decimal(10)


def _size(symbol: str, quantity: Decimal, price: Decimal) -> Decimal:
    """How large a position is, in its margin asset."""
    return abs(quantity) * (_contract(symbol) / price if symbol.endswith(INVERSE) else price)


def _book(venue: Venue, account: Account, kind: str, amount: Decimal, at: datetime, symbol: str) -> None:
    book_futures(venue, account, kind, amount.quantize(SMALLEST), at, asset=margin_asset(symbol), symbol=symbol)
