"""The pages and charts of one database, made when they are first asked for and cached while they are true."""

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from functools import partial

from dashboard.cache import CachedResponse, make_response
from dashboard.charts.canvas import THEMES, finish
from dashboard.errors import NotThere
from dashboard.facts import Facts
from dashboard.frame import Frame
from dashboard.history import Database
from dashboard.history.rebuildings import load_rebuildings
from dashboard.history.runs import load_gaps
from dashboard.history.version import load_version
from dashboard.page import Chart, Page
from dashboard.pages import CHARTS
from dashboard.periods import EPOCH
from dashboard.progress import Progress, describe_progress
from dashboard.render import Setting, render_absence, render_page
from dashboard.view import View, read_view
from sql.rows import Db

HTML, SVG = "text/html; charset=utf-8", "image/svg+xml"


class Site(Facts):
    """What the dashboard shows of what is known."""

    def __init__(self, database: Database, now: Callable[[], datetime], has_login: bool = False) -> None:
        super().__init__(database, now)
        self._has_login = has_login

    def page(self, page: Page, view: View) -> CachedResponse:
        """A page as HTML. Raises BadChoice, NotThere and DatabaseAway."""
        minute = self._now().replace(second=0, microsecond=0)

        def name(frame: Frame, progress: Progress | None) -> Hashable:
            return page.name, view, frame.version, minute, progress

        def recall(db: Db) -> CachedResponse | None:
            frame = self._frames.recall((view, load_version(db)))
            return self._answers.recall(name(frame, self._progress(db, frame))) if frame else None

        def make(db: Db) -> CachedResponse:
            frame = self.frame(db, view, load_version(db))
            progress = self._progress(db, frame)
            return self._answers.get(name(frame, progress), lambda: self._render(db, page, frame, minute, progress))

        return self._database.glance(recall) or self._database.read(make)

    def _progress(self, db: Db, frame: Frame) -> Progress | None:
        found = load_rebuildings(db, frame.account_id, with_finished=False) if frame.account else ()
        return describe_progress(found, self._now())

    def _render(self, db: Db, page: Page, frame: Frame, now: datetime, progress: Progress | None) -> CachedResponse:
        setting = Setting(page=page, frame=frame, now=now, progress=progress, has_login=self._has_login)
        if frame.account is None or (page.needs_history and frame.span is None):
            gaps = load_gaps(db, frame.account_id, EPOCH, limit=1) if frame.account else ()
            reason = gaps[0].reason if gaps else ""
            return make_response(render_absence(setting, reason).encode(), HTML)
        return make_response(render_page(setting, self.fact(db, page.make, frame)).encode(), HTML)

    def chart(self, name: str, theme: str, parameters: Mapping[str, str]) -> CachedResponse:
        """A chart as SVG: the one of the version that the address names, if it is cached, else of what is known now.

        Raises BadChoice, NotThere and DatabaseAway.
        """
        view = read_view(parameters)
        if name not in CHARTS or theme not in THEMES:
            raise NotThere("There is no such chart.")
        key, draw = (name, theme, view), partial(self._draw, chart=CHARTS[name], theme=theme, view=view)
        return self._answers.recall((key, parameters.get("v", ""))) or self.answer(key, SVG, draw)

    def _draw(self, db: Db, version: str, chart: Chart, theme: str, view: View) -> bytes:
        frame = self.frame(db, view, version)
        if frame.account is None or frame.span is None:
            raise NotThere("There is nothing to draw in this period yet.")
        if chart.is_line and frame.span.is_one_hour:
            raise NotThere("A line needs two hours with a figure; the next one is at most an hour away.")
        facts = self.fact(db, chart.load, frame)
        if chart.part and facts.get(chart.part) is None:
            raise NotThere("There is nothing to draw in this period yet.")
        return finish(chart.draw(facts, THEMES[theme]))
