"""Weights of an endpoint within ten seconds, and calls of contracts within two; more is refused."""

from datetime import datetime

from paper.wire.dialect import Route
from paper.wire.limits import RecentCalls
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

SPOT_SECONDS, SPOT_WEIGHT = 10.0, 500
CONTRACT_SECONDS, CONTRACT_CALLS = 2.0, 20
CONTRACT = "/api/v1/"


class UsedLately:
    """What was asked of each endpoint, by real time."""

    def __init__(self) -> None:
        self._spot, self._contract = RecentCalls(SPOT_SECONDS), RecentCalls(CONTRACT_SECONDS)

    def spend(self, route: Route, sent: Sent, now: datetime) -> dict[str, str]:
        """Count a call; there are no headers that say what is left. Raises Refusal (429, or 510 for contracts)."""
        if sent.path.startswith(CONTRACT):
            if self._contract.count(sent.path, sent.heard_at) > CONTRACT_CALLS:
                raise Refusal(510, "Requests are too frequent. Please try again later.", 200)
        elif self._spot.count(sent.path, sent.heard_at, route.weight) > SPOT_WEIGHT:
            raise Refusal(429, "Too Many Requests", 429, {"Retry-After": str(int(SPOT_SECONDS))})
        return {}
