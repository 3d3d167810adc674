"""What a row of money in or out holds."""

from dashboard.fields import Moment, Number, Shape


class Flow(Shape):
    """Money in or out, as its newest revision says; `quantity` is signed and contains the fee."""

    transaction_id: int
    account_id: int
    label: str
    at: Moment
    kind: str
    exchange_id: str
    revision: int
    state: str
    treatment: str
    is_manual: bool
    note: str
    exchange_status: str
    asset: str
    amount: Number
    fee: Number
    quantity: Number
    requested_at: Moment
    occurred_at: Moment | None
    first_seen_at: Moment
    price: Number | None
    price_source: str | None
    value: Number | None
    nav_before: Number | None
    unit_price: Number | None
    units: Number | None
    estimated: bool
    reason: str
    counted_at: Moment | None  # from when on it counts: later than it occurred, if nothing priced its coin then
    in_opening: bool  # it came before the first reading: the opening contains it
    exchange: str
    status: str  # pending, success, failed, or unknown where nobody knows the exchange's word
    network: str  # over which it went, and where to, as the exchange says; empty where it doesn't
    address: str
    transaction: str
    currency: str  # of amounts without an asset of their own


class FlowRevision(Shape):
    """What was known of a flow at some time; the highest revision counts."""

    transaction_id: int
    account_id: int
    kind: str
    exchange_id: str
    revision: int
    state: str
    treatment: str
    is_manual: bool
    note: str
    exchange_status: str
    asset: str
    amount: Number
    fee: Number
    occurred_at: Moment | None
    first_seen_at: Moment
