"""An hour of an account's contracts: what happened, what its readings found open, and what the trades made of the change of NAV.

What positions made in an hour is, by the exchange's account, realised profits and the change of what is unrealised; by ours, the
gains of trades and the change of what is open in them at the reading's marks. The rest is what exchanges round, what other
derivatives made, and fills that nobody knows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from itertools import accumulate

from finance.contract_trades import ContractMove, ContractTrade
from finance.contracts import ROUNDED
from finance.decimals import CENT, UNROUNDED, ZERO
from finance.moments import SECOND, second_of
from finance.records import ContractFill, IncomeKind
from finance.trades import Effect, MoveKind

Side = tuple[str, str]  # a contract's symbol and side
NEAR = timedelta(minutes=1)  # after a moment of reading: what happened then may be in its positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What a wallet's history has of a contract: a commission, funding, or the exchange's own profit."""

    at: datetime
    symbol: str
    kind: IncomeKind
    asset: str
    amount: Decimal  # + is got
    row: str  # the record: i7 income
    fill: str = ""  # the exchange's id of the fill that it is of; empty where it names none


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One side of a contract as a reading found it."""

    quantity: Decimal  # signed, in the contract's unit
    mark: Decimal
    unrealised: Decimal = ZERO  # by the exchange, in what it settles in
    settle: str = ""
    wallet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The positions of a reading; events stamped before `through` are counted in its hour or an earlier one."""

    taken_at: datetime
    through: datetime
    positions: Mapping[Side, Held]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractHour:
    """What an hour is booked from."""

    reading: Reading  # at its end
    fills: Sequence[ContractFill]  # in time order, those of the minutes after both readings among them
    booked: Sequence[Booked]
    prices: Mapping[str, Decimal]  # of what contracts settle in, as the hour's explanation has them
    made: Decimal = ZERO  # by positions, as the explanation says

    def price_of(self, settle: str) -> Decimal:
        """What a unit counts for; zero where nothing prices it."""
        return self.prices.get(settle, ZERO)

    def find_liquidated(self, fills: Iterable[ContractFill]) -> set[str]:
        """The orders of those of its `fills` in whose second a liquidation fee was taken of their contract."""
        taken = {(one.symbol, second_of(one.at)) for one in self.booked if one.kind is IncomeKind.LIQUIDATION_FEE}
        found = {f.order_id for f in fills if (f.symbol, second_of(f.occurred_at)) in taken}
        return found - {""}

    def list_happened(self, fills: Iterable[ContractFill]) -> Iterator[ContractFill | Booked]:
        """These of its fills and all that was booked, in the order in which it is taken in."""
        happened: list[tuple[datetime, int, ContractFill | Booked]] = [(one.occurred_at, 0, one) for one in fills]
        happened += [_rank(one) for one in self.booked]
        return (one for _, _, one in sorted(happened, key=lambda ranked: ranked[:2]))


