"""What the JSON says of closed trades together. What is not known is null, and `reasons` says why; per cent keys are per cent."""

from dashboard.fields import Moment, Number, Shape


class TradeFigures(Shape):
    """Of trades that fills opened and closed, after fees and interest; `few_trades`: below 30 ratios say little.

    `fees_by_type` has interest and funding, too: what was paid; a rebate and funding that was got are negative.
    `max_drawdown` is the greatest fall of cumulative net, `roi_of_trades_percentage` is net of what was invested in each trade
    on average over its time.
    """

    total_trades: int
    winning_trades: int
    losing_trades: int
    breakeven_trades: int
    win_rate: Number | None
    total_net_pnl: Number
    total_gross_pnl: Number
    total_fees: Number
    total_interest: Number
    total_funding: Number
    fees_by_type: dict[str, Number]
    volume: Number
    maker_volume: Number | None
    taker_volume: Number | None
    gross_profit: Number
    gross_loss: Number
    average_pnl_per_trade: Number | None
    average_win: Number | None
    average_loss: Number | None
    largest_win: Number | None
    largest_loss: Number | None
    profit_factor: Number | None
    payoff_ratio: Number | None
    expectancy_ratio: Number | None
    kelly_percentage: Number | None
    sqn: Number | None
    sqn_100: Number | None
    sqn_is_of_r: bool
    trades_with_risk: int
    average_risk: Number | None
    average_r_multiple: Number | None
    best_r_multiple: Number | None
    worst_r_multiple: Number | None
    longest_winning_streak: int
    longest_losing_streak: int
    current_winning_streak: int
    current_losing_streak: int
    average_hold_seconds: int | None
    median_hold_seconds: int | None
    max_drawdown: Number | None
    roi_of_trades_percentage: Number | None
    few_trades: bool
    reasons: dict[str, str]


class TradeGroup(TradeFigures):
    """Trades of one symbol, side, hour of opening …; an empty name: they have none."""

    group: str


class TradeMetricsOf(Shape):
    """A period and its trades, all together and in groups; `not_counted` were closed but began or ended otherwise than by fills."""

    period: str
    period_start: Moment
    period_end: Moment
    by: str | None
    not_counted: int
    total: TradeFigures
    groups: list[TradeGroup]
