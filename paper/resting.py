"""Orders in spot, and at Bitget on margin. What one that waits needs is locked until a line of the story, or the market, fills it,
or it is cancelled; what is traded at the market's price is an order that was filled at once.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from paper.accounts import Account, Fill, Order
from paper.reaching import watch
from paper.stories import StoryFault
from paper.trading import SMALLEST, read_quantity, settle, split_market
from paper.venue import Venue
from paper.words import Words, read_amount, read_price

FREE, LOCKED = "spot", "locked"
LISTS = ("binance",)
ON_MARGIN = ("bitget",)  # where orders may wait on margin, too
BY_ITSELF = ("by", "itself")


def limit(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Limit buy|sell QUANTITY SYMBOL at PRICE [on MARKET] [by itself]."""
    told, market = split_market(_plain(words))
    if market != FREE and account.exchange not in ON_MARGIN:
        raise StoryFault(f"only {', '.join(ON_MARGIN)} has orders that wait on margin")
    match told:
        case ("buy" | "sell" as side, quantity, name, "at", price) if name in venue.market.symbols:
            order = _make(venue, account, (side, quantity, name), price, at, market=market)
        case _:
            raise StoryFault("expected: limit buy|sell QUANTITY SYMBOL at PRICE [on MARKET] [by itself]")
    _place(venue, account, [order], words)


