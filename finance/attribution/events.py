"""What an hour is explained from: what was held at both ends, and what happened in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from finance.attribution.booking import Booking
from finance.decimals import UNROUNDED, ZERO
from finance.records import FillRecord, IncomeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an account held at a valued hour."""

    hour: datetime
    taken_at: datetime
    nav: Decimal
    quantities: Mapping[str, Decimal]
    prices: Mapping[str, Decimal]  # of everything held, and of more where it is known
    unrealised: Mapping[str, Decimal]  # profit of open positions within the quantities, in units
    loaned: Mapping[str, Decimal] = field(default_factory=dict)  # owed for loans, whose interest no history shows
    booking: Booking = Booking.CLOSING  # by which price its hour is, or is to be, booked
    counted: Decimal = ZERO  # what counts at the exchange's own totals, part of the valuation asset's quantity
    combined: Mapping[str, Decimal] | None = None  # of a portfolio, whose accounts have prices of their own: the worths

    def list_worths(self) -> Mapping[str, Decimal]:
        """What is held of each asset is worth."""
        if self.combined is not None:
            return self.combined
        return {asset: UNROUNDED.multiply(quantity, self.prices[asset]) for asset, quantity in self.quantities.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """An external flow; `value` is None while its price is not known."""

    asset: str
    quantity: Decimal
    value: Decimal | None
    occurred_at: datetime
    doubted_fee: Decimal = ZERO  # what the account has more (+) or less if its fee is elsewhere than was assumed
    number: int = 0  # of its row in the ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """A gain (+) or a cost (-) in kind."""

    kind: IncomeKind
    asset: str
    quantity: Decimal
    occurred_at: datetime
    number: int = 0  # of its row
    order: str = ""  # of the fill of a contract that it is of, as far as that is known


Event = Flow | Income | FillRecord
