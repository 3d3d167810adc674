"""The money of orders: what is locked for one that waits, and what changes hands when it is filled."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from paper.ledger.balances import HOUSE, Ledger, NotEnough, Place
from paper.market.klines import Symbol
from paper.trading.orders import SMALLEST, ZERO, Order, Reason, Rejected, Status

SPOT, LOCKED = "spot", "locked"
EXACT = Context(prec=60)
# What is charged for an amount of an asset that an order receives: in which asset, and how much.
Charge = Callable[[Order, str, Decimal, datetime, bool], tuple[str, Decimal]]


def value(quantity: Decimal, price: Decimal, rounding: str = ROUND_FLOOR) -> Decimal:
    """What a quantity costs: rounded down in the eighth decimal, so that parts never cost more than the whole."""
    return EXACT.multiply(quantity, price).quantize(SMALLEST, rounding, EXACT)


class Funds:
    """Moves the money of orders in a ledger."""

    def __init__(self, ledger: Ledger, symbols: Mapping[str, Symbol], charge: Charge) -> None:
        self._ledger, self._symbols, self._charge = ledger, symbols, charge

    def require(self, order: Order, amount: Decimal) -> None:
        """Raise Rejected where an order's owner has less that is free than an amount of what it gives."""
        if amount > (free := self.free(order)):
            has = f"{order.owner} has {free} {self.given(order)} in {order.wallet}, not {amount}"
            raise Rejected(Reason.NOT_ENOUGH, has)

    def free(self, order: Order) -> Decimal:
        """What its owner has of what it gives, beside what is locked."""
        return self._ledger.balance((order.owner, order.wallet), self.given(order))

    def given(self, order: Order) -> str:
        """The asset that it gives."""
        symbol = self._symbols[order.symbol]
        return symbol.quote if order.is_buy else symbol.base

    def received(self, order: Order) -> str:
        """The asset that it gets."""
        symbol = self._symbols[order.symbol]
        return symbol.base if order.is_buy else symbol.quote

    def lock(self, order: Order, amount: Decimal) -> None:
        """Let exactly so much be locked for an order. Raises Rejected, and changes nothing, where that is not there.

        A margin wallet has no place beside it: what is locked stays in it, and is what its orders have `held`.
        """
        if amount == order.held:
            return
        free, locked = (order.owner, order.wallet), locked_place(order)
        if amount > order.held:
            try:
                self._ledger.move(self.given(order), amount - order.held, free, locked, about=order.symbol)
            except NotEnough as lack:
                raise Rejected(Reason.NOT_ENOUGH, str(lack)) from None
        else:
            self._ledger.move(self.given(order), order.held - amount, locked, free, about=order.symbol)
        order.held = amount

    def exchange(self, order: Order, other: Order | None, quantity: Decimal, cost: Decimal) -> None:
        """Let an order and another one, or the market, give each other what they have traded."""
        mine, theirs = (cost, quantity) if order.is_buy else (quantity, cost)
        place = (order.owner, order.wallet)
        self._give(order, mine, (other.owner, other.wallet) if other else HOUSE)
        if other:
            self._give(other, theirs, place)
        else:
            self._ledger.move(self.received(order), theirs, HOUSE, place, about=order.symbol)

    def _give(self, order: Order, amount: Decimal, target: Place) -> None:
        """Of what is locked for it, and beyond that of what is free."""
        given, locked = self.given(order), min(amount, order.held)
        if locked:
            self._ledger.move(given, locked, locked_place(order), target, about=order.symbol)
            order.held -= locked
        if locked < amount:
            self._ledger.move(given, amount - locked, (order.owner, order.wallet), target, about=order.symbol)

    def charge(self, order: Order, amount: Decimal, at: datetime, *, is_maker: bool) -> tuple[str, Decimal]:
        """Take the commission for an amount that an order has received; returns its asset and how much it is."""
        asset, commission = self._charge(order, self.received(order), amount, at, is_maker)
        place = (order.owner, order.wallet)
        self._ledger.move(asset, commission, place, HOUSE, why="commission", about=order.symbol)
        return asset, commission


def locked_place(order: Order) -> Place:
    """Where what is locked for an order stands."""
    return order.owner, LOCKED if order.wallet == SPOT else order.wallet


def needed(order: Order) -> Decimal:
    """What has to be locked for an order as it stands: of the base for a sale, of the quote for a purchase.

    Rounded up: what is locked for the rest of an order and what a part of it has cost are never more than was locked before.
    """
    if not order.waits or order.is_covered or order.status is Status.PENDING:
        return ZERO
    if not order.is_buy:
        return order.left
    return EXACT.multiply(order.left, order.price or order.trigger).quantize(SMALLEST, ROUND_CEILING, EXACT)
