"""The exchange's own account of positions that were closed, beside our trades in contracts, and why it says another figure.

Theirs is never ours: it resets when a position is flat, averages entries in its own way, rounds, and may have fees and funding in
what it calls profit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from finance.contract_trades import ContractTrade
from finance.decimals import UNROUNDED
from finance.prices import VALUATION_ASSET

NEAR = timedelta(minutes=2)  # of the moments that an exchange says of a position, and those of its executions
SMALLEST = Decimal("1e-8")  # to which exchanges round each profit and fee
OWN_ENTRY = "it counts from another entry price"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPosition:
    """A position of a contract from flat to flat by the exchange's account, in what the contract settles in."""

    wallet: str
    symbol: str
    exchange_id: str
    is_short: bool
    opened_at: datetime | None  # None: the exchange does not say
    closed_at: datetime
    settle: str  # empty: it is not certain
    profit: Decimal  # by prices, as the exchange has it
    fees: Decimal  # + is a cost
    funding: Decimal  # + was got
    net: Decimal
    raw: dict[str, object] = field(default_factory=dict)


Positions = Mapping[str, ClosedPosition]  # by the id of a trade


def match_positions(trades: Iterable[ContractTrade], positions: Iterable[ClosedPosition]) -> Positions:
    """The position that is each trade's: the nearest that was closed at its end, on its side; each at most once."""
    waiting: defaultdict[tuple[str, bool], list[ClosedPosition]] = defaultdict(list)
    for one in positions:
        waiting[one.symbol, one.is_short].append(one)
    found: dict[str, ClosedPosition] = {}
    for trade in trades:
        if trade.closed_at is None:
            continue
        others, at = waiting[trade.contract.symbol, trade.is_short], trade.closed_at
        near = [one for one in others if abs(one.closed_at - at) <= NEAR]
        if near:
            found[trade.id] = min(near, key=lambda one: (abs(one.closed_at - at), one.exchange_id))
            others.remove(found[trade.id])
    return found


def explain_difference(trade: ContractTrade, position: ClosedPosition) -> str:
    """Why the exchange's profit, fees or funding are others than ours; empty where they are alike."""
    rounding = trade.fills * SMALLEST
    with localcontext(UNROUNDED):
        is_priced = abs(trade.settled_gross - position.profit) <= rounding
        if not is_priced:
            return _explain_profit(trade, position, rounding)
        reasons = ["it rounds each profit to eight decimals"] if trade.settled_gross != position.profit else []
        if trade.contract.settle == VALUATION_ASSET:  # ours are in it
            if abs(trade.fees - position.fees) > rounding:
                reasons.append("it counts other fees: some were paid in another coin, or given back")
            if abs(trade.funding - position.funding) > rounding:
                reasons.append("it counts other funding")
    return "; ".join(reasons)


def _explain_profit(trade: ContractTrade, position: ClosedPosition, rounding: Decimal) -> str:
    costs, paid = position.fees, position.fees - position.funding
    if costs and abs(trade.settled_gross - costs - position.profit) <= rounding:
        return "its profit has the fees in it"
    if paid and abs(trade.settled_gross - paid - position.profit) <= rounding:
        return "its profit has fees and funding in it"
    if position.opened_at and position.opened_at < trade.opened_at - NEAR:
        return "its position was open before this trade: it does not reset when it is flat, or not all fills are known"
    if position.opened_at and position.opened_at > trade.opened_at + NEAR:
        return "its position began later: it resets where this trade was never flat"
    return OWN_ENTRY
