"""Round trips: which units that left a trade had come with which entry, first in, first out.

For those who are never flat, whose trades never end. They are no trades: what a trade gains is by average cost, and both
come to the same only once it has ended, but for what went unsold. What went as a fee in the coin itself takes the oldest
units along; what was paid for trading is not in them.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from finance.decimals import UNROUNDED, ZERO
from finance.inventory import Lot
from finance.trades import UNSOLD, Effect, Fee, MoveKind, Trade, TradeMove


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """Units that came in by one move and went by another; amounts in the valuation asset, before fees."""

    trade: str  # the id of the one that they are part of
    asset: str
    is_short: bool
    entered_at: datetime
    left_at: datetime
    entry_row: str  # the records; empty where there is none
    exit_row: str
    exit_kind: MoveKind
    quantity: Decimal
    entry_value: Decimal
    exit_value: Decimal

    @property
    def gain(self) -> Decimal:
        """What they were sold for less what they had cost; of a short trade the other way round."""
        with localcontext(UNROUNDED):
            gained = self.exit_value - self.entry_value
            return -gained if self.is_short else gained


def pair_moves(trade: Trade, moves: Iterable[TradeMove], paid: Iterable[Fee]) -> Iterator[RoundTrip]:
    """The round trips of a trade, in the order in which they ended. `moves` are its own, in order; `paid` are all fees of its
    account in its coin, in order, from which those of its time are picked."""
    lots: deque[tuple[TradeMove | Fee, Lot]] = deque()
    inside = (
        one for one in paid if trade.opened_at <= one.at and (trade.closed_at is None or one.at <= trade.closed_at)
    )
    with localcontext(UNROUNDED):
        happened: list[TradeMove | Fee] = [*moves, *inside]
        for one in sorted(happened, key=lambda one: one.at):  # what was paid for a fill comes after it
            if isinstance(one, TradeMove) and one.effect is Effect.ENTRY:
                lots.append((one, Lot(one.quantity, one.value)))
            elif isinstance(one, TradeMove):
                for came, entered, left in _take(lots, Lot(one.quantity, one.value)):
                    if one.kind not in UNSOLD:
                        yield _pair(trade, came, one, entered, left)
            elif (one.quantity > 0) is not trade.is_short:
                list(_take(lots, Lot(abs(one.quantity), ZERO)))
            else:  # it was got back, or is owed as well
                lots.append((one, Lot(abs(one.quantity), abs(one.value))))


def _take(lots: deque[tuple[TradeMove | Fee, Lot]], gone: Lot) -> Iterator[tuple[TradeMove | Fee, Lot, Lot]]:
    """Take units out, the oldest first: with what they came, they with their cost, and with their part of what went.

    What is taken beyond all lots comes with nothing.
    """
    while gone.quantity and lots:
        came, lot = lots.popleft()
        units = min(lot.quantity, gone.quantity)
        (entered, rest), (left, gone) = lot.divide(units), gone.divide(units)
        if rest.quantity:
            lots.appendleft((came, rest))
        yield came, entered, left


def _pair(trade: Trade, came: TradeMove | Fee, gone: TradeMove, entered: Lot, left: Lot) -> RoundTrip:
    return RoundTrip(
        trade=trade.id,
        asset=trade.asset,
        is_short=trade.is_short,
        entered_at=came.at,
        left_at=gone.at,
        entry_row=came.row,
        exit_row=gone.row,
        exit_kind=gone.kind,
        quantity=left.quantity,
        entry_value=entered.cost,
        exit_value=left.cost,
    )
