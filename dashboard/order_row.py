"""What the rows of the table of orders hold."""

from dashboard.fields import Moment, Number, Shape


class Order(Shape):
    """An order as it was last seen; `key` stays the same whatever becomes of it."""

    key: str
    account_id: int
    label: str
    market: str
    symbol: str
    exchange_id: str
    client_id: str
    base_asset: str  # empty, like the quote's, where nothing says it
    quote_asset: str
    side: str
    type: str
    position_side: str
    reduces: bool
    quantity: Number | None  # null: given for an amount of the quote, or without one for the whole position
    quote_quantity: Number | None
    price: Number | None  # null: at the market's
    trigger_price: Number | None
    executed_quantity: Number
    executed_quote: Number | None
    average_price: Number | None
    state: str
    parent_id: str
    list_id: str
    became_id: str  # of the order that it became once its trigger was reached
    take_profit: Number | None  # the price at which what it opens is to be closed at a profit, given with it
    stop_loss: Number | None
    leverage: Number | None
    margin_mode: str  # cross or isolated; empty: not said
    role: str | None  # what it was given for in its trade: ENTRY, TP1, TP2, SL, MANUAL; null: it is of no trade
    role_source: (
        str | None
    )  # note (the owner said it), exchange, client_id, plan, legacy, inferred (it may be wrong), unknown
    source: str  # exchange, or legacy: an older system, of an order that the exchange has not shown
    note: str  # that an older system kept of it
    ordered_at: Moment
    updated_at: Moment
