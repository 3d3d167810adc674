"""Weights of an endpoint within ten seconds, and calls of contracts within two; more is refused."""

from datetime import datetime

from paper.wire.dialect import Route
from paper.wire.limits import RecentCalls
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

SPOT_SECONDS, SPOT_WEIGHT = 10.0, 500
CONTRACT_SECONDS, CONTRACT_CALLS = 2.0, 20
DETAIL_SECONDS = 5.0  # in which one call for all contracts is answered
CONTRACT, DETAIL = "/api/v1/", "/api/v1/contract/detail"
TOO_FREQUENT = Refusal(510, "Requests are too frequent. Please try again later.", 200)


class UsedLately:
    """What was asked of each endpoint, by real time."""

    def __init__(self) -> None:
        self._spot, self._contract = RecentCalls(SPOT_SECONDS), RecentCalls(CONTRACT_SECONDS)
        self._detail: tuple[float, datetime] | None = None  # when all contracts were told last

    def spend(self, route: Route, sent: Sent, now: datetime) -> dict[str, str]:
        """Count a call; there are no headers that say what is left. Raises Refusal (429, or 510 for contracts)."""
        if sent.path == DETAIL:
            self._spend_detail(sent.heard_at, now)
        elif sent.path.startswith(CONTRACT):
            if self._contract.count(sent.path, sent.heard_at) > CONTRACT_CALLS:
                raise TOO_FREQUENT
        elif self._spot.count(sent.path, sent.heard_at, route.weight) > SPOT_WEIGHT:
            raise Refusal(429, "Too Many Requests", 429, {"Retry-After": str(int(SPOT_SECONDS))})
        return {}

    def _spend_detail(self, heard_at: float, now: datetime) -> None:
        """By real time, and by the venue's, for which hours may pass between two calls of a test."""
        if self._detail:
            heard_before, before = self._detail
            if max(heard_at - heard_before, (now - before).total_seconds()) < DETAIL_SECONDS:
                raise TOO_FREQUENT
        self._detail = (heard_at, now)
