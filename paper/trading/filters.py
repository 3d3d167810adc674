"""What a symbol accepts: steps and ranges of prices, quantities and values. Source: Binance's page on filters."""

from dataclasses import dataclass
from decimal import Decimal

from paper.trading.orders import SMALLEST, ZERO, Order, Reason, Rejected
from paper.trading.triggers import rises


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Amounts from `least` to `most` in steps; 0: no end, no step."""

    least: Decimal = ZERO
    most: Decimal = ZERO
    step: Decimal = ZERO

    def has(self, amount: Decimal) -> bool:
        """Whether an amount is in it, on a step."""
        if amount < self.least or (self.most and amount > self.most):
            return False
        return not self.step or not amount % self.step


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a symbol accepts. Without any everything is accepted that has eight decimals."""

    price: Range = Range()
    quantity: Range = Range(step=SMALLEST)
    market_quantity: Range = Range()
    notional: Range = Range()
    applies_to_market: bool = True  # the least notional, to orders at the market's price
    bid_share: Range = Range()  # of a price that buys, of the average price
    ask_share: Range = Range()
    trailing_above: Range = Range()  # basis points of stops that buy, and profits that are sold
    trailing_below: Range = Range()
    most_orders: int = 200
    most_triggered: int = 5
    most_lists: int = 20
    most_amends: int = 10


UNFILTERED = Filters()


def check_order(filters: Filters, order: Order, average: Decimal | None) -> None:
    """Raise Rejected where a symbol does not accept an order; `average` is its average price of the last minutes."""
    _check_prices(filters, order, average)
    check_size(filters, order, average)
    _check_trailing(filters, order)


def check_size(filters: Filters, order: Order, average: Decimal | None) -> None:
    """Raise Rejected where a symbol does not accept an order's quantity, or what it is worth."""
    _check_quantity(filters, order)
    _check_notional(filters, order, average)


def _check_prices(filters: Filters, order: Order, average: Decimal | None) -> None:
    for price in (order.price, order.trigger):
        if price and not filters.price.has(price):
            raise Rejected(Reason.PRICE_FILTER)
    share = filters.bid_share if order.is_buy else filters.ask_share
    if order.price and average and not share.has(order.price / average):
        raise Rejected(Reason.PERCENT_PRICE)


def _check_quantity(filters: Filters, order: Order) -> None:
    if order.amount:
        return
    if not order.quantity or not filters.quantity.has(order.quantity):
        raise Rejected(Reason.LOT_SIZE)
    if order.is_at_market and not filters.market_quantity.has(order.quantity):
        raise Rejected(Reason.MARKET_LOT_SIZE)


def _check_notional(filters: Filters, order: Order, average: Decimal | None) -> None:
    price = order.price or order.trigger or average
    worth = order.amount or (order.quantity * price if price else None)
    if worth is None or (order.is_at_market and not filters.applies_to_market):
        return
    if not filters.notional.has(worth):
        raise Rejected(Reason.NOTIONAL)


def _check_trailing(filters: Filters, order: Order) -> None:
    if not order.trailing:
        return
    deltas = filters.trailing_above if rises(order) else filters.trailing_below
    if not deltas.has(Decimal(order.trailing)):
        raise Rejected(Reason.TRAILING_DELTA)


def check_numbers(filters: Filters, order: Order, waiting: int, triggered: int) -> None:
    """Raise Rejected where an owner has too many orders of a symbol that wait."""
    if waiting >= filters.most_orders:
        raise Rejected(Reason.TOO_MANY_ORDERS)
    if order.type.is_triggered and triggered >= filters.most_triggered:
        raise Rejected(Reason.TOO_MANY_TRIGGERED)
