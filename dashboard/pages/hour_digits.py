"""An hour to the last digit: what it realised trade by trade, what is unrealised, and all else that makes its change."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.explanation import GAINS, PARTS
from dashboard.frame import Frame
from dashboard.history.hours import TradeGain, load_hour_gains, load_hour_parts
from dashboard.history.rates import USDT
from finance.decimals import CONTEXT, total
from sql.rows import Db

OTHER_GAINS = ("spent_gain", "transferred_gain", "unexplained_gain")
OTHER_PARTS = ("positions", "flows", "income", "fees", "residual")
UNREALISED = "Unrealised, change in this hour"


class Digits(NamedTuple):
    """A change of NAV in USDT, exactly: `trades`, `beside` and `gains` come to `moved`, and with `parts` to `change`."""

    trades: Sequence[TradeGain]
    beside: Decimal  # realised outside of trades: on stablecoins, bank money, rewards and dust
    gains: Sequence[tuple[str, Decimal]]
    moved: Decimal  # by prices and trading
    parts: Sequence[tuple[str, str, Decimal]]  # a part's key, its name, and what it came to
    change: Decimal


def make_digits(db: Db, frame: Frame, since: datetime, hour: datetime) -> Digits | None:
    """The hour's digits; None for several hours, in another currency, and while gains are not known yet."""
    if frame.currency != USDT:
        return None
    rows = load_hour_parts(db, frame.account_id, since, hour)
    if len(rows) != 1 or rows[0].realised is None:
        return None
    (row,) = rows
    trades = load_hour_gains(db, frame.account_id, row.hour)
    known = {name: amount for name, amount in row._asdict().items() if isinstance(amount, Decimal)}
    beside = CONTEXT.subtract(known["realised"], total(one.gain for one in trades))
    gains = [(GAINS[name], known[name]) for name in OTHER_GAINS if known[name]]
    gains.append((UNREALISED, known["unrealised_change"]))
    moved = total([known["realised"], *(amount for _, amount in gains)])
    parts = [(name, PARTS[name], known[name]) for name in OTHER_PARTS if known[name]]
    return Digits(trades, beside, gains, moved, parts, total([moved, *(amount for *_, amount in parts)]))