def stop(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Stop buy|sell QUANTITY SYMBOL at PRICE [by itself]."""
    match _plain(words):
        case ("buy" | "sell" as side, quantity, name, "at", price) if name in venue.market.symbols:
            order = _as_stop(_make(venue, account, (side, quantity, name), price, at))
        case _:
            raise StoryFault("expected: stop buy|sell QUANTITY SYMBOL at PRICE [by itself]")
    _place(venue, account, [order], words)


def oco(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Oco sell QUANTITY SYMBOL at PRICE stop PRICE [by itself]: both lock what one of them needs."""
    if account.exchange not in LISTS:
        raise StoryFault(f"only {', '.join(LISTS)} has orders of which one ends the other")
    match _plain(words):
        case ("sell" as side, quantity, name, "at", price, "stop", trigger) if name in venue.market.symbols:
            told, shared = (side, quantity, name), next(venue.numbers)
            profit = _make(venue, account, told, price, at, list_id=shared)
            loss = _as_stop(_make(venue, account, told, trigger, at, list_id=shared))
        case _:
            raise StoryFault("expected: oco sell QUANTITY SYMBOL at PRICE stop PRICE [by itself]")
    _place(venue, account, [profit, loss], words)


def _plain(words: Words) -> Words:
    return words[:-2] if words[-2:] == BY_ITSELF else words


def _make(
    venue: Venue,
    account: Account,
    told: tuple[str, str, str],
    price: str,
    at: datetime,
    *,
    list_id: int = 0,
    market: str = FREE,
) -> Order:
    side, quantity, name = told
    return Order(
        id=next(venue.numbers),
        symbol=name,
        is_buy=side == "buy",
        quantity=read_amount(quantity) if side == "buy" else read_quantity(venue, account, market, name, quantity),
        price=read_price(price, lambda: venue.price(name, at), venue.market.symbols[name].decimals),
        at=at,
        changed_at=at,
        list_id=list_id,
        market=market,
    )


def _as_stop(order: Order) -> Order:
    order.price, order.trigger = Decimal(0), order.price
    return order


def _place(venue: Venue, account: Account, orders: list[Order], words: Words) -> None:
    for order in orders:
        _lock(venue, account, order)
        account.orders.append(order)
        if words[-2:] == BY_ITSELF:
            watch(venue, account, order, order.at)


def fill(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Fill [QUANTITY] SYMBOL: the oldest order that waits, at its own price."""
    order = _find(account, words[-1])
    quantity = read_amount(words[0]) if len(words) > 1 else order.left
    if quantity > order.left:
        raise StoryFault(f"{order.left} of the order are left, not {quantity}")
    _execute(venue, account, order, quantity, order.trigger or order.price, at)


def reach(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """_reach ID PRICE: the market has filled an order that waited, unless it has ended before."""
    order = next(one for one in account.orders if one.id == int(words[0]))
    if order.waits:
        _execute(venue, account, order, order.left, read_amount(words[1]), at)


def look_on(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """_look_on ID: when does the market fill an order that still waits?"""
    order = next(one for one in account.orders if one.id == int(words[0]))
    if order.waits:
        watch(venue, account, order, at)


def _execute(venue: Venue, account: Account, order: Order, quantity: Decimal, price: Decimal, at: datetime) -> None:
    _end_other(venue, account, order, at)
    _unlock(venue, account, order)
    cost = (quantity * price).quantize(SMALLEST)
    order.filled += quantity
    order.cost += cost
    order.changed_at = at
    settle(
        venue,
        account,
        order.market,
        order.symbol,
        quantity,
        cost,
        at,
        is_buy=order.is_buy,
        price=price,
        order=order.id,
        is_maker=order.trigger is None,
    )
    verb = "buy" if order.is_buy else "sell"  # as which a ledger tells it
    venue.books.write(at, verb, venue.ledger.take_moved())
    _lock(venue, account, order)


def _end_other(venue: Venue, account: Account, order: Order, at: datetime) -> None:
    for other in _others(account, order):
        _unlock(venue, account, other)
        other.is_expired, other.changed_at = True, at


def _others(account: Account, order: Order) -> list[Order]:
    if not order.list_id:
        return []
    return [one for one in account.orders if one.list_id == order.list_id and one.waits and one is not order]


def cancel(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Cancel SYMBOL: the oldest order that waits, with the other of its list."""
    order = _find(account, words[-1])
    for one in (order, *_others(account, order)):
        _unlock(venue, account, one)
        one.is_cancelled, one.changed_at = True, at


def _find(account: Account, name: str) -> Order:
    found = next((order for order in account.orders if order.symbol == name and order.waits), None)
    if found is None:
        raise StoryFault(f"no order of {name} waits")
    return found


def _lock(venue: Venue, account: Account, order: Order) -> None:
    _move(venue, account, order, FREE, LOCKED)


def _unlock(venue: Venue, account: Account, order: Order) -> None:
    _move(venue, account, order, LOCKED, FREE)


def _move(venue: Venue, account: Account, order: Order, source: str, target: str) -> None:
    """Between what is free and what is locked; on margin nothing moves: `frozen` says what its orders need."""
    if order.market == FREE:
        asset, amount = _needed(venue, order, order.left)
        venue.ledger.move(asset, amount, (account.name, source), (account.name, target))


def frozen(venue: Venue, account: Account, market: str, asset: str) -> Decimal:
    """What the orders that wait on margin need of a coin."""
    needed = (_needed(venue, one, one.left) for one in account.orders if one.market == market and one.waits)
    return sum((amount for held, amount in needed if held == asset), Decimal(0))


def _needed(venue: Venue, order: Order, quantity: Decimal) -> tuple[str, Decimal]:
    """What is locked for so much of it; of two of a list the one that waits at its price locks for both."""
    symbol = venue.market.symbols[order.symbol]
    if not order.is_buy:
        return symbol.base, quantity * (not (order.list_id and order.trigger))
    whole = (order.quantity * (order.trigger or order.price)).quantize(SMALLEST)
    return symbol.quote, whole - order.cost if quantity else Decimal(0)


@dataclass(slots=True, kw_only=True)
class MarketOrder(Order):
    """One at the market's price, filled at once."""


def list_orders(account: Account, market: str = "spot") -> list[Order]:
    """All orders of a market, by their ids: those that waited, and one for each fill beside them."""
    at_market = [_of_fill(fill) for fill in account.fills if fill.market == market and not fill.order]
    return sorted([*(one for one in account.orders if one.market == market), *at_market], key=lambda one: one.id)


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
