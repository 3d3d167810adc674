"""Each old trade beside ours, and why they differ, in amounts that add up.

With s 1 for a long trade and -1 for a short one, the old gross goes to our gain of the same exit by

    s (exit - entry) (ours - whole)  +  s (our value - exit x ours)  -  s (our cost - entry x ours)  +  rest

whole being the size that the old system multiplied by, ours what the exit really took out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from finance.decimals import UNROUNDED, plain
from finance.prices import VALUATION_ASSET
from finance.trades import Exit, Trade
from monitor.legacy.old_trades import OldTrade
from monitor.legacy.orders import OrderKey, name_symbol
from monitor.legacy.planning import Becomes, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of the difference, and why."""

    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """What the exit of an old trade took out of ours."""

    trade: Trade
    quantity: Decimal
    value: Decimal
    gain: Decimal

    @property
    def cost(self) -> Decimal:
        """What the units that went had cost, of a short trade what they had brought."""
        with localcontext(UNROUNDED):
            return self.value + self.gain if self.trade.is_short else self.value - self.gain


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An old trade, ours beside it if there is one, and what is to be said of both."""

    old: OldTrade
    ours: Ours | None
    steps: Sequence[Step]
    remarks: Sequence[str]


class OurTrades:
    """Our trades, found by the orders that closed them."""

    def __init__(self, trades: Iterable[Trade], exits: Mapping[str, Iterable[Exit]]) -> None:
        self._by_number: defaultdict[str, list[Ours]] = defaultdict(list)
        for trade in trades:
            for one in exits.get(trade.id, ()):
                ours = Ours(trade=trade, quantity=one.quantity, value=one.value, gain=one.gain)
                self._by_number[one.order].append(ours)

    def find(self, order: OrderKey) -> Ours | None:
        """What an order took out of a trade in its coin or contract; None where it took nothing out of any."""
        found = self._by_number.get(order.number, ()) if order.number else ()
        return next((one for one in found if order.symbol.startswith(name_symbol(one.trade.asset))), None)


def compare(old: OldTrade, ours: Ours | None, plans: Mapping[OrderKey, Plan]) -> Compared:
    """`old` beside `ours`; `plans` say what becomes of each order."""
    remarks = [*_judge_figures(old), *(_judge_fees(old, ours) if ours else [_why_none(old, plans)])]
    steps = _take_steps(old, ours, plans) if ours else ()
    return Compared(old=old, ours=ours, steps=steps, remarks=remarks)


def _take_steps(old: OldTrade, ours: Ours, plans: Mapping[OrderKey, Plan]) -> Sequence[Step]:
    if (
        old.gross is None
        or old.entry_price is None
        or old.exit_price is None
        or not old.symbol.endswith(VALUATION_ASSET)
    ):
        return ()
    with localcontext(UNROUNDED):
        sign = -1 if old.is_short else 1
        each = sign * (old.exit_price - old.entry_price)
        whole = old.entry_quantity if old.gross == each * old.entry_quantity else old.exit_quantity
        sized = each * (ours.quantity - whole)
        exited = sign * (ours.value - old.exit_price * ours.quantity)
        entered = -sign * (ours.cost - old.entry_price * ours.quantity)
        rest = ours.gain - old.gross - sized - exited - entered
    size = f"it multiplied {plain(whole)} by the prices, and this exit took {plain(ours.quantity)} out"
    steps = (
        Step(amount=sized, reason=size),
        Step(amount=exited, reason=_say_price(plans.get(old.exit), old.exit_price, "exit")),
        Step(amount=entered, reason=_say_price(plans.get(old.entry), old.entry_price, "entry")),
        Step(amount=rest, reason="its gross is not what its own prices and sizes come to"),
    )
    return [one for one in steps if one.amount]


def _say_price(plan: Plan | None, price: Decimal, what: str) -> str:
    if plan and plan.order.is_limit and plan.becomes is Becomes.LINKED:
        return f"it took the {what}'s limit price, {plain(price)}, which is not what was paid"
    if what == "entry":
        return f"it took the entry order's price, {plain(price)}; ours is the average cost of all that was held"
    return f"it took {plain(price)} for the exit; the fills come to another average"


def _judge_figures(old: OldTrade) -> list[str]:
    remarks = []
    if not old.entry_quantity or not old.exit_quantity:
        remarks.append("a trade of nothing has no result and no percentage")
    if old.roi is not None and old.percentage is not None and old.leverage != 1:
        with localcontext(UNROUNDED):
            is_multiplied = abs(old.roi - old.percentage * old.leverage) <= old.leverage * Decimal("0.0001")
        if is_multiplied:
            remarks.append(
                f"its ROI is percent x leverage ({plain(old.leverage)}); a return on margin needs the margin, which is not kept"
            )
    return remarks


def _judge_fees(old: OldTrade, ours: Ours) -> list[str]:
    paid = ours.trade.fees
    if old.net is not None and old.net == old.gross:
        known = f"{plain(paid)} USDT in the whole trade" if paid else "none is known of its fills"
        return [f"its net is its gross: fees are left out ({known})"]
    return []


def _why_none(old: OldTrade, plans: Mapping[OrderKey, Plan]) -> str:
    """Why we have no trade that the old one's exit closed."""
    plan = plans.get(old.exit) or plans.get(old.entry)
    if plan is None:
        return "ours has none: neither of its orders is in the old `orders`"
    if plan.becomes is Becomes.BOOKED:
        return "ours is made by the next run after the import"
    if plan.becomes in (Becomes.LINKED, Becomes.DESCRIBED):
        return "ours has none: what it sold was there before the first fill that is known"
    what = "exit" if old.exit in plans else "entry"
    return f"ours has none that its {what} closed: {plan.reason}"
