"""Hours: every hour of the period in a list, to be sorted by what it made and searched for what was wrong."""

from dashboard.frame import Frame
from dashboard.history.hour_list import COLUMNS, NEWEST, load_hour_list
from dashboard.listing import find_sheet, order_by
from dashboard.page import Model, Page
from sql.rows import Db


def make_hours(db: Db, frame: Frame) -> Model:
    """One page of the list."""
    view, sheet = frame.view, find_sheet(frame.view)
    since, through = frame.bounds
    hours = load_hour_list(
        db,
        frame.account_id,
        frame.benchmark.name if frame.benchmark else "",
        frame.span.start.hour if frame.span else since,
        through,
        find=view.find,
        order=order_by(view, "hours", COLUMNS, NEWEST),
        limit=sheet.limit,
        skip=sheet.skip,
        currency=frame.currency,
        zone=view.zone,
    )
    return {"hours": hours[: view.rows], "has_more": len(hours) > view.rows}


HOURS = Page(
    name="hours",
    title="Hours",
    path="/hours",
    make=make_hours,
    home="/explain",
    is_of_period=True,
    needs_history=False,
)
