"""Options: premiums, fees and settlements in USDT, and what the open ones are worth.

An option's price is the story's own: it stays as it was last bought, sold or marked.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from paper.engine.venue import Venue
from paper.histories.accounts import Account, OptionPosition
from paper.ledger.balances import HOUSE
from paper.stories.lines import StoryFault
from paper.stories.rows import add_row
from paper.stories.words import Words, read_amount, read_options

WALLET, ASSET = "options", "USDT"


def trade(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`option buy|sell QUANTITY SYMBOL at PRICE [fee FEE]`, `option mark|settle SYMBOL at PRICE`."""
    match words:
        case ("buy" | "sell" as side, quantity, symbol, "at", price, *rest):
            fee = read_amount(read_options(tuple(rest), "fee").get("fee", "0"))
            signed = read_amount(quantity) * (1 if side == "buy" else -1)
            _exchange(venue, account, symbol, signed, read_amount(price), at)
            _book(venue, account, "fee", -fee, at, symbol)
        case ("mark", symbol, "at", price):
            _find(account, symbol).mark = read_amount(price)
        case ("settle", symbol, "at", price):
            position = _find(account, symbol)
            account.options.remove(position)
            _book(venue, account, "settlement", position.quantity * read_amount(price), at, symbol)
        case _:
            raise StoryFault(
                "expected: option buy|sell QUANTITY SYMBOL at PRICE [fee FEE] | mark|settle SYMBOL at PRICE"
            )


def _exchange(venue: Venue, account: Account, symbol: str, quantity: Decimal, price: Decimal, at: datetime) -> None:
    position = next((p for p in account.options if p.symbol == symbol), None)
    if position is None:
        position = OptionPosition(symbol=symbol, quantity=Decimal(0), entry=price, mark=price)
        account.options.append(position)
    position.quantity, position.mark = position.quantity + quantity, price
    if not position.quantity:
        account.options.remove(position)
    _book(venue, account, "premium", -quantity * price, at, symbol)


def _find(account: Account, symbol: str) -> OptionPosition:
    found = next((p for p in account.options if p.symbol == symbol), None)
    if found is None:
        raise StoryFault(f"there is no option {symbol}")
    return found


def _book(venue: Venue, account: Account, kind: str, amount: Decimal, at: datetime, symbol: str) -> None:
    places = [HOUSE, (account.name, WALLET)]
    source, target = places if amount >= 0 else places[::-1]
    venue.ledger.move(ASSET, abs(amount), source, target, why=kind, about=symbol)
    add_bill(venue, account, kind, amount, at, symbol=symbol)


def add_bill(venue: Venue, account: Account, kind: str, amount: Decimal, at: datetime, *, symbol: str = "") -> None:
    """A row of the options wallet's history; a transfer has no symbol."""
    if amount:
        add_row(venue, account, "bill", at, asset=ASSET, amount=amount, kind=kind, symbol=symbol)


def worth(account: Account) -> Decimal:
    """What the open options would bring; those sold short cost."""
    return sum((position.quantity * position.mark for position in account.options), Decimal(0))


OPTION_VERBS: dict[str, Callable[[Venue, Account, Words, datetime], None]] = {"option": trade}
