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


class _Stretch:
    """What was used in a stretch of time on the exchange's clock, which `began` by the machine's counter of seconds."""

    def __init__(self, number: int, began: float) -> None:
        self.number = number
        self.began = began
        self.used = 0


class Weights:
    """Counts the weight used, by bucket, and holds calls back when the budget of a stretch of time is used up."""

    def __init__(
        self, now: Callable[[], datetime], budgets: Budgets, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self.used: Counter[str] = Counter()
        self._budgets = budgets
        self._now = now  # the exchange's clock: its minutes count
        self._elapsed = (
            elapsed  # seconds: a minute is over at the latest after sixty, even if that clock is set or stands
        )
        self._stretches: dict[tuple[str, object], _Stretch] = {}
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)

    async def __aenter__(self) -> None:
        with waiting_for_turn():
            await self._slots.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._slots.release()

    async def spend(self, bucket: str, weight: int, account: object = None) -> None:
        """Count `weight` against `bucket`; waits for the next stretch when its budget is used up.

        `account` is whose budget it is, where every account has one of its own.
        """
        unnamed = self._budgets.endpoint if account is None else self._budgets.account
        budget = self._budgets.by_bucket.get(bucket, unnamed)
        stretch = self._current(bucket, account)
        with waiting_for_turn():
            while stretch.used and stretch.used + weight > budget:
                await asyncio.sleep(min(POLL_SECONDS, self._seconds(bucket) / 4))
                stretch = self._current(bucket, account)
        stretch.used += weight
        self.used[bucket] += weight

    def _seconds(self, bucket: str) -> int:
        return self._budgets.seconds_by_bucket.get(bucket, self._budgets.seconds)

    def _current(self, bucket: str, account: object) -> _Stretch:
        """The running stretch of a payer."""
        seconds, elapsed = self._seconds(bucket), self._elapsed()
        number = int(self._now().timestamp()) // seconds
        stretch = self._stretches.get((bucket, account))
        if stretch is None or stretch.number != number or elapsed - stretch.began >= seconds:
            stretch = self._stretches[bucket, account] = _Stretch(number, elapsed)
        return stretch

    def note(self, bucket: str, headers: dict[str, str]) -> None:
        """Believe the exchange where it counts more than we did (others share the address)."""
        for name, value in headers.items():
            if name.lower() == self._budgets.used_header and USED.fullmatch(value):
                stretch = self._current(bucket, None)
                stretch.used = max(stretch.used, int(value))

    def take_used(self) -> dict[str, int]:
        """What was used since the last call, by bucket."""
        used = dict(sorted(self.used.items()))
        self.used.clear()
        return used
