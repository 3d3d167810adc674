"""The clock of a worker whose venue stands still while it runs."""

from datetime import UTC, datetime, timedelta

from monitor.exchanges.http.network import Clock


class StandingClock(Clock):
    """Stands where the exchange's time was read last.

    On a busy machine a run takes longer than a stamp may be ahead of the exchange's clock, and the venue's stands.
    """

    __slots__ = ("_stood_at",)

    def __init__(self) -> None:
        self._stood_at: datetime | None = None

    @property
    def behind(self) -> timedelta:  # type: ignore[override]
        """How far the machine's clock, which goes on, is from it by now."""
        return self.now() - datetime.now(UTC)

    def now(self) -> datetime:
        """The exchange's time."""
        return self._stood_at or datetime.now(UTC)

    def set(self, now: datetime) -> None:
        """Stand there."""
        self._stood_at = now
