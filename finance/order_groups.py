"""The orders of a trade: which entered it, which were to take its profits or to stop its loss, and how that is known.

Profits are numbered by their distance from the entry. R is taken from the stop that was known at the entry: of those given
with it or soon after it the first, at the price at which it was first seen; one that was moved later is none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.order_evidence import Evidence, TradeFacts, Words
from finance.order_roles import Role, RoleSource, list_names, pick_roles
from finance.orders import OrderRecord
from finance.records import OrderRole

AT_ENTRY = timedelta(minutes=10)  # after the opening
ENDING = timedelta(minutes=1)  # within which what waits ends with its trade
RANKS = {OrderRole.ENTRY: 0, OrderRole.TAKE_PROFIT: 1, OrderRole.STOP_LOSS: 2, OrderRole.BY_HAND: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedOrder:
    """An order of a trade, and what it was given for."""

    order_id: str  # of a price that was given with an order, that one's
    placed_by: int | None = (
        None  # the account that gave it; None, as market and symbol are empty, where the order was not read
    )
    market: str = ""
    symbol: str = ""
    role: Role
    source: RoleSource
    price: Decimal | None = None  # that it waits for, or else at which it was done
    is_preset: bool = False  # it is no order of its own: its price was given with the one that entered

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called."""
        return list_names(
            "" if self.placed_by is None else f"{self.placed_by} {self.market} {self.symbol}", self.order_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGroup:
    """The orders of a trade, entries first, then profits and stops; and the stop that was known at its entry."""

    orders: Sequence[GroupedOrder]
    stop: Decimal | None = None  # of orders and plans
    stop_source: RoleSource | None = None

    def find_roles(self) -> dict[str, OrderRole]:
        """What each order was given for, by its number."""
        return pick_roles((one.order_id, one.role.kind) for one in self.orders if not one.is_preset)


def group_orders(
    trade: TradeFacts, orders: Iterable[OrderRecord], words: Words, first_prices: Mapping[str, Decimal] | None = None
) -> OrderGroup:
    """The group of a trade out of the `orders` of what it is in, and the prices at which these were first seen to wait."""
    evidence = Evidence(trade, {one.exchange_id: one for one in orders}, words)
    found = _find_orders(evidence)
    found = _number(evidence, [*found, *_find_presets(evidence, found)])
    stop, source = _find_stop(evidence, found, words, first_prices or {})

    def rank(one: GroupedOrder) -> tuple[int, int, datetime, str]:
        return RANKS[one.role.kind], one.role.level or 0, _begun(evidence, one), one.order_id

    return OrderGroup(orders=tuple(sorted(found, key=rank)), stop=stop, stop_source=source)


def _begun(evidence: Evidence, one: GroupedOrder) -> datetime:
    order = evidence.orders.get(one.order_id)
    return order.ordered_at if order else evidence.trade.opened_at


def _find_orders(evidence: Evidence) -> list[GroupedOrder]:
    """Every order that waited and whose role is known, and every one that moved something."""
    trade = evidence.trade
    moved = {*trade.entered_by, *trade.exited_by}
    waited = {number for number, one in evidence.orders.items() if trade.waits_in(one)}
    unknown = Role(kind=OrderRole.BY_HAND), RoleSource.UNKNOWN
    found = []
    for number in sorted(moved | waited):
        known = evidence.find_role(number) or (unknown if number in moved else None)
        if known:
            found.append(_describe(evidence, number, *known))
        if known is None or known[1] is RoleSource.EXCHANGE:
            found += _find_sides(evidence, number, known and known[0].kind)
    return found


def _find_sides(evidence: Evidence, number: str, known: OrderRole | None) -> Iterator[GroupedOrder]:
    """What an order that does the first of two is for, beside what is `known` that it did."""
    for kind, price in evidence.list_sides(number).items():
        if kind is not known:
            yield replace(_describe(evidence, number, Role(kind=kind), RoleSource.EXCHANGE), price=price)


def _describe(evidence: Evidence, number: str, role: Role, source: RoleSource) -> GroupedOrder:
    order = evidence.orders.get(number)
    if not order:
        return GroupedOrder(order_id=number, role=role, source=source)
    price = None if evidence.is_paid_in(order) else evidence.price_of(order)
    return GroupedOrder(
        order_id=number, market=order.market, symbol=order.symbol, role=role, source=source, price=price
    )


def _find_presets(evidence: Evidence, found: Sequence[GroupedOrder]) -> list[GroupedOrder]:
    """Prices that were given with entries, as far as they are no orders of their own, or not yet."""
    own = {(one.role.kind, one.price) for one in found}
    own_parents = {(one.role.kind, order.parent_id) for one in found if (order := evidence.orders.get(one.order_id))}
    presets = []
    for one in found:
        order = evidence.orders.get(one.order_id)
        if not order or one.role.kind is not OrderRole.ENTRY:
            continue
        for kind, price in ((OrderRole.TAKE_PROFIT, order.take_profit), (OrderRole.STOP_LOSS, order.stop_loss)):
            if price is not None and (kind, price) not in own and (kind, order.exchange_id) not in own_parents:
                given = replace(one, role=Role(kind=kind), source=RoleSource.EXCHANGE, price=price, is_preset=True)
                presets.append(given)
    return presets


def _number(evidence: Evidence, found: Sequence[GroupedOrder]) -> list[GroupedOrder]:
    """The same, the prices at which profits are taken numbered from the entry on.

    One that was taken back while the trade was open has the number that it would have beside what stood to the end.
    """
    trade = evidence.trade
    profits = [one for one in found if one.role.kind is OrderRole.TAKE_PROFIT and one.price is not None]
    standing = {one.price for one in profits if one.price is not None and _stands(evidence, one)}
    return [
        replace(
            one, role=Role(kind=one.role.kind, level=1 + sum(trade.is_gain(one.price, nearer) for nearer in standing))
        )
        if one.role.kind is OrderRole.TAKE_PROFIT and one.price is not None and one.role.level is None
        else one
        for one in found
    ]


def _stands(evidence: Evidence, one: GroupedOrder) -> bool:
    """Whether it was not taken back before the trade closed: it waits, did something, or ended with the trade or its list."""
    order, closed_at = evidence.orders.get(one.order_id), evidence.trade.closed_at
    if not order or one.is_preset or order.state.is_open or order.executed_quantity or order.became_id:
        return True
    if closed_at is not None and order.updated_at >= closed_at - ENDING:
        return True
    linked = [it for it in evidence.orders.values() if order.list_id and it.list_id == order.list_id]
    return any(it.executed_quantity and it.side == order.side for it in linked)


def _find_stop(
    evidence: Evidence, found: Sequence[GroupedOrder], words: Words, first_prices: Mapping[str, Decimal]
) -> tuple[Decimal | None, RoleSource | None]:
    """The first stop that was known at the entry and would have lost something there: of orders, or else of plans."""
    trade = evidence.trade
    stops = [one for one in found if one.role.kind is OrderRole.STOP_LOSS and _is_at_entry(evidence, one)]
    known: list[tuple[Decimal | None, RoleSource]] = [
        (one.price if one.is_preset else first_prices.get(one.order_id, one.price), one.source)
        for one in sorted(stops, key=lambda one: (_begun(evidence, one), one.order_id))
    ]
    ours = {one.id for one in evidence.plans}
    standing = {one.id: one for one in words.plans if one.id in ours and one.planned_at <= trade.opened_at}
    known += [(one.stop, RoleSource.PLAN) for one in standing.values()]
    losing = [one for one in known if one[0] is not None and trade.is_gain(trade.entry_price, one[0])]
    return losing[0] if losing else (None, None)


def _is_at_entry(evidence: Evidence, one: GroupedOrder) -> bool:
    order = evidence.orders.get(one.order_id)
    if not order or not evidence.is_in_dollars(order):
        return False
    is_soon = order.ordered_at <= evidence.trade.opened_at + AT_ENTRY
    return one.is_preset or evidence.is_given_with_entry(order) or is_soon
