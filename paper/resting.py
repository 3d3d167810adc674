"""Orders in spot. What one that waits needs is locked until a line of the story fills or cancels it; what is traded at the
market's price is an order that was filled at once.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from paper.accounts import Account, Fill, Order
from paper.stories import StoryFault
from paper.trading import SMALLEST, settle
from paper.venue import Venue
from paper.words import Words, read_amount

FREE, LOCKED = "spot", "locked"


def limit(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Limit buy|sell QUANTITY SYMBOL at PRICE."""
    match words:
        case ("buy" | "sell" as side, quantity, name, "at", price) if name in venue.market.symbols:
            order = Order(
                id=next(venue.numbers),
                symbol=name,
                is_buy=side == "buy",
                quantity=read_amount(quantity),
                price=read_amount(price),
                at=at,
                changed_at=at,
            )
        case _:
            raise StoryFault("expected: limit buy|sell QUANTITY SYMBOL at PRICE")
    asset, amount = _needed(venue, order, order.quantity)
    venue.ledger.move(asset, amount, (account.name, FREE), (account.name, LOCKED))
    account.orders.append(order)


def fill(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Fill [QUANTITY] SYMBOL: the oldest order that waits, at its own price."""
    order = _find(account, words[-1])
    quantity = read_amount(words[0]) if len(words) > 1 else order.left
    if quantity > order.left:
        raise StoryFault(f"{order.left} of the order are left, not {quantity}")
    before = order.cost
    _unlock(venue, account, order)
    order.filled += quantity
    order.cost = (order.filled * order.price).quantize(SMALLEST)
    order.changed_at = at
    settle(
        venue,
        account,
        FREE,
        order.symbol,
        quantity,
        order.cost - before,
        at,
        is_buy=order.is_buy,
        price=order.price,
        order=order.id,
    )
    asset, amount = _needed(venue, order, order.left)
    venue.ledger.move(asset, amount, (account.name, FREE), (account.name, LOCKED))


def cancel(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Cancel SYMBOL: the oldest order that waits."""
    order = _find(account, words[-1])
    _unlock(venue, account, order)
    order.is_cancelled, order.changed_at = True, at


def _find(account: Account, name: str) -> Order:
    found = next((order for order in account.orders if order.symbol == name and order.waits), None)
    if found is None:
        raise StoryFault(f"no order of {name} waits")
    return found


def _unlock(venue: Venue, account: Account, order: Order) -> None:
    asset, amount = _needed(venue, order, order.left)
    venue.ledger.move(asset, amount, (account.name, LOCKED), (account.name, FREE))


def _needed(venue: Venue, order: Order, quantity: Decimal) -> tuple[str, Decimal]:
    symbol = venue.market.symbols[order.symbol]
    if not order.is_buy:
        return symbol.base, quantity
    whole = (order.quantity * order.price).quantize(SMALLEST)
    return symbol.quote, whole - order.cost if quantity else Decimal(0)


@dataclass(slots=True, kw_only=True)
class MarketOrder(Order):
    """One at the market's price, filled at once."""


def list_orders(account: Account) -> list[Order]:
    """All orders in spot, by their ids: those that waited, and one for each fill beside them."""
    at_market = [_of_fill(fill) for fill in account.fills if fill.market == "spot" and not fill.order]
    return sorted([*account.orders, *at_market], key=lambda one: one.id)


def _of_fill(fill: Fill) -> Order:
    return MarketOrder(
        id=fill.id,
        symbol=fill.symbol,
        is_buy=fill.is_buy,
        quantity=fill.quantity,
        price=Decimal(0),
        at=fill.at,
        changed_at=fill.at,
        filled=fill.quantity,
        cost=fill.cost,
    )
