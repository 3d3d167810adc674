"""Weights of an endpoint within ten seconds, and calls of contracts within two; more is refused."""

from collections import defaultdict, deque
from datetime import datetime

from paper.wire.dialect import Route
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

SPOT_SECONDS, SPOT_WEIGHT = 10.0, 500
CONTRACT_SECONDS, CONTRACT_CALLS = 2.0, 20
CONTRACT = "/api/v1/"


class UsedLately:
    """What was asked of each endpoint, by real time."""

    def __init__(self) -> None:
        self._asked: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)

    def spend(self, route: Route, sent: Sent, now: datetime) -> dict[str, str]:
        """Count a call; there are no headers that say what is left. Raises Refusal (429, or 510 for contracts)."""
        is_contract = sent.path.startswith(CONTRACT)
        seconds, most = (CONTRACT_SECONDS, CONTRACT_CALLS) if is_contract else (SPOT_SECONDS, SPOT_WEIGHT)
        asked = self._asked[sent.path]
        while asked and asked[0][0] <= sent.heard_at - seconds:
            asked.popleft()
        weight = 1 if is_contract else route.weight
        if sum(spent for _, spent in asked) + weight > most:
            if is_contract:
                raise Refusal(510, "Requests are too frequent. Please try again later.", 200)
            raise Refusal(429, "Too Many Requests", 429, {"Retry-After": str(int(seconds))})
        asked.append((sent.heard_at, weight))
        return {}
