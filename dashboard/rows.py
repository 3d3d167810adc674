"""What the rows of tables hold: the columns of a file, the objects of a list."""

from collections.abc import Mapping
from typing import ClassVar

from dashboard.daily_row import DailySnapshot
from dashboard.fee_row import Fee
from dashboard.fields import Moment, Number, Parts, ReasonedRow, Shape
from dashboard.flow_row import Flow, FlowRevision
from dashboard.order_row import Order

__all__ = ["DailySnapshot", "Fee", "Flow", "FlowRevision", "Order"]  # rows as well, in files of their own


class SeriesHour(Shape):
    """An hour of account and benchmark; one without a figure says why, and has null for what is unknown."""

    account_id: int
    hour: Moment
    taken_at: Moment | None
    status: str
    reason: str
    nav: Number | None
    flows: Number
    invested: Number | None
    units: Number | None
    unit_price: Number | None
    episode: int | None
    estimated: bool
    in_transit: Number
    benchmark_nav: Number | None
    benchmark_units: Number | None
    benchmark_invested: Number | None
    benchmark_unit_price: Number | None
    benchmark_debt: Number | None
    currency: str  # of amounts without an asset of their own


class Income(Shape):
    """A gain (+) or cost (-) that nobody decided to pay in or out."""

    id: int
    account_id: int
    kind: str
    wallet: str
    asset: str
    amount: Number
    occurred_at: Moment
    first_seen_at: Moment


class Fill(ReasonedRow):
    """One asset swapped for another: + was bought, - was paid."""

    id: int
    account_id: int
    market: str
    symbol: str
    order_id: str
    base_asset: str
    base_quantity: Number
    quote_asset: str
    quote_quantity: Number
    fee_asset: str
    fee: Number
    occurred_at: Moment
    liquidity: str | None  # maker or taker; null where the exchange does not say
    source: str  # exchange; legacy: all that an older system says was done of an order, at its average price
    standing: str  # booked; described: of legacy, before the first valued hour, where it moves nothing

    why: ClassVar[Mapping[str, str]] = {"liquidity": "The exchange does not say whether it was a maker's or a taker's."}


class Explanation(Shape):
    """The change of NAV since the valued hour before, in parts that add up exactly; price effect and trading also as what is realised and unrealised of them. A portfolio has its own, booked as if its accounts were one."""

    account_id: int
    hour: Moment
    from_hour: Moment
    nav_change: Number
    price_effect: Number
    trading: Number
    positions: Number
    flows: Number
    income: Number
    fees: Number
    residual: Number
    realised: Number | None  # null while hours of an earlier version have no gains yet
    spent_gain: Number | None
    transferred_gain: Number | None
    unexplained_gain: Number | None
    unrealised_change: Number | None
    unrealised: Number | None
    state: str
    cause: str
    assets: Parts
    kinds: Parts
    booking: str  # at which price fees, income and quotes of trades count: minute, or closing of the hour
    currency: str  # of amounts without an asset of their own


class Holding(Shape):
    """What a wallet held of an asset at a valued hour."""

    account_id: int
    hour: Moment
    wallet: str
    asset: str
    free: Number
    locked: Number
    frozen: Number | None  # of what is locked, where the exchange tells it apart
    withdrawing: Number | None
    owed: Number
    quantity: Number
    unrealised: Number
    price: Number | None
    route: str
    value: Number | None
    currency: str  # of amounts without an asset of their own


class Run(Shape):
    """An attempt of the worker, and the request weight it used by rate-limit bucket."""

    run_id: int
    hour: Moment
    started_at: Moment
    finished_at: Moment | None
    outcome: str
    message: str
    weight: dict[str, int]
    version: str


class LogLine(Shape):
    """A line of the log."""

    id: int
    at: Moment
    level: str
    area: str
    account_id: int | None
    run_id: int | None
    message: str


class Transfer(Shape):
    """A withdrawal of one of your accounts that is another's deposit: no flow of both together.

    `amount` is what was sent without the network `fee`; between `sent_at` and `arrived_at` it is in transit.
    """

    id: int
    asset: str
    sent_at: Moment
    arrived_at: Moment
    amount: Number
    fee: Number
    arrived: Number
    from_account: int
    from_label: str
    from_exchange: str
    to_account: int
    to_label: str
    to_exchange: str


class HistoryChange(Shape):
    """Why hours have changed that were already shown."""

    id: int
    account_id: int
    changed_at: Moment
    run_id: int | None
    since_hour: Moment
    hours: int
    reason: str


class CrossCheck(Shape):
    """Our figure beside the exchange's own; `difference` is in the valuation asset."""

    account_id: int
    hour: Moment
    kind: str
    subject: str
    ours: Number
    theirs: Number
    difference: Number
    within: bool
    id: str
    currency: str  # of amounts without an asset of their own


class MarketHour(Shape):
    """An hour of the market; `minute_closes` is the sum of the closes of `minutes` one-minute klines.

    `taker_buy` is null where the exchange does not say what buyers took.
    """

    exchange: str
    symbol: str
    hour: Moment
    close: Number
    volume: Number
    taker_buy: Number | None
    minutes: int
    minute_closes: Number


class Rate(Shape):
    """What a unit of a currency cost in USDT in an hour; null where the exchange has no price of it."""

    currency: str
    hour: Moment
    rate: Number | None
    source: str
