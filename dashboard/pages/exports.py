"""Take away: reports, tables as files, and a day's end."""

from datetime import timedelta

from dashboard.frame import Frame
from dashboard.page import Model, Page
from dashboard.tables import TABLES
from sql.rows import Db


def make_exports(db: Db, frame: Frame) -> Model:
    """The files there are, and the last day of the last whole year or month that the history has."""
    first, last = frame.shown.first, frame.shown.last
    month_ended = last.replace(day=1, hour=0)
    year_ended = month_ended.replace(month=1)
    ended = next((end for end in (year_ended, month_ended, last.replace(hour=0)) if end >= first), last)
    return {"tables": TABLES.values(), "day": (ended - timedelta(hours=1)).date()}


EXPORTS = Page(name="exports", title="Exports", path="/exports", make=make_exports)
