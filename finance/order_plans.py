"""What was planned before an order was given: where to enter, where to give up, where to take profits, how much, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from finance.decimals import UNROUNDED, ZERO, plain

ALL = Decimal(100)
SIDES = ("buy", "sell")
MARGIN_MODES = ("cross", "isolated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A price at which a profit was to be taken."""

    level: int  # 1 the nearest
    price: Decimal
    percentage: Decimal | None = None  # of what is held; None: not said


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    """One plan as it stands; what was never said is empty or None. Prices are in the quote of the symbol."""

    id: str  # p1, p2 and so on
    source: str = "owner"  # or legacy, of an older system
    planned_at: datetime  # since when it stands so
    symbol: str
    side: str  # of the order that enters: buy or sell
    order_id: str = ""  # by the exchange, of that order
    entry: Decimal | None = None  # None: at the market's price
    stop: Decimal | None = None
    targets: tuple[Target, ...] = ()
    quantity: Decimal | None = None
    notional: Decimal | None = None  # quantity x price
    leverage: Decimal | None = None
    amount_percentage: Decimal | None = None  # of the account
    confidence: str = ""
    timeframe: str = ""
    analysis_type: str = ""
    market_condition: str = ""
    risk_level: str = ""
    order_type: str = ""
    force: str = ""  # how long it was to wait: gtc, ioc, fok, post_only
    margin_mode: str = ""  # one of MARGIN_MODES
    note: str = ""


def number_targets(side: str, targets: Sequence[tuple[Decimal, Decimal | None]]) -> tuple[Target, ...]:
    """Prices with the parts that were to go at each, numbered as they are reached."""
    ordered = sorted(targets, key=lambda one: one[0], reverse=side == "sell")
    return tuple(
        Target(level=number, price=price, percentage=part) for number, (price, part) in enumerate(ordered, start=1)
    )


def find_fault(plan: OrderPlan) -> str:
    """What can't be so in a plan, in words; empty where all agrees."""
    parts = [one.percentage for one in plan.targets if one.percentage is not None]
    with localcontext(UNROUNDED):
        if sum(parts, ZERO) > ALL:
            return f"its targets take {plain(sum(parts, ZERO))} per cent of what is held"
    way = [one for one in (plan.stop, plan.entry) if one is not None]
    ways = [[*way, target.price] for target in plan.targets] or [way]
    if any(sorted(one, reverse=plan.side == "sell") != one for one in ways):
        return f"of what is entered by a {plan.side} the stop is where it loses, and the targets are where it gains"
    return ""
