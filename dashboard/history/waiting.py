"""Waiting that is counted by looks, and turns at what only a few can have at once.

A process that gets little of its processor finds an answer late that came in time: a clock would call the database dead
then. Nothing is counted here but the looks at which nothing had come.
"""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

LOOK = 0.1  # seconds from one look to the next
Kind = TypeVar("Kind")


@dataclass
class Wait:
    """Since when (monotonic), and for how many seconds of looks nothing has come."""

    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0


OnLook = Callable[[Wait], None]


def await_result(future: "Future[Kind]", on_look: OnLook) -> Kind:
    """What `future` gives or raises; what `on_look` raises after a look in vain ends the wait."""
    wait = Wait()
    while True:
        try:
            return future.result(LOOK)
        except TimeoutError:
            if future.done():
                return future.result()
        wait.seconds += LOOK
        on_look(wait)


class Turns(Generic[Kind]):
    """What a few readers can have at once: who came first has it first."""

    def __init__(self, free: list[Kind]) -> None:
        self._free = free
        self._queue: deque[Future[Kind]] = deque()
        self._lock = Lock()

    def take(self, on_look: OnLook) -> Kind:
        """One of them, when the turn has come; raises what `on_look` does."""
        turn: Future[Kind] = Future()
        with self._lock:
            if self._free:
                return self._free.pop()
            self._queue.append(turn)
        with ExitStack() as on_raise:
            on_raise.callback(self._leave, turn)
            found = await_result(turn, on_look)
            on_raise.pop_all()
        return found

    def put_back(self, one: Kind) -> None:
        """Give it to the next."""
        with self._lock:
            if self._queue:
                self._queue.popleft().set_result(one)
            else:
                self._free.append(one)

    def _leave(self, turn: "Future[Kind]") -> None:
        with self._lock:
            has_come = turn not in self._queue
            if not has_come:
                self._queue.remove(turn)
        if has_come:
            self.put_back(turn.result())
