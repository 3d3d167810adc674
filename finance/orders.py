"""Orders as an exchange shows them: what was asked for, how much of it was done, and what has become of it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from finance.decimals import CONTEXT


class OrderState(StrEnum):
    """What has become of an order."""

    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"  # by the owner
    EXPIRED = "expired"  # by its own terms, or by the exchange
    REJECTED = "rejected"
    TRIGGERED = "triggered"  # its trigger was reached: what it became is an order of its own
    GONE = "gone"  # it waits no longer, and the exchange does not say how it ended

    @property
    def is_open(self) -> bool:
        """Whether more of it may be done."""
        return self in (OrderState.OPEN, OrderState.PARTIALLY_FILLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """One order as the exchange showed it at a moment."""

    market: str  # spot, cross_margin, isolated_margin; of a contract the wallet that its position is in
    symbol: str
    exchange_id: str
    client_id: str = ""  # the name that whoever gave the order gave it
    base_asset: str  # empty, like the quote's, where nothing says of which two assets the symbol is
    quote_asset: str
    side: str  # buy or sell
    type: str  # limit, market, stop_loss_limit and so on, in small letters
    position_side: str = "both"  # of a contract in hedge mode long or short
    reduces: bool = False  # may only make a position smaller
    quantity: (
        Decimal | None
    )  # of the base, of a contract in its unit; None: for an amount of the quote, or all that is open
    quote_quantity: Decimal | None = None  # that amount
    price: Decimal | None = None  # None: at the market's
    trigger_price: Decimal | None = None  # that the market has to reach before
    executed_quantity: Decimal
    executed_quote: Decimal | None = None  # what that came to in the quote; None: the exchange does not say
    state: OrderState
    parent_id: str = ""  # of the order that brought it about
    list_id: str = ""  # what orders share of which one ends the others
    became_id: str = ""  # of the order that it became once its trigger was reached
    take_profit: Decimal | None = None  # the price at which what it opens is to be closed at a profit, given with it
    stop_loss: Decimal | None = None  # and at a loss
    leverage: Decimal | None = None  # None: the exchange does not say
    margin_mode: str = ""  # cross or isolated; empty: of neither, or not said
    ordered_at: datetime
    updated_at: datetime  # when the exchange last changed it
    raw: dict[str, object] = field(default_factory=dict)

    @property
    def average_price(self) -> Decimal | None:
        """What was done of it came to for one of the base; None where nothing was, or the exchange does not say."""
        if not self.executed_quantity or self.executed_quote is None:
            return None
        return CONTEXT.divide(self.executed_quote, self.executed_quantity)
