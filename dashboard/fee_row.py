"""What a row of the table of fees holds."""

from collections.abc import Mapping
from typing import ClassVar

from dashboard.fields import Moment, Number, ReasonedRow


class Fee(ReasonedRow):
    """What was paid, in a coin and in USDT, and the trade whose result it lowers; a rebate is negative. `hour` is the one in Explain, null of a withdrawal's network fee, which is part of its flow. A portfolio has its accounts', each with that account's trade; of what went from one to another it has the network fee alone, a TRANSFER."""

    id: str
    account_id: int
    exchange: str
    at: Moment
    hour: Moment | None
    type: str
    transaction_type: str
    asset: str
    quantity: Number
    value: Number | None
    symbol: str
    trade_id: str | None
    order_id: str
    record: str
    currency: str  # of `value`

    why: ClassVar[Mapping[str, str]] = {
        "hour": "It is part of what was withdrawn.",
        "value": "Nothing says what its coin cost then.",
        "trade_id": "It lowers the result of no trade.",
    }
