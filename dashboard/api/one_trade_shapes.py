"""What the JSON says of one trade."""

from dashboard.fields import Moment, Number, Shape


class Move(Shape):
    """Units that came into the trade or left it; `gain` is an exit's, before fees."""

    at: Moment
    hour: Moment
    effect: str
    type: str
    quantity: Number
    price: Number | None
    value: Number
    gain: Number
    order_id: str | None
    record: str | None


class ExitOfTrade(Shape):
    """What one order, or one move without an order, took out of it; `share` is of all that left, per cent.

    `fees` are those of its fills, null where the exchange does not say of which order a commission is; `net` is gain less fees.
    """

    at: Moment
    order_id: str | None
    exit_type: str
    quantity: Number
    price: Number | None
    gain: Number
    fees: Number | None
    net: Number | None
    share: Number | None
    is_partial: bool  # the trade stayed open
    stop_in_profit: bool  # a stop that followed the price
    reasons: dict[str, str]


class GroupedOrder(Shape):
    """An order of the trade and what it was given for; one that is preset is a price that was given with the order.

    `source` says how the role is known: note (the owner said it), exchange, client_id (by the name that it was given with), plan,
    legacy (an older system said it), inferred (from where its price lies: it may be wrong), unknown.
    """

    order_id: str
    symbol: str
    role: str  # ENTRY, TP1, TP2, SL or MANUAL
    source: str
    price: Number | None  # that it waits for, or else at which it was done
    is_preset: bool
    state: str | None  # null: the order was not read
    executed_quantity: Number | None
    average_price: Number | None
    ordered_at: Moment | None


class PaidFor(Shape):
    """What was paid for it, of one type in one coin."""

    type: str
    asset: str
    quantity: Number
    value: Number


class ExchangePosition(Shape):
    """The whole position by the exchange's account, in `settle_asset`; a figure of its own, never ours. `fees` are a cost."""

    exchange_id: str
    settle_asset: str
    profit: Number
    fees: Number
    funding: Number
    net: Number
    difference_reason: str | None  # null: it says what we do


class TradeByMethod(Shape):
    """The same trade by another method of cost: when a gain shows is another, all of them and what is left come to the same.

    `exit_gains` are those of `exits`, in their order; `gross_pnl` and `net_pnl` are all of them before and after fees; `spent_gain`
    was gained on units that went as fees; `cost_left` is the cost of what is still in the trade.
    """

    method: str
    exit_gains: list[Number]
    gross_pnl: Number
    net_pnl: Number
    spent_gain: Number
    cost_left: Number


class OneTrade(Shape):
    """A trade: gross less fees and interest, and funding, is net; what entered less what exited is left.

    What left without being sold is no part of gross: it is worth `transferred_gain` more than it had cost. `entry_fees` are those
    of `fees` that were paid for entering it; null where it was there when the history began (`basis` first_hour). Of a contract
    `settled_pnl` and the exchange's own `exchange_pnl` are gross in `settle_asset`; of an inverse one units are dollars.
    """

    id: str
    account_id: int  # a portfolio's is 0 or below
    exchange: str | None
    symbol: str
    asset: str
    market: str
    side: str
    state: str
    basis: str
    is_counted: bool
    entry_time: Moment
    exit_time: Moment | None
    hold_duration: str | None
    hold_seconds: int | None
    entry_price: Number | None
    exit_price: Number | None
    quantity: Number
    exited: Number
    left: Number
    greatest_notional: Number
    gross_pnl: Number
    fees: Number
    entry_fees: Number | None
    interest: Number
    funding: Number
    net_pnl: Number
    pnl_percentage: Number | None
    transferred_gain: Number
    exit_type: str | None
    leverage: Number | None
    margin_mode: str | None
    roe_percentage: Number | None
    roi_percentage: Number | None
    max_drawdown: Number | None
    mae: Number | None
    mfe: Number | None
    r_multiple: Number | None
    position_side: str | None
    settle_asset: str | None
    settled_pnl: Number | None
    exchange_pnl: Number | None
    exchange_entry_price: Number | None  # of a contract that was open when the history began, by its first reading
    exchange_difference: Number | None
    exchange_difference_reason: str | None
    exchange_position: ExchangePosition | None
    tags: list[str]
    note: str
    rating: int | None
    stop: Number | None  # known at its entry
    stop_source: str | None  # note: the owner's word; else how the role of the order is known, or plan
    path: list[Number] | None
    orders: list[str]
    group: list[GroupedOrder]
    moves: list[Move]
    exits: list[ExitOfTrade]
    by_method: TradeByMethod | None  # where another `method` is asked for
    paid: list[PaidFor]
    reasons: dict[str, str]
