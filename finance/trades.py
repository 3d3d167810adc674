"""A trade: what was held of a coin from flat to flat, what it gained, and what it cost."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum

from finance.decimals import CONTEXT, UNROUNDED, ZERO


class OpenedBy(StrEnum):
    """What a trade began with."""

    FILL = "fill"
    FLOW = "flow"  # coins paid in, or taken out beyond what was held
    OPENING = "opening"  # held when the history began
    UNEXPLAINED = "unexplained"


class ExitKind(StrEnum):
    """How units left a trade."""

    MANUAL = "manual"  # an order, of which no more is known
    CONVERT = "convert"
    DUST = "dust"
    TRANSFER = "transfer"
    UNEXPLAINED = "unexplained"


UNSOLD = (ExitKind.TRANSFER, ExitKind.UNEXPLAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """What one order, or one move, took out of a trade; amounts are in the valuation asset."""

    at: datetime  # of its last fill
    order: str
    kind: ExitKind
    quantity: Decimal
    value: Decimal
    gain: Decimal  # value less average cost; of a short trade cost less value

    def with_more(self, other: "Exit") -> "Exit":
        """The same order with another fill of it."""
        return replace(
            self,
            at=other.at,
            quantity=self.quantity + other.quantity,
            value=self.value + other.value,
            gain=self.gain + other.gain,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One cycle of one coin; quantities are positive, amounts in the valuation asset."""

    id: str  # of the record that opened it: f12 a fill, d4 a flow, o.BTC what was held at the beginning
    asset: str
    is_short: bool
    opened_by: OpenedBy
    opened_at: datetime
    closed_at: datetime | None
    entered: Decimal  # units
    entry_value: Decimal
    exits: tuple[Exit, ...]
    greatest_value: Decimal
    fees: Decimal
    interest: Decimal
    fills: int

    @property
    def side(self) -> str:
        """LONG or SHORT."""
        return "SHORT" if self.is_short else "LONG"

    @property
    def gross(self) -> Decimal:
        """What was gained by selling (of a short: by buying back), before fees."""
        return _sum(one.gain for one in self.exits if one.kind not in UNSOLD)

    @property
    def transferred(self) -> Decimal:
        """What units that left without being sold were worth more than they had cost."""
        return _sum(one.gain for one in self.exits if one.kind in UNSOLD)

    @property
    def net(self) -> Decimal:
        """Gross less fees and interest."""
        with localcontext(UNROUNDED):
            return self.gross - self.fees - self.interest

    @property
    def entry_price(self) -> Decimal:
        """The average of all entries."""
        return CONTEXT.divide(self.entry_value, self.entered)

    @property
    def exit_price(self) -> Decimal | None:
        """The average of all exits; None before the first."""
        units = _sum(one.quantity for one in self.exits)
        return CONTEXT.divide(_sum(one.value for one in self.exits), units) if units else None

    @property
    def is_countable(self) -> bool:
        """Whether it is a decision from beginning to end: opened and closed by fills. Others are in no win rate."""
        return bool(self.closed_at) and self.opened_by is OpenedBy.FILL and self.transferred_units == 0

    @property
    def transferred_units(self) -> Decimal:
        """Units that left without being sold."""
        return _sum(one.quantity for one in self.exits if one.kind in UNSOLD)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    with localcontext(UNROUNDED):
        return sum(amounts, ZERO)
