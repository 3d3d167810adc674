"""A trade: what was held of a coin from flat to flat, what it gained, and what it cost.

It is the sum of its moves and fees: each is a row that can be stored, and a trade of any age goes on from its totals.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any, NamedTuple, Self

from finance.attribution.hour import LOAN_INTEREST
from finance.decimals import CONTEXT, UNROUNDED, ZERO
from finance.order_roles import find_role
from finance.records import IncomeKind, OrderRole

INTEREST = (LOAN_INTEREST, str(IncomeKind.MARGIN_INTEREST))


class OpenedBy(StrEnum):
    """What a trade began with."""

    FILL = "fill"
    FLOW = "flow"  # coins paid in, or taken out beyond what was held
    OPENING = "opening"  # held when the history began
    UNEXPLAINED = "unexplained"


class Effect(StrEnum):
    """What a move does to its trade."""

    ENTRY = "entry"
    EXIT = "exit"


class MoveKind(StrEnum):
    """How units came into a trade or left it."""

    MANUAL = "manual"  # an order, of which no more is known
    TP = "tp"  # one that takes a profit
    SL = "sl"  # one that stops a loss, or protects a gain
    CONVERT = "convert"
    DUST = "dust"
    LIQUIDATION = "liquidation"  # of a contract, like the next two
    ADL = "adl"
    DELIVERY = "delivery"
    TRANSFER = "transfer"
    INCOME = "income"
    UNEXPLAINED = "unexplained"
    HELD = "held"  # what was there when it began: of the time before, rewards, dust of the trade before


FILLS = ("f", "c")
BY_ROLE = {OrderRole.TAKE_PROFIT: MoveKind.TP, OrderRole.STOP_LOSS: MoveKind.SL, OrderRole.BY_HAND: MoveKind.MANUAL}
UNSOLD = (MoveKind.TRANSFER, MoveKind.UNEXPLAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeMove:
    """Units that came into a trade or left it; quantities are positive, amounts in the valuation asset."""

    trade: str  # its id
    at: datetime
    effect: Effect
    kind: MoveKind
    row: str  # the record: f12 a fill, c7 a contract's, d4 a flow; empty where there is none
    order: str
    quantity: Decimal
    value: Decimal
    gain: Decimal  # of an exit: value less average cost; of a short trade cost less value
    worth: Decimal  # of all that is held after it, at its price
    place: str = field(
        default="", compare=False
    )  # account, market and symbol of an exit's order, where that is asked for


class Fee(NamedTuple):
    """What was paid for trading, borrowing or holding, in coins and in the valuation asset; got back: negative."""

    at: datetime
    row: str
    kind: str
    asset: str
    quantity: Decimal
    value: Decimal
    trade: str  # whose result it lowers; empty where it is none's
    order: str = ""  # of a contract's fill; a coin's fill says it itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One cycle of one coin, as far as it has come; quantities are positive, amounts in the valuation asset."""

    # of the record that opened it: f12 a fill (f12.BTC in its quote), c7 a contract's, d4 a flow, o.BTC what was held before (o.BTCUSDT.long a contract's side)
    id: str
    asset: str
    is_short: bool
    opened_by: OpenedBy
    opened_at: datetime
    closed_at: datetime | None = None
    entered: Decimal = ZERO  # units
    entry_value: Decimal = ZERO
    exited: Decimal = ZERO  # units, sold or not
    exit_value: Decimal = ZERO
    gross: Decimal = ZERO  # gained by selling (of a short: by buying back), before fees
    transferred: Decimal = ZERO  # what units that left without being sold were worth more than they had cost
    transferred_units: Decimal = ZERO
    greatest_value: Decimal = ZERO
    fees: Decimal = ZERO
    interest: Decimal = ZERO
    funding: Decimal = ZERO  # got; paid: negative
    fills: int = 0
    ended_by: MoveKind | None = None  # how units left it last

    def with_rows(self, moves: Sequence[TradeMove], fees: Sequence[Fee], closed_at: datetime | None = None) -> Self:
        """The same with more of its moves, in time order, and of its fees, interest and funding; closed, if it was `closed_at`."""
        with localcontext(UNROUNDED):
            return replace(
                self, closed_at=closed_at or self.closed_at, **self._add_moves(moves), **self._add_fees(fees)
            )

    def _add_moves(self, moves: Iterable[TradeMove]) -> dict[str, Any]:
        entered, entry_value, exited, exit_value = self.entered, self.entry_value, self.exited, self.exit_value
        gross, transferred, transferred_units = self.gross, self.transferred, self.transferred_units
        greatest, fills, ended_by = self.greatest_value, self.fills, self.ended_by
        for one in moves:
            greatest, fills = max(greatest, one.worth), fills + one.row.startswith(FILLS)
            if one.effect is Effect.ENTRY:
                entered, entry_value = entered + one.quantity, entry_value + one.value
                continue
            exited, exit_value, ended_by = exited + one.quantity, exit_value + one.value, one.kind
            if one.kind in UNSOLD:
                transferred, transferred_units = transferred + one.gain, transferred_units + one.quantity
            else:
                gross += one.gain
        sums = {"entered": entered, "entry_value": entry_value, "exited": exited, "exit_value": exit_value}
        gains = {"gross": gross, "transferred": transferred, "transferred_units": transferred_units}
        return {**sums, **gains, "greatest_value": greatest, "fills": fills, "ended_by": ended_by}

    def _add_fees(self, fees: Iterable[Fee]) -> dict[str, Any]:
        paid, interest, funding = self.fees, self.interest, self.funding
        for one in fees:
            if one.kind == IncomeKind.FUNDING_FEE:
                funding -= one.value
            elif one.kind in INTEREST:
                interest += one.value
            else:
                paid += one.value
        return {"fees": paid, "interest": interest, "funding": funding}

    @property
    def side(self) -> str:
        """LONG or SHORT."""
        return "SHORT" if self.is_short else "LONG"

    @property
    def net(self) -> Decimal:
        """Gross less fees and interest, and funding."""
        with localcontext(UNROUNDED):
            return self.gross - self.fees - self.interest + self.funding

    @property
    def units_at_risk(self) -> Decimal:
        """What gains or loses the difference of two prices."""
        return self.entered

    @property
    def entry_price(self) -> Decimal:
        """The average of all entries."""
        return CONTEXT.divide(self.entry_value, self.entered)

    def price_of(self, move: TradeMove) -> Decimal:
        """At which price one of its moves took place."""
        return CONTEXT.divide(move.value, move.quantity)

    @property
    def exit_price(self) -> Decimal | None:
        """The average of all exits; None before the first."""
        return CONTEXT.divide(self.exit_value, self.exited) if self.exited else None

    @property
    def is_countable(self) -> bool:
        """Whether it is a decision from beginning to end: opened and closed by fills. Others are in no win rate.

        What left unsold is less than 1 USDT, as rounding makes it; what was never sold went as fees.
        """
        return self.counts(deposits=False)

    def counts(self, *, deposits: bool) -> bool:
        """The same; with `deposits` also of coins that were paid in and then sold, if it is asked for."""
        is_sold = self.transferred_units * self.exit_value < self.exited
        is_begun = self.opened_by is OpenedBy.FILL or (deposits and self.opened_by is OpenedBy.FLOW)
        return bool(self.closed_at) and is_begun and is_sold


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """What one order, or one move without an order, took out of a trade; amounts are in the valuation asset."""

    at: datetime  # of its last fill
    order: str
    place: str = ""
    kind: MoveKind
    quantity: Decimal
    value: Decimal
    gain: Decimal

    @property
    def stop_in_profit(self) -> bool:
        """Whether a stop took a profit, as one that follows the price does."""
        return self.kind is MoveKind.SL and self.gain > 0

    def with_move(self, move: TradeMove) -> "Exit":
        """The same order with another fill of it."""
        with localcontext(UNROUNDED):
            return replace(
                self,
                at=move.at,
                quantity=self.quantity + move.quantity,
                value=self.value + move.value,
                gain=self.gain + move.gain,
            )


def name_kind(kind: MoveKind, role: OrderRole | None) -> MoveKind:
    """How units left a trade by an order of this role: liquidations, converts and the like are what they are."""
    return BY_ROLE.get(role, kind) if role and kind in BY_ROLE.values() else kind


def list_exits(moves: Iterable[TradeMove], roles: Mapping[str, OrderRole] | None = None) -> list[Exit]:
    """The exits of one trade out of its `moves`, in time order, by the roles of their orders' names: all fills of an order are one.

    Orders of two accounts, or of two pairs, may have one number: they are two.
    """
    exits: dict[str, Exit] = {}
    for number, move in enumerate(moves):
        if move.effect is Effect.ENTRY:
            continue
        name = f"order {move.order} of {move.place}" if move.order else f"move {number}"
        exits[name] = (
            exits[name].with_move(move)
            if name in exits
            else _begin_exit(move, find_role(roles or {}, move.place, move.order))
        )
    return list(exits.values())


def _begin_exit(move: TradeMove, role: OrderRole | None) -> Exit:
    kind = name_kind(move.kind, role)
    return Exit(
        at=move.at,
        order=move.order,
        place=move.place,
        kind=kind,
        quantity=move.quantity,
        value=move.value,
        gain=move.gain,
    )
