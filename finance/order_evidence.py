"""What speaks for the role of an order in a trade.

The first that says something counts: the owner's word about the order, what the exchange shows (its fills, its kind, its list,
the order that it became or was given with), the owner's rule about names, a plan, an older system. Else the role is inferred:
an order with a trigger that would have closed the trade takes a profit beyond the entry, and stops a loss before it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext

from finance.decimals import CONTEXT, UNROUNDED, ZERO
from finance.order_plans import OrderPlan
from finance.order_roles import NamedOrders, Role, RoleSource, find_by_name
from finance.orders import OrderRecord
from finance.records import OrderRole, read_role

DOLLARS = frozenset(["USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "USD1", "USDE", "USDP", "PYUSD", "RLUSD", "USD"])
AS_PLANNED = Decimal("0.001")  # by which part the price of an order may be another than the plan's
Known = tuple[Role, RoleSource]


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFacts:
    """What a trade is, for its orders."""

    is_short: bool
    opened_at: datetime
    closed_at: datetime | None
    entry_price: Decimal  # the average, in dollars, or as the contract is priced
    entered_by: Collection[str]  # orders whose fills entered it, by their numbers
    exited_by: Collection[str]
    asset: str = ""  # the coin
    is_contract: bool = False  # all its prices are of one contract

    def waits_in(self, order: OrderRecord) -> bool:
        """Whether an order waited while the trade was open."""
        has_begun = self.closed_at is None or order.ordered_at < self.closed_at
        return has_begun and (order.state.is_open or order.updated_at >= self.opened_at)

    def is_gain(self, price: Decimal, entry: Decimal) -> bool:
        """Whether what was entered at one price gains at another."""
        return price < entry if self.is_short else price > entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of orders, by their numbers."""

    notes: Mapping[str, Role] = field(default_factory=dict)
    rules: Sequence[NamedOrders] = ()
    plans: Sequence[OrderPlan] = ()  # all that each was, as it stands now last
    legacy: Mapping[str, Role] = field(default_factory=dict)


