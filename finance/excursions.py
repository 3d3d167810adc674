"""How far a trade went against its owner and for him while it was open, and how much of a gain it gave back.

At a price p a trade is worth

    net(p)  =  realised so far  +  units x (p - average entry)  -  fees and interest so far

of a short with the sign of the middle turned, and funding among the fees. Of an inverse contract the middle is coins at
entry x p - dollars: the coin that it settles in counts at the contract's own price. Its path goes through the prices of its own fills,
through the lowest and the highest price of every stretch of time in which it only stood, and through the close of a stretch with a
fill: what was traded in that one before the fill is no part of the trade. Funding and interest are paid as a minute begins.
John Sweeney, "Maximum Adverse Excursion" (1996), calls the lowest and the highest point MAE and MFE.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from finance.contract_trades import ContractMove, ContractTrade
from finance.decimals import CONTEXT, ONE, UNROUNDED, ZERO
from finance.inventory import take_share
from finance.trade_book import FLAT
from finance.trades import Effect, Fee, MoveKind, Trade, TradeMove

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """Prices of a stretch of time [since, until), in the valuation asset."""

    since: datetime
    until: datetime
    low: Decimal
    high: Decimal
    close: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Excursion:
    """Amounts in the valuation asset."""

    worst: Decimal  # MAE: the lowest that the trade stood at, negative where it ever lost
    best: Decimal  # MFE: the highest
    drawdown: Decimal  # the greatest fall from a highest point so far, as a positive amount


class _Position:
    """A trade while its moves and fees are booked again, one after the other."""

    def __init__(self, trade: Trade) -> None:
        self._asset = trade.asset
        self._sign = -1 if trade.is_short else 1
        self._is_inverse = isinstance(trade, ContractTrade) and trade.contract.is_inverse
        self._units = self._cost = self._realised = self._price = ZERO
        self._rate = ONE  # what counts for a unit of what a contract settles in

    @property
    def worth(self) -> Decimal:
        """What is left of it is worth, at the price of the last move."""
        return abs(CONTEXT.multiply(self._units, self._price))

    def take(self, move: TradeMove) -> Decimal:
        """Book it; returns what the trade stands at, at the move's own price."""
        value, gain = move.value, move.gain
        if isinstance(move, ContractMove):
            value, gain = move.settled_value, move.settled_gain
            self._rate = CONTEXT.divide(move.value, value)
        self._price = CONTEXT.divide(move.quantity, value) if self._is_inverse else CONTEXT.divide(value, move.quantity)
        if move.effect is Effect.ENTRY:
            self._units += move.quantity
            self._cost += value
        else:
            self._units -= move.quantity
            self._cost -= value + self._sign * gain if self._is_inverse else value - self._sign * gain
            self._realised += move.gain
        return self.at(self._price)

    def charge(self, fee: Fee) -> None:
        """Pay a fee or interest. In the coin itself a long trade has less of it, and a short one owes more."""
        self._realised -= fee.value
        more = -self._sign * fee.quantity
        if fee.asset != self._asset or not self._units:
            return
        self._cost += abs(fee.value) if more > 0 else take_share(self._cost, more, self._units)
        self._units += more

    def at(self, price: Decimal) -> Decimal:
        """What it stands at, at a price."""
        if self._is_inverse:
            return self._realised + self._sign * CONTEXT.subtract(CONTEXT.multiply(self._cost, price), self._units)
        open_gain = CONTEXT.subtract(CONTEXT.multiply(self._units, price), self._cost)
        return self._realised + self._sign * CONTEXT.multiply(open_gain, self._rate)

    def through(self, candle: Candle) -> tuple[Decimal, Decimal]:
        """The best and then the worst of a stretch in which nothing was done: of the two orders the one that falls further."""
        low, high = self.at(candle.low), self.at(candle.high)
        return max(low, high), min(low, high)


def find_excursion(
    trade: Trade, moves: Sequence[TradeMove], fees: Sequence[Fee], candles: Iterable[Candle]
) -> Excursion | None:
    """The excursion of a closed trade out of all its `moves` and `fees`, in time order, and the `candles` of its time.

    Candles are in time order and don't overlap; where some are missing nothing is known of prices but those of fills.
    None where much of it went by neither, as coins do that pay other trades' fees, or of a contract nobody knows when and at
    which price; and where nothing prices what a contract settles in.
    """
    if any(isinstance(move, ContractMove) and (move.kind is MoveKind.UNEXPLAINED or not move.value) for move in moves):
        return None
    with localcontext(UNROUNDED):
        position = _Position(trade)
        worst = best = highest = drawdown = ZERO
        for number, net in enumerate(_walk(trade, position, moves, fees, candles)):
            worst, best = (net, net) if not number else (min(worst, net), max(best, net))
            highest = max(highest, net)
            drawdown = max(drawdown, highest - net)
        return Excursion(worst=worst, best=best, drawdown=drawdown) if position.worth < FLAT else None


def _walk(
    trade: Trade, position: _Position, moves: Sequence[TradeMove], fees: Sequence[Fee], candles: Iterable[Candle]
) -> Iterator[Decimal]:
    """What the trade stands at, from its first fill to its end; what left unsold has taken its gain along."""
    events: list[TradeMove | Fee] = [*moves, *fees]
    left = deque(sorted(events, key=lambda event: event.at))  # stable: a fill before its fee
    begins = left[0].at
    for candle in candles:
        yield from _book(position, _take_until(left, candle.since, standing=candle.since + MINUTE))
        inside = list(_take_until(left, candle.until))
        stands = begins < candle.until and bool(left)
        if any(_is_done(event) for event in inside):
            yield from _book(position, inside)
            yield from (position.at(candle.close),) if stands else ()
        elif stands:
            yield from position.through(candle)
            yield from _book(position, inside)
            yield from position.through(candle) if inside else ()
        else:
            yield from _book(position, inside)
    yield from _book(position, left)
    yield trade.net + trade.transferred


def _take_until(
    left: deque[TradeMove | Fee], until: datetime, standing: datetime | None = None
) -> Iterator[TradeMove | Fee]:
    """What comes before `until`; and before `standing`, until somebody does something."""
    while left and (left[0].at < until or (standing and left[0].at < standing and not _is_done(left[0]))):
        yield left.popleft()


def _is_done(event: TradeMove | Fee) -> bool:
    """Whether somebody did this at the price of its moment; interest and rewards come while a trade stands."""
    return isinstance(event, TradeMove) and event.kind is not MoveKind.INCOME


def _book(position: _Position, events: Iterable[TradeMove | Fee]) -> Iterator[Decimal]:
    for event in events:
        if isinstance(event, Fee):
            position.charge(event)
            continue
        stands_at = position.take(event)
        if _is_done(event):
            yield stands_at
