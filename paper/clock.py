"""The venue's clock: follows real time, or stands until it is moved; it never goes back."""

from datetime import UTC, datetime, timedelta

TICK = timedelta(microseconds=1)


class VenueClock:
    """Time as the venue has it, aware UTC."""

    def __init__(self, start: datetime | None = None, *, follows: bool = True) -> None:
        self._ahead = (start or _real_now()) - _real_now()
        self._stands_at = None if follows else (start or _real_now())
        self._told: datetime | None = None  # last, while it runs

    def now(self) -> datetime:
        """The venue's time: while it runs never the same twice, so that nothing happens at a moment that was looked at."""
        if self._stands_at:
            return self._stands_at
        now = _real_now() + self._ahead
        if self._told and now <= self._told:  # the machine's clock was put back
            now = self._told + TICK
        self._told = now
        return now

    def stand_at(self, moment: datetime) -> None:
        """Move to `moment` and stand there. Raises ValueError if it is in the venue's past."""
        if moment < self.now():
            raise ValueError(f"the clock stands at {self.now().isoformat()} and can't go back to {moment.isoformat()}")
        self._stands_at = moment

    def advance(self, step: timedelta) -> None:
        """Move forward by `step`; a standing clock keeps standing."""
        if step < timedelta():
            raise ValueError("the clock can't go back")
        if self._stands_at is None:
            self._ahead += step
        else:
            self._stands_at += step

    def follow(self, *, real: bool = False) -> None:
        """Run at real speed from here; from the real time if `real`."""
        here = max(self.now(), _real_now()) if real else self.now()
        self._ahead, self._stands_at = here - _real_now(), None


def _real_now() -> datetime:
    return datetime.now(UTC)
