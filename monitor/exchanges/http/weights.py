"""Request weights: what a run uses of each rate limit, and waiting before a limit instead of after a ban.

One object for all accounts of a process, because the limits belong to the machine's address.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from monitor.exchanges.http.deadline import waiting_for_turn

BUDGETS = {
    "api": 5_000,
    "fapi": 2_000,
    "dapi": 2_000,
    "papi": 5_000,
    "eapi": 350,
}  # a minute; a little below the limits
ENDPOINT_BUDGET = 10_000  # of 12,000 a minute, for each sapi endpoint
ACCOUNT_BUDGET = 180_000  # a minute, for each sapi endpoint whose weight counts against the account
MOST_AT_ONCE = 96
POLL_SECONDS = 0.5
USED = re.compile(r"[0-9]{1,9}", re.ASCII)


class Weights:
    """Counts the weight used, by bucket, and holds calls back when a minute's budget is used up."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.used: Counter[str] = Counter()
        self._now = now  # the exchange's clock: its minutes count
        self._minute: datetime | None = None
        self._this_minute: Counter[tuple[str, object]] = Counter()
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)

    async def __aenter__(self) -> None:
        with waiting_for_turn():
            await self._slots.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._slots.release()

    async def spend(self, bucket: str, weight: int, account: object = None) -> None:
        """Count `weight` against `bucket`; waits for the next minute when its budget is used up.

        `account` is whose budget it is, where every account has one of its own.
        """
        budget = BUDGETS.get(bucket, ENDPOINT_BUDGET) if account is None else ACCOUNT_BUDGET
        payer = (bucket, account)
        self._begin_minute()
        with waiting_for_turn():
            while self._this_minute[payer] and self._this_minute[payer] + weight > budget:
                await asyncio.sleep(POLL_SECONDS)
                self._begin_minute()
        self._this_minute[payer] += weight
        self.used[bucket] += weight

    def _begin_minute(self) -> None:
        minute = self._now().replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._this_minute.clear()

    def note(self, bucket: str, headers: dict[str, str]) -> None:
        """Believe the exchange where it counts more than we did (others share the address)."""
        for name, value in headers.items():
            if name.lower() == "x-mbx-used-weight-1m" and USED.fullmatch(value):
                self._this_minute[bucket, None] = max(self._this_minute[bucket, None], int(value))

    def take_used(self) -> dict[str, int]:
        """What was used since the last call, by bucket."""
        used = dict(sorted(self.used.items()))
        self.used.clear()
        return used
