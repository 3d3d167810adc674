"""What one event of an hour is booked with: the changes that it makes, each with its value.

A flow counts at its minute's price, the base of a fill at what was given for it, a fee in its base at the fill's price.
All else (the quote of a fill, a fee in a third coin, income and costs) counts at the price of its minute where the hour
is booked by the minute, else at the hour's closing price. What positions realised always has the closing price, for the
profit that was open and that it takes the place of has it, too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.attribution.booking import Booking
from finance.attribution.events import Event, Income
from finance.attribution.explanation import Change, Part
from finance.decimals import CONTEXT, ZERO, stored
from finance.moments import minute_of
from finance.prices import VALUATION_ASSET
from finance.records import FillRecord, IncomeKind

TRADING_FEE = "trading_commission"
COSTS = (IncomeKind.FUTURES_COMMISSION, IncomeKind.LIQUIDATION_FEE, IncomeKind.MARGIN_INTEREST)

Prices = Mapping[str, Decimal]
Minute = tuple[str, datetime]  # asset and minute
MinutePrices = Mapping[Minute, Decimal]


@dataclass(frozen=True, slots=True)
class HourPrices:
    """The prices that an hour is booked with."""

    closing: Prices
    minutes: MinutePrices | None = None  # of an hour that is booked by the minute

    @property
    def booking(self) -> Booking:
        """By which rule it is booked."""
        return Booking.CLOSING if self.minutes is None else Booking.MINUTE

    def at_closing(self, asset: str) -> Decimal:
        """The price at the hour; zero where nothing prices it."""
        return self.closing.get(asset, ZERO)

    def at(self, asset: str, moment: datetime) -> Decimal:
        """The price at the minute of `moment`, or at the hour where that is not booked by the minute."""
        found = self.minutes.get((asset, minute_of(moment))) if self.minutes else None
        return self.at_closing(asset) if found is None else found


def list_minutes(events: Iterable[Event], closing: Prices) -> Iterator[Minute]:
    """The prices that booking `events` by the minute takes. Income that counts as nothing at the hour needs none."""
    for event in events:
        if isinstance(event, FillRecord):
            is_free = not event.fee or (event.fee_asset == event.base_asset and event.base_quantity)
            assets = (event.quote_asset,) if is_free else (event.quote_asset, event.fee_asset)
        elif isinstance(event, Income) and event.kind is not IncomeKind.REALISED_PROFIT and closing.get(event.asset):
            assets = (event.asset,)
        else:
            continue
        yield from ((asset, minute_of(event.occurred_at)) for asset in assets if asset != VALUATION_ASSET)


def value_at_fill(fill: FillRecord, quantity: Decimal, quote_price: Decimal) -> Decimal:
    """The value of `quantity` units of the fill's base at the fill's own price, to 18 decimals."""
    quote = CONTEXT.multiply(quantity, fill.quote_quantity.copy_abs())
    return stored(CONTEXT.multiply(CONTEXT.divide(quote, fill.base_quantity.copy_abs()), quote_price))


def book_event(event: Event, prices: HourPrices) -> Iterable[Change]:
    """The changes that `event` makes; of a fill its quote first."""
    if isinstance(event, FillRecord):
        return _book_fill(event, prices)
    if isinstance(event, Income):
        return [_book_income(event, prices)]
    value = event.quantity * prices.at_closing(event.asset) if event.value is None else event.value
    return [Change(event.asset, event.quantity, value, Part.FLOWS, at=event.occurred_at, row=f"d{event.number}")]


def _book_income(event: Income, prices: HourPrices) -> Change:
    part = _part_of(event.kind)
    is_position = part is Part.POSITIONS
    price = prices.at_closing(event.asset) if is_position else prices.at(event.asset, event.occurred_at)
    value, kind = event.quantity * price, str(event.kind)
    row = f"i{event.number}"
    return Change(event.asset, event.quantity, value, part, kind, event.occurred_at, row, order=event.order)


def _part_of(kind: IncomeKind) -> Part:
    if kind is IncomeKind.REALISED_PROFIT:
        return Part.POSITIONS
    return Part.FEES if kind in COSTS else Part.INCOME


def _book_fill(fill: FillRecord, prices: HourPrices) -> Iterator[Change]:
    record = (fill.occurred_at, f"f{fill.number}", str(fill.market), fill.order_id)
    quote_price = prices.at(fill.quote_asset, fill.occurred_at)
    given = fill.quote_quantity * quote_price
    yield Change(fill.quote_asset, fill.quote_quantity, given, Part.TRADING, "", *record)
    yield Change(fill.base_asset, fill.base_quantity, -given, Part.TRADING, "", *record)
    if not fill.fee:
        return
    if fill.fee_asset == fill.base_asset and fill.base_quantity:
        value = value_at_fill(fill, -fill.fee, quote_price)
    else:
        value = -fill.fee * prices.at(fill.fee_asset, fill.occurred_at)
    yield Change(fill.fee_asset, -fill.fee, value, Part.FEES, TRADING_FEE, *record)
