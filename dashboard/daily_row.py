"""A row of the table of days."""

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

from dashboard.fields import Moment, Number, ReasonedRow

NOT_READ = (
    "Not everything that was held then has a price, or the hour was rebuilt, which does not show what was locked."
)
EARLIER = "Hours of an earlier version are computed by the next run."
NO_TRADES = "No trade had ended yet."


class DailySnapshot(ReasonedRow):
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

    why: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("available", "locked", "owed"), NOT_READ),
        "positions_value": "No trade was open then, or a coin of one has no price.",
        **dict.fromkeys(("realised", "unrealised"), EARLIER),
        "win_rate": "No trade that fills opened and closed had ended yet.",
        **dict.fromkeys(("average_net", "largest_win", "largest_loss"), NO_TRADES),
    }
