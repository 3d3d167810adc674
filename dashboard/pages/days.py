"""The days of a period, on Performance: what was held at the end of each, and what the day brought."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from dashboard.frame import Frame
from dashboard.history.daily import Day, Traded, find_baseline, load_days, load_traded
from dashboard.history.track import load_ends
from dashboard.listing import find_sheet
from dashboard.page import Model
from dashboard.performance import compare
from dashboard.periods import Period, find_window
from sql.rows import Db

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """A day of UTC, up to its last valued hour; amounts in USDT."""

    end: Day
    realised: Decimal | None  # on the day; None: not known of all its hours
    unrealised: Decimal | None
    traded: Traded


def make_days(db: Db, frame: Frame) -> Model:
    """One page of the days, the newest first, and how much the period's last 24 hours changed."""
    span, sheet = frame.shown, find_sheet(frame.view)
    first = span.start.hour.astimezone(UTC).date()
    last = span.end.hour.astimezone(UTC).date() - timedelta(sheet.skip)
    begin = max(first, last - timedelta(frame.view.rows - 1))
    return {
        "days_of": load_day_lines(db, frame, begin, last) if last >= first else [],
        "has_more": begin > first,
        "last_day": _change(db, frame),
    }


def load_day_lines(db: Db, frame: Frame, first: date, last: date) -> list[DayLine]:
    """The days from one to another that have a valued hour, the newest first; what was realised since the day before."""
    begin, end = (datetime.combine(day, time(), UTC) for day in (first, last + DAY))
    baseline = find_baseline(db, frame.account_id, begin)
    if baseline is None:
        return []
    until = min(end - timedelta(hours=1), frame.shown.end.hour)
    days = load_days(db, frame.account_id, baseline, until)
    if baseline >= begin:  # the history begins in these days
        days = (*load_days(db, frame.account_id, baseline, baseline), *days)
    shown = {one.hour: one for one in load_traded(db, frame.account_id, [day.hour for day in days[1:]])}
    lines = [
        DayLine(
            end=day,
            realised=None if day.moved is None else day.moved - (day.contracts - earlier.contracts),
            unrealised=None if day.unrealised is None else day.unrealised + day.contracts,
            traded=shown[day.hour],
        )
        for earlier, day in pairwise(days)
    ]
    return lines[::-1]


def _change(db: Db, frame: Frame) -> Decimal | None:
    """The account's return over 24 hours up to the period's end; None where there is none that long."""
    span = frame.shown
    window = find_window(Period(key="24h"), span.first, span.end.hour, frame.display.tz)
    if window is None or window.is_shorter:
        return None
    ends = load_ends(db, frame.account_id, frame.benchmark_name, window.since, window.until, frame.currency)
    return compare(*ends).account if ends else None
