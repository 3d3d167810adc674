"""Request weights per minute, shown in headers, and 429 when there is nothing left."""

from collections import Counter
from datetime import datetime
from typing import Any

from paper.wire.binance.order_counts import OrderCounts
from paper.wire.dialect import Route
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

LIMITS = {"api": 6_000, "fapi": 2_400, "dapi": 2_400, "papi": 6_000, "eapi": 400, "sapi": 12_000}
SPOT_LIMIT = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": LIMITS["api"]}
HEADERS = {"sapi": "X-SAPI-USED-IP-WEIGHT-1M", "uid": "X-SAPI-USED-UID-WEIGHT-1M"}


class UsedWeights:
    """What each address has used of each family's budget in the venue's current minute."""

    def __init__(self) -> None:
        self.orders = OrderCounts()
        self._minute: datetime | None = None
        self._used: Counter[tuple[str, str]] = Counter()  # by address and budget

    def spend(self, route: Route, sent: Sent, now: datetime) -> dict[str, str]:
        """Headers with the weight used. Raises Refusal (429) beyond the limit."""
        return self.use(route, now, sent.address)

    def count(self, bucket: str, address: str) -> int:
        """What an address used of a budget in the minute of the last call."""
        return self._used[address, bucket]

    def use(self, route: Route, now: datetime, address: str) -> dict[str, str]:
        """The same for a call through whichever door."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._used.clear()
        bucket = route.bucket
        family = bucket.split(maxsplit=1)[0]
        self._used[address, bucket] += route.weight
        has_used = self.count(bucket, address)
        used = {HEADERS.get(family, "X-MBX-USED-WEIGHT-1M"): str(has_used)}
        # An account's own budgets are shown, not enforced: a story's minute may last for many runs.
        if family in LIMITS and has_used > LIMITS[family]:
            wait = str(60 - now.second)
            raise Refusal(-1003, "Too much request weight used; please slow down.", 429, used | {"Retry-After": wait})
        return used


def list_limits(used: UsedWeights, owner: str, now: datetime, address: str) -> list[dict[str, Any]]:
    """How far an address has used the budgets of the spot API, and that of an account's orders, if it is one that gives some."""
    return [*(used.orders.list(owner, now) if owner else ()), SPOT_LIMIT | {"count": used.count("api", address)}]
