"""Reading histories back in time: window by window, the newest first, each recorded as it comes.

What is interrupted goes on where it stopped. A window that the exchange refuses ends that history's depth: it may be
too old, and what is later stays known. Histories are read side by side, each within its own limits.
"""

import asyncio
from asyncio import create_task
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil, inf
from time import monotonic
from typing import Protocol

from monitor.errors import ExchangeError
from monitor.exchanges.contract import SourceReading, SourceState
from monitor.recovery.store.rebuildings import Depth

MINUTE = timedelta(minutes=1)
SAID_EVERY_SECONDS = 5
TICK_SECONDS = 1.0
READ, TRADED = 0.85, 0.9  # how much of all the work is done when histories are read, and trades are found
Fetch = Callable[[datetime, datetime], Awaitable[SourceReading]]
Record = Callable[[SourceReading, str, Depth], Awaitable[None]]  # what a window held, and how far back that is


class Say(Protocol):
    """Who wants to know how far it is: in words, and which share of the work is done. One of the two may be missing."""

    def __call__(self, words: str, share: float | None = None) -> None:
        """Hear it."""


def say_nothing(words: str, share: float | None = None) -> None:
    """Nobody waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One history, to be read from `until` back to `since`."""

    name: str
    fetch: Fetch
    since: datetime
    oldest: datetime  # what the exchange has nothing before
    until: datetime
    window: timedelta  # the longest that the exchange returns at once
    pace: timedelta  # how long one takes by the exchange's limits


class Progress:
    """Says which history keeps the others waiting, how far it is, and for how long."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._windows: dict[History, int] = {}
        self._done: Counter[History] = Counter()
        self._began, self._said_at = monotonic(), -inf  # in seconds
        self._stepped_at: dict[History, float] = {}
        self._share = 0.0

    def begin(self, history: History, end: datetime) -> None:
        """It will be read from `end` back."""
        self._windows[history] = ceil((end - history.since) / history.window)
        self._stepped_at[history] = monotonic()

    def step(self, history: History) -> None:
        """One of its windows was read."""
        self._done[history] += 1
        self._stepped_at[history] = monotonic()
        if monotonic() - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = monotonic()
            self._describe(max(self._windows, key=self._left))

    def end(self, history: History) -> None:
        """It is read as far as it goes."""
        self._windows.pop(history)

    def tick(self) -> None:
        """Time has passed: say which share of the reading that is, as far as the slowest history's limits show."""
        now = monotonic()
        left = (
            self._left(history).total_seconds() - now + at
            for history, at in self._stepped_at.items()
            if history in self._windows
        )
        passed = now - self._began
        self._share = max(self._share, READ * passed / (passed + max([1.0, *left])))
        self._say("", self._share)

    def _left(self, history: History) -> timedelta:
        done = self._done[history]
        measured = timedelta(seconds=(monotonic() - self._began) / done) if done else timedelta(0)
        return max(measured, history.pace) * (self._windows[history] - done)

    def _describe(self, history: History) -> None:
        left, done = self._left(history), self._done[history]
        if done < self._windows[history]:
            words = f"{ceil(left / MINUTE)} min left" if left >= MINUTE else "less than a minute left"
            self._say(f"{history.name}: {done} of {self._windows[history]} windows, {words}")


async def read_back(
    histories: Iterable[History], known: Mapping[str, Depth], record: Record, say: Say
) -> dict[str, Depth]:
    """Read `histories` as far as they are not `known`; returns how far back each is known now.

    Raises the first ExchangeError of one that can't be read; what was recorded stays.
    """
    histories = tuple(histories)
    progress = Progress(say)
    tasks = [create_task(_read(history, known.get(history.name), record, progress)) for history in histories]
    ticking = create_task(_tick(progress))
    try:
        depths = await asyncio.gather(*tasks)
    finally:
        for task in (*tasks, ticking):
            task.cancel()
        await asyncio.gather(*tasks, ticking, return_exceptions=True)
    return {history.name: depth for history, depth in zip(histories, depths, strict=True) if depth}


async def _tick(progress: Progress) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        progress.tick()


async def _read(history: History, known: Depth | None, record: Record, progress: Progress) -> Depth | None:
    depth = known if known and known.until >= history.until else None
    end = min(history.until, depth.since) if depth else history.until
    progress.begin(history, end)
    while end > history.since:
        start = max(history.oldest, end - history.window)  # a whole window: what is asked for next is read already
        reading = await history.fetch(start, end)
        if reading.state is SourceState.ABSENT:
            break
        has_told = bool(reading.flows or reading.fills or reading.income) or (depth is not None and depth.has_told)
        if reading.state is SourceState.FAILED:
            raise ExchangeError(f"{history.name}: {reading.problem}")
        if reading.state is SourceState.REFUSED:
            reading = replace(reading, state=SourceState.READ)  # as an empty window
            depth = Depth(since=end, until=history.until, has_told=has_told, reason=reading.problem)
            await record(reading, history.name, depth)
            break
        depth, end = Depth(since=start, until=history.until, has_told=has_told), start
        await record(reading, history.name, depth)
        progress.step(history)
    progress.end(history)
    return depth
