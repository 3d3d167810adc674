"""The answers about measures and the market."""

from datetime import date

from dashboard.api.trade_metrics_shapes import TradeFigures
from dashboard.fields import Moment, Number, Shape


class Figure(Shape):
    """A measure of one side: a value, or the reason why there is none."""

    value: Number | None
    unavailable_because: str
    standard_error: Number | None
    observations: int | None
    is_tentative: bool
    on: date | None
    candidates: list[Number]


class Metric(Shape):
    """One measure; one between account and benchmark (beta) stands under `account` alone."""

    key: str
    name: str
    meaning: str
    unit: str
    account: Figure
    benchmark: Figure | None
    difference: Figure | None


class Metrics(TradeFigures):
    """All measures of a period, and what they rest on (null: nothing could be measured); and of the trades closed in it.

    `roi_percentage` is the time-weighted return: deposits are no part of it.
    """

    period: str
    period_start: Moment
    period_end: Moment
    roi_percentage: Number | None

    account_id: int
    benchmark: str
    started_at: Moment | None
    ended_at: Moment | None
    hours: int | None
    hours_valued: int | None
    metrics: list[Metric]


class Window(Shape):
    """The mean of closes over a window, against the window just before.

    An hour is the mean of its 60 one-minute closes, a day of 24 and a week of 168 one-hour closes.
    """

    symbol: str
    window: str
    window_start: Moment
    window_end: Moment
    average: Number | None
    previous_average: Number | None
    change_percent: Number | None
    volume: Number
    taker_buy_share: Number | None
    closes: int
    closes_expected: int


class Windows(Shape):
    """Windows of a symbol or of several."""

    windows: list[Window]


class WindowHistory(Shape):
    """How a window moved from hour to hour; `next_start_time` is where a longer history goes on."""

    symbol: str
    window: str
    windows: list[Window]
    next_start_time: Moment | None


class ReadValue(Shape):
    """A figure of a chart; a return is a fraction."""

    name: str
    amount: Number
    unit: str
    text: str


class ChartReading(Shape):
    """What a chart says of a moment; without any value the reason why."""

    at: Moment
    when: str
    reason: str
    note: str  # of what no record explains in it; empty: nothing
    values: list[ReadValue]
