"""Request limits: waiting before one instead of after a ban, and a deadline that does not count that waiting.

Many accounts use up a minute's weight together. Who then waits for the next minute has not failed, so its limit stands
still for as long as at least one of its calls waits; a call that is on its way has a time limit of its own.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import datetime

from monitor.exchanges.http.dialect import Budgets

MOST_AT_ONCE = 96
POLL_SECONDS = 0.5
MINUTE_SECONDS = 60
USED = re.compile(r"[0-9]{1,9}", re.ASCII)

_CURRENT: ContextVar["_Deadline | None"] = ContextVar("deadline", default=None)


class _Deadline:
    """A running time limit and how many calls under it wait for their turn."""

    def __init__(self, limit: asyncio.Timeout) -> None:
        self._limit = limit
        self._waiting = 0
        self._left_seconds = 0.0

    def pause(self) -> None:
        """Stop counting, unless another call has stopped it."""
        self._waiting += 1
        when = self._limit.when()
        if self._waiting == 1 and when is not None and not self._limit.expired():
            self._left_seconds = when - asyncio.get_running_loop().time()
            self._limit.reschedule(None)

    def resume(self) -> None:
        """Count on once nobody waits any more."""
        self._waiting -= 1
        if not self._waiting and self._limit.when() is None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + self._left_seconds)


@asynccontextmanager
async def reading_deadline(seconds: float) -> AsyncIterator[None]:
    """Limit what is awaited inside to `seconds` of reading. Raises TimeoutError when they are over."""
    async with asyncio.timeout(seconds) as limit:
        token = _CURRENT.set(_Deadline(limit))
        try:
            yield
        finally:
            _CURRENT.reset(token)


@contextmanager
def waiting_for_turn() -> Iterator[None]:
    """Inside, the caller waits for others: its deadline, if it has one, stands still."""
    deadline = _CURRENT.get()
    if deadline is None:
        yield
        return
    deadline.pause()
    try:
        yield
    finally:
        deadline.resume()


class Weights:
    """Counts the weight used, by bucket, and holds calls back when a minute's budget is used up."""

    def __init__(
        self, now: Callable[[], datetime], budgets: Budgets, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self.used: Counter[str] = Counter()
        self._budgets = budgets
        self._now = now  # the exchange's clock: its minutes count
        self._elapsed = (
            elapsed  # seconds: a minute is over at the latest after sixty, even if that clock is set or stands
        )
        self._minute: datetime | None = None
        self._began = 0.0
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
        shared = self._budgets.by_bucket.get(bucket, self._budgets.endpoint)
        budget = shared if account is None else self._budgets.account
        payer = (bucket, account)
        self._begin_minute()
        with waiting_for_turn():
            while self._this_minute[payer] and self._this_minute[payer] + weight > budget:
                await asyncio.sleep(POLL_SECONDS)
                self._begin_minute()
        self._this_minute[payer] += weight
        self.used[bucket] += weight

    def _begin_minute(self) -> None:
        minute, elapsed = self._now().replace(second=0, microsecond=0), self._elapsed()
        if minute != self._minute or elapsed - self._began >= MINUTE_SECONDS:
            self._minute, self._began = minute, elapsed
            self._this_minute.clear()

    def note(self, bucket: str, headers: dict[str, str]) -> None:
        """Believe the exchange where it counts more than we did (others share the address)."""
        for name, value in headers.items():
            if name.lower() == self._budgets.used_header and USED.fullmatch(value):
                self._this_minute[bucket, None] = max(self._this_minute[bucket, None], int(value))

    def take_used(self) -> dict[str, int]:
        """What was used since the last call, by bucket."""
        used = dict(sorted(self.used.items()))
        self.used.clear()
        return used
