"""Health: what the worker did, which hours have no figure and why, and how the figures agree with the exchange's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from dashboard.frame import Frame
from dashboard.history.alerts import load_alerts
from dashboard.history.holdings import load_wallets
from dashboard.history.runs import (
    NEWEST_RUN,
    RUN_COLUMNS,
    StatusCount,
    load_changes,
    load_checks,
    load_gaps,
    load_hours,
    load_log,
    load_runs,
)
from dashboard.listing import find_sheet, order_by
from dashboard.page import Model, Page
from finance.moments import hour_of
from sql.rows import Db

LONGEST_LOG = 50
MOST_GAPS = 100
MOST_ALERTS = 30
HOUR = timedelta(hours=1)
LACKING = "NOT RECORDED"


def make_health(db: Db, frame: Frame) -> Model:
    """Hours by status, gaps, differences to the exchange, alerts, changes of past hours, one sheet of the runs, the log."""
    since, through = frame.bounds
    hours = load_hours(db, frame.account_id, since, through)
    view, sheet = frame.view, find_sheet(frame.view)
    order = order_by(view, "runs", RUN_COLUMNS, NEWEST_RUN)
    runs = load_runs(db, sheet.limit, sheet.skip, find=view.find, order=order, zone=view.zone)
    return {
        "tally": tally_hours(hours, through),
        "gaps": load_gaps(db, frame.account_id, since, through, limit=MOST_GAPS),
        "unread": [row for row in load_wallets(db, frame.account_id) if row["state"] in ("refused", "counted")],
        "checks": load_checks(db, frame.account_id, since),
        "alerts": load_alerts(db, frame.account_id, since, MOST_ALERTS),
        "changes": load_changes(db, frame.account_id, since, limit=MOST_GAPS),
        "runs": runs[: view.rows],
        "has_more": len(runs) > view.rows,
        "log": load_log(db, frame.account_id, LONGEST_LOG),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of a period's hours have a status; `share` is of all that there should be."""

    status: str
    hours: int
    share: Decimal


def tally_hours(counts: Sequence[StatusCount], through: datetime | None) -> Callable[[datetime], list[Tally]]:
    """The hours by status as of a moment, with those that are over and that nobody recorded.

    They are counted from the first recorded hour to `through`, or to that moment.
    """

    def tally(now: datetime) -> list[Tally]:
        if not counts:
            return []
        first, last = min(one.first for one in counts), max(one.last for one in counts)
        over = hour_of(min(now, through) if through else now) - HOUR
        expected = (max(over, last) - first) // HOUR + 1
        lacking = expected - sum(one.hours for one in counts)
        found = [(one.status, one.hours) for one in counts] + ([(LACKING, lacking)] if lacking > 0 else [])
        return [Tally(status=status, hours=hours, share=Decimal(hours) / expected) for status, hours in found]

    return tally


HEALTH = Page(name="health", title="Health", path="/status", make=make_health, needs_history=False)
