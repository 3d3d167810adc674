"""A row of the table of days."""

import datetime as dt

from dashboard.fields import Moment, Number, Shape


class DailySnapshot(Shape):
    """The last valued hour of a day, UTC, and how trades had gone up to there; amounts in USDT, `win_rate` in per cent of the trades that fills opened and closed. Null is what is not known, or what there was none of."""

    account_id: int
    date: dt.date
    hour: Moment
    total: Number
    available: Number | None
    locked: Number | None
    owed: Number | None
    positions_value: Number | None
    realised: Number | None
    unrealised: Number | None
    open_trades: int
    trades: int
    won: int
    lost: int
    win_rate: Number | None
    fees: Number
    average_net: Number | None
    largest_win: Number | None
    largest_loss: Number | None
    currency: str
