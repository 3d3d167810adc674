"""A time limit for reading one account that does not count waiting for the request limits all accounts share.

Many accounts use up a minute's weight together. Who then waits for the next minute has not failed, so its limit stands
still for as long as at least one of its calls waits; a call that is on its way has a time limit of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

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
