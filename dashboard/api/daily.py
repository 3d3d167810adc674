"""/api/portfolio/equity-curve, and what /api/portfolio/snapshot says of balances and trading: what is not known is null, and
`reasons` says why.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboard.api import shapes
from dashboard.api.lists import list_rows
from dashboard.api.queries import Listed
from dashboard.api.replies import may_say, reply_framed
from dashboard.daily_row import EARLIER, NOT_READ
from dashboard.fields import Number, Shape
from dashboard.frame import Frame
from dashboard.history.accounts import load_accounts, load_members
from dashboard.history.daily import Day, load_balance, load_days, load_moved, load_trading
from dashboard.performance import compare
from dashboard.rows import SeriesHour
from dashboard.tables import TABLES
from finance.decimals import CONTEXT
from sql.rows import Db

router = APIRouter()
FIGURES = ("initial_balance", "current_balance", "total_return_percentage")
PERCENT = Decimal(100)
NO_PRICE = "A coin of an open trade has no price."
SEVERAL = "These are accounts at several exchanges."
NO_TRADES = "No trade that fills opened and closed has ended yet."
NOTHING_INVESTED = "Nothing was invested at the beginning of the period."
NO_HOURS = "There is no valued hour in this period."


class DataPoint(Shape):
    """The last valued hour of a day, UTC; `realized_pnl` is since the beginning of the period."""

    date: date
    balance: Number
    realized_pnl: Number | None
    unrealized_pnl: Number | None


class EquityCurve(shapes.Listing[SeriesHour]):
    """A page of hours, and of the whole period its days; the return is time-weighted: deposits are no part of it."""

    data_points: list[DataPoint]
    initial_balance: Number | None
    current_balance: Number | None
    total_return_percentage: Number | None
    reasons: dict[str, str]


@router.get("/portfolio/equity-curve", name="series", responses=may_say(EquityCurve), summary=TABLES["series"].title)
def equity_curve(request: Request, asked: Annotated[Listed, Query()]) -> Response:
    """Account and benchmark hour by hour, a page at a time; and balances day by day, with what was realised."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _curve(db, frame, asked))


def _curve(db: Db, frame: Frame, asked: Listed) -> EquityCurve:
    page = list_rows(db, frame, TABLES["series"], asked)
    listed: dict[str, Any] = {"rows": page.rows, "next_cursor": page.next_cursor}
    if frame.span is None:
        nothing: dict[str, Any] = dict.fromkeys(FIGURES)
        return EquityCurve(**listed, data_points=[], **nothing, reasons=dict.fromkeys(FIGURES, NO_HOURS))
    start, end = frame.shown.start, frame.shown.end
    grown = compare(start, end).account
    days = load_days(db, frame.account_id, start.hour, end.hour)
    [first] = load_days(db, frame.account_id, start.hour, start.hour)
    points = [
        DataPoint(date=day.date, balance=day.balance, realized_pnl=realised, unrealized_pnl=_unrealised(day))
        for day, realised in zip(days, sum_up(days, first.contracts), strict=True)
    ]
    reasons = {} if grown is not None else {"total_return_percentage": NOTHING_INVESTED}
    if any(point.realized_pnl is None or point.unrealized_pnl is None for point in points):
        reasons["data_points"] = EARLIER
    return EquityCurve(
        **listed,
        data_points=points,
        initial_balance=start.nav,
        current_balance=end.nav,
        total_return_percentage=None if grown is None else CONTEXT.multiply(grown, PERCENT),
        reasons=reasons,
    )


def sum_up(days: Sequence[Day], before: Decimal) -> list[Decimal | None]:
    """What had been realised at the end of each day, since the first one's beginning: what contracts made is realised but
    for what is open of it, which was `before` then."""
    sums: list[Decimal | None] = [Decimal(0)]
    for day in days:
        sums.append(_add(sums[-1], day.moved))
    pairs = zip(days, sums[1:], strict=True)
    return [None if moved is None else moved - (day.contracts - before) for day, moved in pairs]


def _add(moved: Decimal | None, more: Decimal | None) -> Decimal | None:
    return None if moved is None or more is None else moved + more


def _unrealised(day: Day) -> Decimal | None:
    return None if day.unrealised is None else day.unrealised + day.contracts


def describe_standing(db: Db, frame: Frame) -> dict[str, Any]:
    """What `/api/portfolio/snapshot` adds: balances, positions and results at the period's last hour."""
    end = frame.shown.end
    balance = load_balance(db, frame.account_id, end.hour)
    trading = load_trading(db, frame.account_id, end.hour)
    [now] = load_days(db, frame.account_id, end.hour, end.hour)
    [first] = load_days(db, frame.account_id, frame.shown.first, frame.shown.first)
    moved = load_moved(db, frame.account_id, end.hour)
    exchange = _find_exchange(db, frame)
    rate = CONTEXT.divide(PERCENT * trading.won, Decimal(trading.counted)) if trading.counted else None
    known = {
        "exchange": (exchange, SEVERAL),
        "available_balance": (balance.available, NOT_READ),
        "locked_balance": (balance.locked, NOT_READ),
        "owed_balance": (balance.owed, NOT_READ),
        "total_positions_value": (trading.open_value, NO_PRICE),
        "unrealized_pnl": (_unrealised(now), EARLIER),
        "total_realized_pnl": (None if moved is None else moved - (now.contracts - first.contracts), EARLIER),
        "win_rate": (rate, NO_TRADES),
    }
    return {
        **{name: value for name, (value, _) in known.items()},
        "total_balance": end.nav,
        "open_positions_count": trading.open + trading.contracts,
        "snapshot_date": end.hour.date(),
        "reasons": {name: reason for name, (value, reason) in known.items() if value is None},
    }


def _find_exchange(db: Db, frame: Frame) -> str | None:
    """The exchange of what is shown; None where there are several."""
    if frame.account and not frame.is_portfolio:
        return frame.account.exchange
    members = {shapes.Member(**row).account_id for row in load_members(db, frame.account_id)}
    exchanges = {row.exchange for row in load_accounts(db) if row.account_id in members}
    return exchanges.pop() if len(exchanges) == 1 else None
