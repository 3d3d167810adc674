"""Matching: an order takes what is offered, better prices first and earlier orders first, and the rest of it waits or expires."""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from paper.trading import lists
from paper.trading.expiry import Expiry
from paper.trading.filters import UNFILTERED
from paper.trading.floor import Floor
from paper.trading.funds import EXACT, needed, value
from paper.trading.ladder import Offer
from paper.trading.orders import (
    ZERO,
    Fill,
    Kind,
    Order,
    OrderType,
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
        if order.waits and order.type.is_triggered:
            lists.begin(floor, order, at)
        if order.waits:
            enter(floor, order, at)


def enter(floor: Floor, order: Order, at: datetime) -> None:
    """Match an order; what is left of it waits in the book, or expires."""
    order.working_at = at
    book = floor.books[order.symbol]
    if _is_vain(floor, order, at):
        is_all = order.lasts is TimeInForce.FOK
        why = Expiry.UNFILLED_FOK_ORDER_EXPIRED if is_all else Expiry.REJECTED
        lists.end(floor, order, Status.EXPIRED, at, why=why)
    while order.waits and (offer := book.next_offer(is_buy=order.is_buy, at=at)) and order.accepts(offer.price):
        if not (part := min(offer.quantity, _wanted(floor, order, offer.price))):
            break
        if offer.maker and _is_prevented(order, offer.maker):
            _prevent(floor, order, offer.maker, offer.price, at)
        else:
            book.use(offer, part, is_buy=order.is_buy, at=at)
            trade(floor, order, offer.maker, part, offer.price, at)
    if order.waits:
        _rest(floor, order, at)


def _is_vain(floor: Floor, order: Order, at: datetime) -> bool:
    """Whether an order may not trade as it would have to: a part of it where it wants all, or at once where it only makes."""
    if order.lasts is TimeInForce.FOK:
        return offered(floor, order, at)[0] < order.quantity
    return order.type is OrderType.LIMIT_MAKER and offered(floor, order, at)[0] > 0


def _is_prevented(taker: Order, maker: Order) -> bool:
    return taker.owner == maker.owner and taker.self_trade is not SelfTrade.NONE


def offered(floor: Floor, order: Order, at: datetime) -> tuple[Decimal, Decimal]:
    """How much of an order could be traded at once, beside what it loses to its owner's own, and what that costs."""
    quantity, lost, cost = ZERO, ZERO, ZERO
    for offer in _list_offers(floor, order, at):
        part = min(offer.quantity, order.quantity - quantity - lost)
        is_own = bool(offer.maker and _is_prevented(order, offer.maker))
        if not part or (is_own and order.self_trade is not SelfTrade.DECREMENT):
            break
        if is_own:
            lost += part
        else:
            quantity, cost = quantity + part, cost + value(part, offer.price, floor.rounding)
    return quantity, cost


def bought(floor: Floor, order: Order, at: datetime) -> Decimal:
    """What an order for an amount of the quote buys or sells at what is offered, and at the last of these prices beyond that."""
    step = floor.filters.get(order.symbol, UNFILTERED).quantity.step
    rest, quantity, last = order.amount, ZERO, ZERO
    for offer in _list_offers(floor, order, at):
        part = min(offer.quantity, _floor(rest / offer.price, step))
        rest, quantity, last = rest - value(part, offer.price), quantity + part, offer.price
        if part < offer.quantity:
            return quantity
    return quantity + _floor(rest / last, step) if last else ZERO


def _list_offers(floor: Floor, order: Order, at: datetime) -> Iterator[Offer]:
    """What an order meets at prices that it accepts, but for those of its owner's that it lets expire."""
    for offer in floor.books[order.symbol].list_offers(is_buy=order.is_buy, at=at):
        if not order.accepts(offer.price):
            break
        if not (offer.maker and _is_prevented(order, offer.maker) and order.self_trade is SelfTrade.EXPIRE_MAKER):
            yield offer


def _wanted(floor: Floor, order: Order, price: Decimal) -> Decimal:
    """How much an order may take at a price: what is left of it, or what its owner's money buys."""
    money = order.held + floor.funds.free(order)
    if order.is_buy and value(order.left, price) > money:
        return min(order.left, _floor(money / price, floor.filters.get(order.symbol, UNFILTERED).quantity.step))
    return order.left


def _floor(quantity: Decimal, step: Decimal) -> Decimal:
    return EXACT.multiply(EXACT.divide(quantity, step).to_integral_value(ROUND_FLOOR), step)


def _rest(floor: Floor, order: Order, at: datetime) -> None:
    if order.is_at_market or order.lasts is not TimeInForce.GTC:
        if order.amount:
            order.quantity = order.filled + order.prevented
        why = Expiry.INSUFFICIENT_LIQUIDITY if order.is_at_market else Expiry.UNFILLED_IOC_QUANTITY_EXPIRED
        lists.end(floor, order, Status.EXPIRED, at, why=why)
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
    cost, number = value(quantity, price, floor.rounding), floor.new_number()
    sides = [(order, is_maker)] + ([(other, not is_maker)] if other else [])
    for one, _ in sides:
        lists.begin(floor, one, at)
    floor.funds.exchange(order, other, quantity, cost)
    for one, was_first in sides:
        _fill(floor, one, quantity, price, cost, at, number=number, is_maker=was_first)
    for one, _ in sides:  # after both are paid for: what a list places next takes money that is free
        if not one.left:
            floor.leave(one)
            lists.finish(floor, one, at)
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
    asset, commission = floor.funds.charge(order, quantity if order.is_buy else cost, at, is_maker=is_maker)
    order.status = Status.PARTIALLY_FILLED if order.left else Status.FILLED
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
    rest = min(order.held, needed(order))  # at the market it may have cost more than was locked
    floor.funds.lock(order, rest)


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
        mode=taker.self_trade,
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
            lists.end(floor, order, Status.EXPIRED_IN_MATCH, at, match)
        else:
            lists.lock(floor, order)
            floor.report(order, Kind.PREVENTED, at, prevented=match)
