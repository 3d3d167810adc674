"""The days of a period, on Performance: what was held at the end of each, and how trades had gone."""

from decimal import Decimal

from dashboard.frame import Frame
from dashboard.history.daily import load_snapshots
from dashboard.history.track import load_ends
from dashboard.listing import find_sheet
from dashboard.page import Model
from dashboard.performance import compare
from dashboard.periods import Period, find_window
from sql.rows import Db


def make_days(db: Db, frame: Frame) -> Model:
    """One page of the days, the newest first, and how much the period's last 24 hours changed."""
    span, view, sheet = frame.shown, frame.view, find_sheet(frame.view)
    found = load_snapshots(db, frame.account_id, span.start.hour, span.end.hour, limit=sheet.limit, skip=sheet.skip)
    return {
        "snapshots": found[: view.rows],
        "has_more": len(found) > view.rows,
        "last_day": _change(db, frame),
    }


def _change(db: Db, frame: Frame) -> Decimal | None:
    """The account's return over 24 hours up to the period's end; None where there is none that long."""
    span = frame.shown
    window = find_window(Period(key="24h"), span.first, span.end.hour, frame.display.tz)
    if window is None or window.is_shorter:
        return None
    ends = load_ends(db, frame.account_id, frame.benchmark_name, window.since, window.until, frame.currency)
    return compare(*ends).account if ends else None
