"""The pages, charts and health of one database, made when they are first asked for and cached while they are true."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from dashboard.alarms import STALE_AFTER, Alarm, judge_alarms
from dashboard.cache import Cache, CachedResponse, make_response, weigh
from dashboard.charts.canvas import THEMES, finish
from dashboard.errors import NotThere
from dashboard.files.answer import Turns
from dashboard.frame import Frame, load_frame
from dashboard.history import Database
from dashboard.history.accounts import Account, load_accounts
from dashboard.history.alarms import load_alarm_facts
from dashboard.history.rebuildings import load_rebuildings
from dashboard.history.runs import load_gaps
from dashboard.history.track import load_extent
from dashboard.history.version import load_version
from dashboard.page import Chart, Page
from dashboard.pages import CHARTS
from dashboard.periods import EPOCH
from dashboard.progress import Progress, describe_progress
from dashboard.render import Setting, render_absence, render_page
from dashboard.view import View, read_view
from sql.rows import Db

HTML, SVG = "text/html; charset=utf-8", "image/svg+xml"
MOST_FRAMES = 64
MOST_FACTS = 24 * 2**20  # bytes, of what pages and charts are made from
MOST_BYTES = 16 * 2**20  # of pages and charts


class Site:
    """What the dashboard answers; `now` is the clock that ages are measured against."""

    def __init__(self, database: Database, now: Callable[[], datetime], has_login: bool = False) -> None:
        self.turns = Turns()  # whose turn it is to have a file made
        self._database, self._now, self._has_login = database, now, has_login
        self._frames: Cache[Frame] = Cache(MOST_FRAMES)
        self._facts: Cache[Any] = Cache(MOST_FACTS, weigh)
        self._answers: Cache[CachedResponse] = Cache(MOST_BYTES, lambda answer: answer.size)

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

    def answer(self, key: Hashable, media_type: str, make: Callable[[Db, str], bytes]) -> CachedResponse:
        """What `make` says of the database and its version, cached under `key`. Raises DatabaseAway, and what it does."""

        def recall(db: Db) -> CachedResponse | None:
            return self._answers.recall((key, load_version(db)))

        def find(db: Db) -> CachedResponse:
            version = load_version(db)
            return self._answers.get((key, version), lambda: make_response(make(db, version), media_type))

        return self._database.glance(recall) or self._database.read(find)

    @contextmanager
    def reading(self, view: View, on_wait: Callable[[], None] = lambda: None) -> Iterator[tuple[Db, Frame]]:
        """The database and the frame of a view, for what is too large to be cached. Raises DatabaseAway and Busy.

        `on_wait` is called while the database is waited for; GivenUp from it ends the statement there, too.
        """
        with self._database.reading(on_wait) as db:
            yield db, self.frame(db, view, load_version(db))

    def frame(self, db: Db, view: View, version: str) -> Frame:
        """The frame of a view. Raises BadChoice and NotThere."""
        return self._frames.get((view, version), lambda: load_frame(db, view, version))

    def fact(self, db: Db, load: Callable[[Db, Frame], Any], frame: Frame) -> Any:
        """What `load` finds; a page and its charts that load with the same function share it."""
        key = (load, replace(frame.view, refreshes=True), frame.version)
        return self._facts.get(key, lambda: load(db, frame))

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

    def alarms(self) -> list[Alarm]:
        """What stands now, of every account. Raises DatabaseAway."""
        facts = self._database.read(lambda db: load_alarm_facts(db, None))
        return judge_alarms(facts, self._now())

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether every account's newest valued hour is fresh, and what `/health` says. Raises DatabaseAway."""

        def find(db: Db) -> list[tuple[Account, datetime | None]]:
            accounts = [account for account in load_accounts(db) if account.account_id > 0]
            return [(account, load_extent(db, account.account_id).last) for account in accounts]

        now, found = self._now(), self._database.read(find, is_aside=True)
        lasts = {account.label: last for account, last in found}
        newest = max((last for last in lasts.values() if last), default=None)
        since = {account.label: last or account.created_at for account, last in found}
        late = [label for label in since if newest is None or now - since[label] > STALE_AFTER]
        is_fresh = newest is not None and not late
        payload = {"status": "ok" if is_fresh else "late", "newest_hour": newest.isoformat() if newest else None}
        return is_fresh, payload if is_fresh else payload | {"late": late, "reason": _describe_late(lasts, late)}


def _describe_late(lasts: Mapping[str, datetime | None], late: list[str]) -> str:
    known = ((label, lasts[label]) for label in late)
    texts = [
        f"{label}: no complete hour {f'since {last:%Y-%m-%d %H:%M} UTC' if last else 'yet'}" for label, last in known
    ]
    return "; ".join(texts) or "no account is tracked"
