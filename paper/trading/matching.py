"""Matching: an order takes what is offered, better prices first and earlier orders first, and the rest of it waits or expires."""

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from paper.trading import lists
from paper.trading.filters import UNFILTERED
from paper.trading.floor import Floor
from paper.trading.funds import EXACT, needed, value
from paper.trading.orders import (
    ZERO,
    Fill,
    Kind,
    Order,
    PreventedMatch,
    SelfTrade,
    Status,
    TimeInForce,
)

LOSES = {  # whose quantity a prevented match costs
    SelfTrade.EXPIRE_TAKER: (True, False),
    SelfTrade.EXPIRE_MAKER: (False, True),
    SelfTrade.EXPIRE_BOTH: (True, True),
}


def match_due(floor: Floor, at: datetime) -> None:
    """Match every order that is due, and those that become due by that."""
    while floor.due:
        order = floor.due.popleft()
        if order.waits:
            lists.begin(floor, order, at)
            enter(floor, order, at)


def enter(floor: Floor, order: Order, at: datetime) -> None:
    """Match an order; what is left of it waits in the book, or expires."""
    order.working_at = at
    book = floor.books[order.symbol]
    if order.lasts is TimeInForce.FOK and offered(floor, order, at)[0] < order.quantity:
        _end(floor, order, Status.EXPIRED, at)
    while order.waits and (offer := book.next_offer(is_buy=order.is_buy, at=at)) and order.accepts(offer.price):
        if offer.maker and offer.maker.owner == order.owner and order.self_trade is not SelfTrade.NONE:
            _prevent(floor, order, offer.maker, offer.price, at)
        elif not (part := min(offer.quantity, _wanted(floor, order, offer.price))):
            if order.amount and order.filled:
                _complete(floor, order, at)
            break
        else:
            book.use(offer, part, is_buy=order.is_buy, at=at)
            trade(floor, order, offer.maker, part, offer.price, at)
    if order.waits:
        _rest(floor, order, at)


def offered(floor: Floor, order: Order, at: datetime) -> tuple[Decimal, Decimal]:
    """How much of an order could be traded at once, and what that costs."""
    without = "" if order.self_trade is SelfTrade.NONE else order.owner
    quantity, cost = ZERO, ZERO
    for price, available in floor.books[order.symbol].list_offers(is_buy=order.is_buy, at=at, without=without):
        if quantity == order.quantity or not order.accepts(price):
            break
        part = min(available, order.quantity - quantity)
        quantity, cost = quantity + part, cost + value(part, price)
    return quantity, cost


def _wanted(floor: Floor, order: Order, price: Decimal) -> Decimal:
    """How much an order may take at a price: what is left of it, or what its amount or its owner's money buys."""
    step = floor.filters.get(order.symbol, UNFILTERED).quantity.step
    if order.amount:
        return _floor((order.amount - order.cost) / price, step)
    money = order.held + floor.funds.free(order)
    if order.is_buy and value(order.left, price) > money:
        return min(order.left, _floor(money / price, step))
    return order.left


def _floor(quantity: Decimal, step: Decimal) -> Decimal:
    return EXACT.multiply((quantity / step).to_integral_value(ROUND_FLOOR), step)


def _rest(floor: Floor, order: Order, at: datetime) -> None:
    if order.is_at_market or order.lasts is not TimeInForce.GTC:
        _end(floor, order, Status.EXPIRED, at)
    else:
        floor.books[order.symbol].join(order, at)


def trade(
    floor: Floor,
    order: Order,
    other: Order | None,
    quantity: Decimal,
    price: Decimal,
    at: datetime,
    *,
    is_maker: bool = False,
) -> None:
    """Let an order trade with another one, or with the market; `is_maker`: it was there first."""
    cost, number = value(quantity, price), floor.new_number()
    sides = [(order, is_maker)] + ([(other, not is_maker)] if other else [])
    for one, _ in sides:
        lists.begin(floor, one, at)
    floor.funds.exchange(order, other, quantity, cost)
    for one, was_first in sides:
        _fill(floor, one, quantity, price, cost, at, number=number, is_maker=was_first)
    floor.trade_at(order.symbol, price, at)


def _fill(
    floor: Floor,
    order: Order,
    quantity: Decimal,
    price: Decimal,
    cost: Decimal,
    at: datetime,
    *,
    number: int,
    is_maker: bool,
) -> None:
    order.filled += quantity
    order.cost += cost
    if order.amount:
        order.quantity = order.filled
    asset, commission = floor.funds.charge(order, quantity if order.is_buy else cost, at, is_maker=is_maker)
    is_done = not order.left and not order.amount
    order.status = Status.FILLED if is_done else Status.PARTIALLY_FILLED
    fill = Fill(
        id=number,
        market=order.wallet,
        symbol=order.symbol,
        is_buy=order.is_buy,
        price=price,
        quantity=quantity,
        cost=cost,
        commission=commission,
        commission_asset=asset,
        at=at,
        order=order.id,
        is_maker=is_maker,
    )
    floor.report(order, Kind.TRADE, at, fill=fill)
    floor.funds.lock(order, needed(order))
    if is_done:
        _complete(floor, order, at)


def _complete(floor: Floor, order: Order, at: datetime) -> None:
    order.status = Status.FILLED
    floor.leave(order)
    lists.finish(floor, order, at)


def _end(floor: Floor, order: Order, status: Status, at: datetime, prevented: PreventedMatch | None = None) -> None:
    floor.end(order, status, at, prevented)
    lists.finish(floor, order, at)


def _prevent(floor: Floor, taker: Order, maker: Order, price: Decimal, at: datetime) -> None:
    """Let one or both lose what they would have traded; each that has nothing left then, or is to expire, ends."""
    loses = LOSES.get(taker.self_trade)
    both = min(taker.left, maker.left)
    lost = [one.left * has_lost for one, has_lost in zip((taker, maker), loses, strict=True)] if loses else [both, both]
    match = PreventedMatch(
        id=floor.new_number(),
        symbol=taker.symbol,
        price=price,
        taker=taker.id,
        maker=maker.id,
        taker_quantity=lost[0],
        maker_quantity=lost[1],
        at=at,
    )
    for order, quantity in zip((maker, taker), reversed(lost), strict=True):
        if not quantity:
            continue
        order.prevented += quantity
        order.prevented_by = match.id
        if not order.left:
            _end(floor, order, Status.EXPIRED_IN_MATCH, at, match)
        else:
            floor.funds.lock(order, needed(order))
            floor.report(order, Kind.PREVENTED, at, prevented=match)
