"""What one database says, made when it is first asked for and cached while it is true: frames, facts and answers."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from dashboard.alarms import STALE_AFTER, Alarm, judge_alarms
from dashboard.cache import Cache, CachedResponse, make_response, weigh
from dashboard.files.answer import Turns
from dashboard.frame import Frame, load_frame
from dashboard.history import Database
from dashboard.history.accounts import Account, load_accounts
from dashboard.history.alarms import load_alarm_facts
from dashboard.history.track import load_extent
from dashboard.history.version import load_version
from dashboard.view import View
from sql.rows import Db

MOST_FRAMES = 64
MOST_FACTS = 24 * 2**20  # bytes, of what pages and charts are made from
MOST_BYTES = 16 * 2**20  # of pages, charts and answers


class Facts:
    """What is known; `now` is the clock that ages are measured against."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self.turns = Turns()  # whose turn it is to have a file made
        self._database, self._now = database, now
        self._frames: Cache[Frame] = Cache(MOST_FRAMES)
        self._facts: Cache[Any] = Cache(MOST_FACTS, weigh)
        self._answers: Cache[CachedResponse] = Cache(MOST_BYTES, lambda answer: answer.size)

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