def _rank(booked: Booked) -> tuple[datetime, int, Booked]:
    """Funding is of what is open at its time; what is of a fill comes after all fills of its second, however it is cut."""
    if booked.kind is IncomeKind.FUNDING_FEE:
        return booked.at, 1, booked
    return second_of(booked.at) + SECOND, -1, booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A contract all of whose fills are known, and that made another amount by its exchange; in what it settles in."""

    symbol: str
    settle: str
    ours: Decimal
    theirs: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSums:
    """What an hour's positions made: realised by trades, the change of what is open in them, and the rest."""

    realised: Decimal = ZERO
    unrealised_change: Decimal = ZERO
    rest: Decimal = ZERO
    unmatched: int = 0  # fills that are of no trade
    disagreements: Sequence[Disagreement] = field(default=(), compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.realised or self.unrealised_change or self.rest or self.unmatched)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSide:
    """What a reading and the trades say is open of one side of a contract."""

    held: Held
    trade: ContractTrade | None
    is_between: bool  # the reading was made between two fills of it: it shows neither more nor less than they say

    @classmethod
    def find(
        cls, reading: Reading, side: Side, trade: ContractTrade | None, fills: Iterable[ContractFill]
    ) -> "OpenSide":
        """Of the `reading`, given the fills around it of that side."""
        held = reading.positions.get(side) or Held(quantity=ZERO, mark=ZERO)
        near = [one for one in fills if reading.taken_at <= one.occurred_at < reading.taken_at + NEAR]
        later = accumulate(one.quantity for one in near if one.occurred_at >= reading.through)
        earlier = accumulate(-one.quantity for one in reversed(near) if one.occurred_at < reading.through)
        lacking = held.quantity - (trade.open_contracts if trade else ZERO)
        return cls(held=held, trade=trade, is_between=bool(lacking) and lacking in (*later, *earlier))

    @property
    def open(self) -> Decimal:
        """What is open in the trade, in the contract's unit."""
        return self.trade.open_contracts if self.trade else ZERO

    @property
    def unknown(self) -> Decimal:
        """What the reading found beyond the trade."""
        return ZERO if self.is_between else self.held.quantity - self.open

    @property
    def lacking(self) -> Decimal:
        """What of the trade the reading did not find."""
        if not self.unknown or not self.open:
            return ZERO
        if self.held.quantity * self.open <= 0:
            return self.open
        excess = max(abs(self.open) - abs(self.held.quantity), ZERO)
        return excess.copy_sign(self.open)

    @property
    def is_unsure(self) -> bool:
        """Whether fills of it are not known, or the reading does not show what is open."""
        return self.is_between or bool(self.unknown) or bool(self.open and not self.held.mark)

    @property
    def worth(self) -> Decimal:
        """Of what is open in the trade at the reading's mark, in what it settles in; signed as it is booked."""
        return self.trade.contract.settle_fill(self.open, self.held.mark)[1] if self.trade and self.held.mark else ZERO

    @property
    def unrealised(self) -> Decimal:
        """In the trade, at the reading's mark, in what it settles in; nothing where no mark is known."""
        return self.worth - self.trade.open_inventory().cost if self.trade and self.held.mark else ZERO


Sides = Mapping[Side, OpenSide]
Moves = Sequence[tuple[str, ContractMove]]  # each with the symbol of its contract


def sum_up(
    hour: ContractHour, ends: tuple[Sides, Sides], moves: Moves, unmatched: Sequence[ContractFill]
) -> ContractSums:
    """What the hour's positions made, given what was open at both `ends`, and the fills that are of no trade."""
    with localcontext(UNROUNDED):
        realised = sum((move.gain for _, move in moves if move.effect is Effect.EXIT), ZERO)
        change = sum(
            sign * one.unrealised * hour.price_of(one.trade.contract.settle)
            for sign, sides in zip((-1, 1), ends, strict=True)
            for one in sides.values()
            if one.trade
        )
        settles = {
            one.trade.contract.symbol: one.trade.contract.settle
            for sides in ends
            for one in sides.values()
            if one.trade
        }
        settles |= {fill.symbol: fill.settle for fill in hour.fills if fill.symbol in {symbol for symbol, _ in moves}}
        unknown = {fill.symbol for fill in unmatched} | {
            symbol for sides in ends for (symbol, _), one in sides.items() if one.is_unsure
        }
        found = [
            _compare(hour, ends, symbol, settle, [move for name, move in moves if name == symbol])
            for symbol, settle in sorted(settles.items())
            if symbol not in unknown and hour.price_of(settle)
        ]
        return ContractSums(
            realised=realised,
            unrealised_change=change + ZERO,
            rest=hour.made - realised - change,
            unmatched=len(unmatched),
            disagreements=tuple(one for one in found if one),
        )


def _compare(
    hour: ContractHour, ends: tuple[Sides, Sides], symbol: str, settle: str, moves: Sequence[ContractMove]
) -> Disagreement | None:
    """How an hour of a contract by its exchange differs from ours by more than both round."""
    if any(one.kind is MoveKind.UNEXPLAINED for one in moves):
        return None
    ours = sum((one.settled_gain for one in moves), ZERO)
    theirs = sum((b.amount for b in hour.booked if b.symbol == symbol and b.kind is IncomeKind.REALISED_PROFIT), ZERO)
    size = sum((one.settled_value for one in moves), ZERO)
    for sign, sides in zip((-1, 1), ends, strict=True):
        for one in (one for (name, _), one in sides.items() if name == symbol):
            ours += sign * one.unrealised
            theirs += sign * one.held.unrealised
            size += abs(one.worth)
    if abs(ours - theirs) * hour.price_of(settle) <= CENT + ROUNDED * size * hour.price_of(settle):
        return None
    return Disagreement(symbol=symbol, settle=settle, ours=ours, theirs=theirs)
