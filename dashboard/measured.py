"""The measures of the period that a page shows."""

from datetime import timedelta

from dashboard.frame import Frame
from dashboard.history.series import load_flow_points, load_series
from finance.measures import Measures, Period, measure
from sql.rows import Db


def load_measures(db: Db, frame: Frame) -> Measures:
    """All measures of the period of a frame that has one."""
    since = frame.shown.start.hour
    until = max(frame.shown.end.hour, since + timedelta(hours=1))
    series = load_series(db, frame.account_id, frame.benchmark_name, since, until)
    flows = load_flow_points(db, frame.account_id, frame.benchmark_name)
    return measure(series, flows, Period(start=since, end=until))
