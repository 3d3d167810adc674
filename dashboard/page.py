"""What a page is made of. A new page is a module in dashboard/pages, a template of its name, and a line in PAGES."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from matplotlib.figure import Figure

from dashboard.charts.canvas import Theme
from dashboard.frame import Frame
from dashboard.reading import HOUR, Reading
from sql.rows import Db

Model = dict[str, Any]
Reader = Callable[[Db, Frame, Callable[[], Any], datetime], Reading]  # the third gives what the chart is drawn from


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing that belongs to a page: its facts from the database, and how they are drawn in a theme."""

    name: str
    load: Callable[[Db, Frame], Any]
    draw: Callable[[Any, Theme], Figure]
    part: str = ""  # of the facts: without it there is nothing to draw
    is_line: bool = False  # through the hours of the period: a single one makes none
    read: Reader | None = None  # what it says of a moment
    step: timedelta = HOUR  # from one of its moments to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: its template is `templates/{name}.html` and gets what `make` returns, beside frame, view and now."""

    name: str
    title: str
    path: str
    make: Callable[[Db, Frame], Model]
    charts: tuple[Chart, ...] = ()
    home: str = ""  # the path of the page this one belongs to, for a page that is not in the navigation
    is_of_period: bool = False  # of such a page: another period is picked on it, not on its home
    needs_history: bool = True  # False: it has something to say before the first valued hour
