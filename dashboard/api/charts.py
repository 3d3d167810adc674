"""/api/charts/{name}: what a chart of the pages says of a moment, as its read-out shows it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from dashboard.api import measured_shapes as shapes
from dashboard.api.queries import Read, read_time
from dashboard.api.replies import facts_of, may_say, reply_framed, require_history
from dashboard.errors import NotThere
from dashboard.facts import Facts
from dashboard.frame import Frame
from dashboard.page import Chart
from dashboard.pages import CHARTS
from dashboard.reading import say_unexplained
from sql.rows import Db

router = APIRouter()
READABLE = [name for name, chart in CHARTS.items() if chart.read]
Name = Annotated[str, Path(pattern=r"^[a-z]{1,20}$", description=f"One of {', '.join(READABLE)}.")]


@router.get("/charts/{name}", responses=may_say(shapes.ChartReading), summary="A chart at a moment")
def reading(request: Request, name: Name, asked: Annotated[Read, Query()]) -> Response:
    """The figures that the lines of a chart have at a moment, in a currency and by the clock of a time zone."""
    if name not in READABLE:
        raise NotThere(f"There is no such chart. Those that are read: {', '.join(READABLE)}.")
    moment, facts = read_time(asked.at, "at"), facts_of(request)
    assert moment
    return reply_framed(
        request, asked, asked.view, lambda db, frame: _read(facts, db, require_history(frame), CHARTS[name], moment)
    )


def _read(facts: Facts, db: Db, frame: Frame, chart: Chart, moment: datetime) -> shapes.ChartReading:
    assert chart.read
    found = chart.read(db, frame, lambda: facts.fact(db, chart.load, frame), moment)
    return shapes.ChartReading(
        at=found.at,
        when=frame.display.utc(found.at),
        reason=found.reason,
        note=say_unexplained(frame.marked, found.at, chart.step, chart.is_line) if found.values else "",
        values=[shapes.ReadValue(**value._asdict()) for value in found.values],
    )
