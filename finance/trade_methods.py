"""A trade by another method of cost than the average: which units went with each exit decides only when a gain shows.

What is gained by exits, by units that went as fees, and what is left at its value come to the same by every method. The moves of
a trade and the fees in its coin are booked again; where that does not give the stored gains by average cost, something else took
part in it, and there is no other method to show.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import NamedTuple

from finance.decimals import UNROUNDED, ZERO
from finance.inventory import Inventory, Method
from finance.trades import Effect, Fee, Trade, TradeMove


class ByMethod(NamedTuple):
    """A trade by one method; amounts in the valuation asset."""

    method: Method
    moves: Sequence[TradeMove]  # with what exits gain by it
    spent: Decimal  # gained by units that went as fees
    cost_left: Decimal  # of what is still in it


def book_by(trade: Trade, moves: Sequence[TradeMove], paid: Iterable[Fee], method: Method) -> ByMethod | None:
    """The trade by that method; None where its moves and fees alone are not all that it is made of.

    `moves` are its own, in order; `paid` all fees of its account in its coin, in order, from which those of its time are picked.
    """
    fees = [one for one in paid if trade.opened_at <= one.at and (trade.closed_at is None or one.at <= trade.closed_at)]
    usual = _book(trade, moves, fees, Method.AVERAGE)
    if [one.gain for one in usual.moves] != [one.gain for one in moves]:
        return None
    return usual if method is Method.AVERAGE else _book(trade, moves, fees, method)


def _book(trade: Trade, moves: Sequence[TradeMove], fees: Sequence[Fee], method: Method) -> ByMethod:
    inventory, booked, spent = Inventory(method), list[TradeMove](), ZERO
    sign = Decimal(-1 if trade.is_short else 1)
    with localcontext(UNROUNDED):
        for one in _order(moves, fees):
            if isinstance(one, Fee):
                spent += inventory.book(-one.quantity, -one.value)
                continue
            way = sign if one.effect is Effect.ENTRY else -sign
            gain = inventory.book(way * one.quantity, way * one.value)
            booked.append(replace(one, gain=gain))
        return ByMethod(method, booked, spent, inventory.cost)


def _order(moves: Sequence[TradeMove], fees: Sequence[Fee]) -> Iterator[TradeMove | Fee]:
    """As they were booked: in time order, a fill's fee behind the fill."""
    rows = {one.row for one in moves if one.row}
    own = [one for one in fees if one.row in rows]
    others = [one for one in fees if one.row not in rows]
    for number, move in enumerate(moves):
        while others and others[0].at < move.at:
            yield others.pop(0)
        yield move
        if not any(later.row == move.row for later in moves[number + 1 : number + 2]):
            yield from (fee for fee in own if fee.row == move.row)
    yield from others
