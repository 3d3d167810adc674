"""The answers that are no plain lists of rows."""

from datetime import date
from typing import Generic, TypeVar

from dashboard.api.held_shapes import HeldThen
from dashboard.fields import Moment, Number, Shape

Row = TypeVar("Row", bound=Shape)


class Fault(Shape):
    """Why there is no answer, and what is possible."""

    error: str


class Listing(Shape, Generic[Row]):
    """A page of a list, oldest first; `next_cursor` is null on the last one."""

    rows: list[Row]
    next_cursor: str | None


class Benchmark(Shape):
    """What an account is compared with."""

    name: str
    basket: str
    assets: list[str]
    weights: list[Number]
    rebalance: str
    is_default: bool


class Account(Shape):
    """A tracked account; 0 is all of them together."""

    account_id: int
    label: str
    exchange: str
    key_state: str
    key_message: str
    overpowered: bool
    system: str
    limits: list[str]
    first_hour: Moment | None
    last_hour: Moment | None
    benchmarks: list[Benchmark]


class Accounts(Shape):
    """Every tracked account."""

    accounts: list[Account]


class Member(Shape):
    """An account's part in a portfolio: `since` and `until` are hours; null: from its first one on, or without an end."""

    account_id: int
    label: str
    since: Moment | None
    until: Moment | None


class Portfolio(Shape):
    """Accounts that are looked at as one; `account_id` stands for it in lists, 0 or below."""

    key: str
    label: str
    account_id: int
    first_hour: Moment | None
    last_hour: Moment | None
    members: list[Member]
    benchmarks: list[Benchmark]


class Portfolios(Shape):
    """Every portfolio."""

    portfolios: list[Portfolio]


class Returns(Shape):
    """Account against benchmark from one valued hour to another; returns are fractions, `value` is in USDT."""

    from_hour: Moment
    to_hour: Moment
    account: Number | None
    benchmark: Number | None
    active: Number | None
    value: Number


class Snapshot(Shape):
    """The last valued hour of a period; `returns` is over the period.

    `total_balance` is available and locked less owed, and what is in transit. `unrealized_pnl` and `total_realized_pnl` are of
    coins against their average cost and of contracts, since the beginning; `total_positions_value` is what the coins of open
    trades were worth, without a sign. What is not known is null, and `reasons` says why.
    """

    account_id: int
    label: str
    benchmark: str
    hour: Moment
    taken_at: Moment
    nav: Number
    invested: Number
    unit_price: Number
    benchmark_nav: Number
    benchmark_unit_price: Number
    benchmark_debt: Number
    difference: Number
    exchange: str | None
    total_balance: Number
    available_balance: Number | None
    locked_balance: Number | None
    owed_balance: Number | None
    total_positions_value: Number | None
    unrealized_pnl: Number | None
    open_positions_count: int
    total_realized_pnl: Number | None
    win_rate: Number | None
    snapshot_date: date
    returns: Returns
    reasons: dict[str, str]


class DayEnd(Shape):
    """Value and holdings at the end of a day: of the last valued hour up to it, which may be earlier."""

    account_id: int
    label: str
    day_ended_at: Moment
    hour_used: Moment
    taken_at: Moment
    nav: Number
    invested: Number
    unit_price: Number
    benchmark: str
    benchmark_nav: Number
    holdings: list[HeldThen]


class Kind(Shape):
    """Income or fees of one kind."""

    part: str
    kind: str
    value: Number
    bookings: list[str]  # at which prices its hours count it: that of the minute, closing of the hour


class PeriodGains(Shape):
    """What was gained on coins that went, against their average cost, and the change of what is unrealised.

    Together they are the price effect and trading of the same period.
    """

    realised: Number
    spent_gain: Number
    transferred_gain: Number
    unexplained_gain: Number
    unrealised_change: Number


class PeriodExplanation(Shape):
    """Why NAV changed in a period; the parts and `rest`, what no stored explanation covers, add up to `nav_change`.

    `gains` are null while hours of an earlier version have none yet.
    """

    account_id: int
    from_hour: Moment
    to_hour: Moment
    nav_change: Number
    price_effect: Number
    trading: Number
    positions: Number
    flows: Number
    income: Number
    fees: Number
    residual: Number
    rest: Number
    unexplained_hours: int
    kinds: list[Kind]
    gains: PeriodGains | None


class Health(Shape):
    """Whether the newest valued hour is fresh."""

    status: str
    newest_hour: Moment | None
    reason: str
