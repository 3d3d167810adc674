"""The time of a worker whose venue stands still while it runs: its clock, and request limits that need no waiting."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.exchanges.http.limits import Weights
from monitor.exchanges.http.network import Clock
from paper.wire.limits import RecentCalls


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


class CountedWeights(Weights):
    """Counts what is used and holds nothing back."""

    async def spend(self, bucket: str, weight: int, account: object = None) -> None:
        """Count it."""
        self.used[bucket] += weight


def let_time_stand(patch: pytest.MonkeyPatch) -> None:
    """The worker's clock stands, and neither it nor the venue minds how many calls there are in a second.

    Both count limits in real time, of which a year that is lived in half an hour has too little.
    """
    patch.setattr("monitor.exchanges.http.network.Clock", StandingClock)
    patch.setattr("monitor.exchanges.http.network.Weights", CountedWeights)
    patch.setattr(RecentCalls, "count", lambda self, bucket, heard_at, weight=1: weight)