class Evidence:
    """The orders of what a trade is in, and what is said of them."""

    def __init__(self, trade: TradeFacts, orders: Mapping[str, OrderRecord], words: Words) -> None:
        self.trade, self.orders, self._words = trade, orders, words
        self._triggers = {one.became_id: one for one in orders.values() if one.became_id}
        newest = {one.id: one for one in words.plans}
        self.plans = [one for one in newest.values() if one.order_id in trade.entered_by]
        self._entry_lists = {one.list_id for number in trade.entered_by if (one := orders.get(number))} - {""}

    def price_of(self, order: OrderRecord) -> Decimal | None:
        """The price that an order, or the one that became it, waited for; or else at which it was done."""
        first = self._triggers.get(order.exchange_id, order)
        return first.trigger_price or first.price or first.average_price or order.average_price

    def is_in_dollars(self, order: OrderRecord) -> bool:
        """Whether the prices of an order are like the trade's entry."""
        return self.trade.is_contract or order.quote_asset in DOLLARS

    def is_paid_in(self, order: OrderRecord) -> bool:
        """Whether the trade's coin is what an order is paid in: buying with it closes, at prices that are no price of the coin."""
        return not self.trade.is_contract and bool(order.quote_asset) and order.quote_asset == self.trade.asset

    def closes(self, order: OrderRecord) -> bool:
        """Whether an order would make the trade smaller."""
        return order.side == ("buy" if self.trade.is_short is not self.is_paid_in(order) else "sell")

    def is_given_with_entry(self, order: OrderRecord) -> bool:
        """Whether an order is in one list with an order that entered the trade."""
        return order.list_id in self._entry_lists

    def list_sides(self, number: str) -> Mapping[OrderRole, Decimal]:
        """The prices of one order that closes the trade at the first of two; nothing of any other."""
        order = self.orders.get(number)
        if not order or order.price or order.executed_quantity or not (order.reduces and self.closes(order)):
            return {}
        if order.take_profit is None or order.stop_loss is None:
            return {}
        return {OrderRole.TAKE_PROFIT: order.take_profit, OrderRole.STOP_LOSS: order.stop_loss}

    def find_role(self, number: str) -> Known | None:
        """The role of an order; None where nothing says it."""
        order = self.orders.get(number)
        trigger = self._triggers.get(number)
        same = [number, order.became_id if order else "", trigger.exchange_id if trigger else ""]
        if said := next((self._words.notes[one] for one in same if one in self._words.notes), None):
            return said, RoleSource.NOTE
        if number in self.trade.entered_by:
            return Role(kind=OrderRole.ENTRY), RoleSource.EXCHANGE
        if order and not self.closes(order):
            is_entry = self.is_given_with_entry(order)
            return (Role(kind=OrderRole.ENTRY), RoleSource.EXCHANGE) if is_entry else None
        found = self._find_exit(trigger) if trigger else None
        return found or (self._find_exit(order) if order else None) or self._find_legacy(number)

    def _find_legacy(self, number: str) -> Known | None:
        role = self._words.legacy.get(number)
        return (role, RoleSource.LEGACY) if role else None

    def _find_exit(self, order: OrderRecord) -> Known | None:
        said = self._find_legacy(order.exchange_id)
        given = None if said else self._find_given(order)  # an older system's links are its word, not the exchange's
        if kind := read_role(order.type, order.list_id) or given:
            return Role(kind=kind), RoleSource.EXCHANGE
        if named := find_by_name(order.client_id, self._words.rules):
            return named, RoleSource.CLIENT_ID
        if planned := self._find_planned(order):
            return planned, RoleSource.PLAN
        if said:
            return said
        waited = order.trigger_price or order.exchange_id in self._triggers
        inferred = self._infer(order) if waited else None
        return (Role(kind=inferred), RoleSource.INFERRED) if inferred else None

    def _find_given(self, order: OrderRecord) -> OrderRole | None:
        """Of an order that an entry brought about: by the prices that were given with that one, or by where its own lies."""
        parent, price = self.orders.get(order.parent_id), self.price_of(order)
        if not parent or parent.side == order.side or price is None:
            return None
        given = {parent.stop_loss: OrderRole.STOP_LOSS, parent.take_profit: OrderRole.TAKE_PROFIT}
        return given.get(price) or self._infer(order)

    def _find_planned(self, order: OrderRecord) -> Role | None:
        price = self.price_of(order)
        for plan in self.plans if price is not None else ():
            assert price is not None
            near = [one for one in plan.targets if abs(one.price - price) <= AS_PLANNED * one.price]
            if near:
                nearest = min(near, key=lambda one: abs(one.price - price))
                return Role(kind=OrderRole.TAKE_PROFIT, level=nearest.level)
            if plan.stop and abs(plan.stop - price) <= AS_PLANNED * plan.stop:
                return Role(kind=OrderRole.STOP_LOSS)
        return None

    def _infer(self, order: OrderRecord) -> OrderRole | None:
        entry, price = self._find_entry(order), self.price_of(order)
        if self.is_paid_in(order) or entry is None or price is None or price == entry:
            return None
        return OrderRole.TAKE_PROFIT if self.trade.is_gain(price, entry) else OrderRole.STOP_LOSS

    def _find_entry(self, order: OrderRecord) -> Decimal | None:
        """The price of the entry in the quote of an order; None where nothing was entered in its symbol."""
        if self.is_in_dollars(order):
            return self.trade.entry_price
        entries = (self.orders.get(number) for number in self.trade.entered_by)
        done = [one for one in entries if one and one.symbol == order.symbol and one.executed_quote]
        with localcontext(UNROUNDED):
            paid = sum((one.executed_quote or ZERO for one in done), ZERO)
            got = sum((one.executed_quantity for one in done), ZERO)
        return CONTEXT.divide(paid, got) if got else None
