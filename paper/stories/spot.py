"""Story verbs of orders in spot and margin: those at the market's price, and those that wait (on margin: at Bitget) until a line of the
story, or the market, fills them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from paper.engine.commissions import OWN_COINS
from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.stories.lines import StoryFault
from paper.stories.reaching import watch
from paper.stories.venue import StoryVenue
from paper.stories.words import Words, read_amount, read_price, read_share
from paper.trading.flat import FlatBook
from paper.trading.funds import SPOT
from paper.trading.orders import SMALLEST, Order, OrderList, OrderType

MARKETS = (SPOT, "cross_margin", "isolated_margin")
LISTS = ("binance",)
ON_MARGIN = ("bitget",)  # where orders may wait on margin, too
BY_ITSELF = ("by", "itself")


def buy(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Buy QUANTITY SYMBOL, or for AMOUNT SYMBOL, [on MARKET]."""
    words, market = _split_market(words)
    name = words[-1]
    price = venue.price(name, at)
    quantity = read_amount(words[1]) / price if words[0] == "for" else read_amount(words[0])
    _trade(venue, account, market, name, price, quantity.quantize(SMALLEST), at, is_buy=True)


def sell(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Sell QUANTITY SYMBOL [on MARKET]."""
    words, market = _split_market(words)
    price, quantity = venue.price(words[1], at), _read_quantity(venue, account, market, words[1], words[0])
    _trade(venue, account, market, words[1], price, quantity, at, is_buy=False)


def _read_quantity(venue: StoryVenue, account: Account, market: str, name: str, word: str) -> Decimal:
    """How much is sold: an amount, `all` that is free of the coin, or a percentage of it. Raises StoryFault."""
    share = Decimal(1) if word == "all" else read_share(word)
    if share is None:
        return read_amount(word)
    free = venue.ledger.balance((account.name, market), venue.market.symbols[name].base)
    if not (quantity := (free * share).quantize(SMALLEST, ROUND_DOWN)):
        raise StoryFault("nothing of it is free to be sold")
    return quantity


def _split_market(words: Words) -> tuple[Words, str]:
    if len(words) > 2 and words[-2] == "on":
        if words[-1] not in MARKETS:
            raise StoryFault(f"'{words[-1]}' is none of {', '.join(MARKETS)}")
        return words[:-2], words[-1]
    return words, SPOT


def _trade(
    venue: StoryVenue,
    account: Account,
    market: str,
    name: str,
    price: Decimal,
    quantity: Decimal,
    at: datetime,
    *,
    is_buy: bool,
) -> None:
    order = Order(
        id=next(venue.numbers),
        owner=account.name,
        symbol=name,
        type=OrderType.MARKET,
        is_buy=is_buy,
        quantity=quantity,
        wallet=market,
        at=at,
        changed_at=at,
    )
    with _offered_at(venue, name, price):
        venue.note_reports(venue.desk.place(order, at))


@contextmanager
def _offered_at(venue: StoryVenue, name: str, price: Decimal) -> Iterator[None]:
    """Any quantity of a pair is offered at a price, for one order."""
    book = venue.desk.floor.books[name]
    assert isinstance(book, FlatBook)
    book.price = price
    try:
        yield
    finally:
        book.price = Decimal(0)


def limit(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Limit buy|sell QUANTITY SYMBOL at PRICE [on MARKET] [by itself]."""
    said, market = _split_market(_plain(words))
    if market != SPOT and account.exchange not in ON_MARGIN:
        raise StoryFault(f"only {', '.join(ON_MARGIN)} has orders that wait on margin")
    match said:
        case ("buy" | "sell" as side, quantity, name, "at", price) if name in venue.market.symbols:
            order = _make(venue, account, (side, quantity, name), price, at, OrderType.LIMIT, market=market)
        case _:
            raise StoryFault("expected: limit buy|sell QUANTITY SYMBOL at PRICE [on MARKET] [by itself]")
    venue.note_reports(venue.desk.place(order, at))
    _watch(venue, account, [order], words)


def stop(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Stop buy|sell QUANTITY SYMBOL at PRICE [by itself]."""
    match _plain(words):
        case ("buy" | "sell" as side, quantity, name, "at", price) if name in venue.market.symbols:
            order = _make(venue, account, (side, quantity, name), price, at, OrderType.STOP_LOSS)
        case _:
            raise StoryFault("expected: stop buy|sell QUANTITY SYMBOL at PRICE [by itself]")
    venue.note_reports(venue.desk.place(order, at))
    _watch(venue, account, [order], words)


def oco(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Oco sell QUANTITY SYMBOL at PRICE stop PRICE [by itself]: both lock what one of them needs."""
    if account.exchange not in LISTS:
        raise StoryFault(f"only {', '.join(LISTS)} has orders of which one ends the other")
    match _plain(words):
        case ("sell" as side, quantity, name, "at", price, "stop", trigger) if name in venue.market.symbols:
            said, shared = (side, quantity, name), next(venue.numbers)
            profit = _make(venue, account, said, price, at, OrderType.LIMIT_MAKER, shared)
            loss = _make(venue, account, said, trigger, at, OrderType.STOP_LOSS, shared)
        case _:
            raise StoryFault("expected: oco sell QUANTITY SYMBOL at PRICE stop PRICE [by itself]")
    orders = [profit, loss]
    both = OrderList(id=shared, owner=account.name, symbol=name, client_id="", at=at, working=None, others=orders)
    venue.note_reports(venue.desk.place_list(both, at), [both])
    _watch(venue, account, orders, words)


def _plain(words: Words) -> Words:
    return words[:-2] if words[-2:] == BY_ITSELF else words


def _make(
    venue: StoryVenue,
    account: Account,
    said: tuple[str, str, str],
    price: str,
    at: datetime,
    kind: OrderType,
    list_id: int = 0,
    market: str = SPOT,
) -> Order:
    """An order that waits for its price, which of a stop is the one that triggers it."""
    side, quantity, name = said
    wanted = read_price(price, lambda: venue.price(name, at), venue.market.symbols[name].decimals)
    return Order(
        id=next(venue.numbers),
        owner=account.name,
        symbol=name,
        type=kind,
        is_buy=side == "buy",
        quantity=read_amount(quantity) if side == "buy" else _read_quantity(venue, account, market, name, quantity),
        price=Decimal(0) if kind.is_triggered else wanted,
        trigger=wanted if kind.is_triggered else Decimal(0),
        at=at,
        changed_at=at,
        list_id=list_id,
        wallet=market,
    )


def _watch(venue: StoryVenue, account: Account, orders: list[Order], words: Words) -> None:
    """What was placed is filled by the market if the line says so."""
    if words[-2:] == BY_ITSELF:
        for order in orders:
            watch(venue, account, order, order.at)


def fill(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Fill [QUANTITY] SYMBOL: the oldest order that waits, at its own price."""
    order = _find(account, words[-1])
    quantity = read_amount(words[0]) if len(words) > 1 else order.left
    if quantity > order.left:
        raise StoryFault(f"{order.left} of the order are left, not {quantity}")
    _execute(venue, account, order, quantity, order.trigger or order.price, at)


def reach(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """_reach ID PRICE: the market has filled an order that waited, unless it has ended before."""
    order = next(one for one in account.orders if one.id == int(words[0]))
    if order.waits:
        _execute(venue, account, order, order.left, read_amount(words[1]), at)


def look_on(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """_look_on ID: when does the market fill an order that still waits?"""
    order = next(one for one in account.orders if one.id == int(words[0]))
    if order.waits:
        watch(venue, account, order, at)


def _execute(
    venue: StoryVenue, account: Account, order: Order, quantity: Decimal, price: Decimal, at: datetime
) -> None:
    venue.note_reports(venue.desk.fill(order, quantity, price, at))
    verb = "buy" if order.is_buy else "sell"  # as which a ledger shows it
    venue.note_moves(verb, at)


def cancel(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Cancel SYMBOL: the oldest order that waits, with the other of its list."""
    order = _find(account, words[-1])
    venue.note_reports(venue.desk_of(order).cancel(account.name, order.symbol, at, number=order.id))


def _find(account: Account, name: str) -> Order:
    found = next((order for order in account.orders if order.symbol == name and order.waits), None)
    if found is None:
        raise StoryFault(f"no order of {name} waits")
    return found


def frozen(venue: Venue, account: Account, market: str, asset: str) -> Decimal:
    """What the orders that wait on margin need of a coin."""
    waiting = (one for one in account.orders if one.wallet == market and one.waits)
    return sum((one.held for one in waiting if venue.desk.floor.funds.given(one) == asset), Decimal(0))


def own_fees(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Pay commissions in the exchange's own coin from now on, or no longer: on | off."""
    if words not in (("on",), ("off",)) or account.exchange not in OWN_COINS:
        raise StoryFault(f"expected: on | off, for an account on {', '.join(OWN_COINS)}")
    account.pays_in = OWN_COINS[account.exchange] if words == ("on",) else ""
