"""How far the rebuilding of a month is: said in the terminal, and recorded for the pages."""

from datetime import datetime, timedelta
from math import ceil, inf
from time import monotonic

from monitor.recovery.store.rebuildings import record_progress
from sql.rows import Db

SAID_EVERY_SECONDS = 10.0
RECORDED_EVERY_SECONDS = 1.0
LEAST_SHARE = 0.05  # that shows how long the rest takes


class Clock:
    """The exchange's time, counted on from when it was asked."""

    def __init__(self, now: datetime) -> None:
        self._now, self._asked_at = now, monotonic()

    def __call__(self) -> datetime:
        """The time now."""
        return self._now + timedelta(seconds=monotonic() - self._asked_at)


class Progress:
    """How far a month is, for the terminal and for the pages."""

    def __init__(self, db: Db, account_id: int, label: str, month: datetime, clock: Clock) -> None:
        self._db, self._account_id, self._label, self._month, self._clock = db, account_id, label, month, clock
        self._began = monotonic()
        self._said_at, self._recorded_at = self._began, -inf

    def __call__(self, words: str, share: float | None = None) -> None:
        """Note which share of the month is done."""
        if share is None:
            return
        now = monotonic()
        seconds = (now - self._began) * (1 - share) / share if share >= LEAST_SHARE else None
        if now - self._recorded_at >= RECORDED_EVERY_SECONDS:
            self._recorded_at = now
            left = None if seconds is None else ceil(seconds)
            record_progress(self._db, self._account_id, int(100 * share), left, self._clock())
        if now - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = now
            print(
                f"{self._label}: rebuilding {self._month:%Y-%m}: {int(100 * share)} %{_describe(seconds)}", flush=True
            )


def _describe(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f", about {ceil(seconds / 60)} min" if seconds > 60 else ", less than a minute"
