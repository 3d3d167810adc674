"""An hour to the last digit: what it realised and paid trade by trade, what is unrealised, and all else that makes its change."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.explanation import GAINS, PARTS
from dashboard.frame import Frame
from dashboard.history.hour_trades import TradeInHour, load_hour_trades, load_open_contracts_change
from dashboard.history.hours import load_hour_parts
from dashboard.history.rates import USDT
from finance.decimals import CONTEXT, total
from sql.rows import Db

OTHER_GAINS = ("spent_gain", "transferred_gain", "unexplained_gain")
UNREALISED = "Unrealised, change in this hour"


class Line(NamedTuple):
    """An amount and what it is; of a trade its name stands behind `name`."""

    name: str
    amount: Decimal
    trade: TradeInHour | None = None
    key: str = ""  # of the part that it is all or the rest of


class Digits(NamedTuple):
    """A change of NAV in USDT, exactly: `gains` come to `moved`, with `parts` to `change`, and with `before` to `after`."""

    gains: Sequence[Line]
    moved: Decimal  # by prices and trading
    parts: Sequence[Line]
    change: Decimal
    before: Decimal
    after: Decimal


def make_digits(db: Db, frame: Frame, since: datetime, hour: datetime, before: Decimal) -> Digits | None:
    """The digits of an hour that began with `before`; None for several hours, in another currency, and while gains are not
    known yet."""
    if frame.currency != USDT:
        return None
    rows = load_hour_parts(db, frame.account_id, since, hour)
    if len(rows) != 1 or rows[0].realised is None:
        return None
    (row,) = rows
    trades = load_hour_trades(db, frame.account_id, row.hour)
    known = {name: amount for name, amount in row._asdict().items() if isinstance(amount, Decimal)}
    by_selling = [Line("Realised in", one.gain, one) for one in trades if one.gain and not one.is_contract]
    gains = [*_with_rest(by_selling, known["realised"], "Realised outside of trades")]
    gains += [Line(GAINS[name], known[name]) for name in OTHER_GAINS if known[name]]
    gains.append(Line(UNREALISED, known["unrealised_change"]))
    parts = [
        *_with_rest(_list_positions(db, frame, row.hour, trades), known["positions"], PARTS["positions"]),
        *_with_rest([], known["flows"], PARTS["flows"]),
        *_with_rest(
            [Line("Funding of", one.funding, one) for one in trades if one.funding], known["income"], PARTS["income"]
        ),
        *_with_rest(
            [Line("Fees of", -one.paid, one) for one in trades if one.paid], known["fees"], PARTS["fees"], "fees"
        ),
        *_with_rest([], known["residual"], PARTS["residual"]),
    ]
    moved = total(line.amount for line in gains)
    change = total([moved, *(line.amount for line in parts)])
    return Digits(gains, moved, parts, change, before, CONTEXT.add(before, change))


def _list_positions(db: Db, frame: Frame, hour: datetime, trades: Sequence[TradeInHour]) -> list[Line]:
    """What contracts made in the hour: by closing, and by what is open of them."""
    lines = [Line("Positions: realised in", one.gain, one) for one in trades if one.gain and one.is_contract]
    opened = load_open_contracts_change(db, frame.account_id, hour)
    return [*lines, *([Line("Positions: change of what is open", opened)] if opened else [])]


def _with_rest(lines: Sequence[Line], whole: Decimal, name: str, key: str = "") -> Iterator[Line]:
    """The lines, and what they lack of the whole."""
    yield from lines
    if rest := CONTEXT.subtract(whole, total(line.amount for line in lines)):
        yield Line(f"{name}, other" if lines and name in PARTS.values() else name, rest, key=key)
