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
from monitor.recovery.store.depths import Depth

MINUTE = timedelta(minutes=1)
SAID_EVERY_SECONDS = 5
READ, TRADED = 0.6, 0.8  # how much of all the work is done when histories are read, and trades are found
Fetch = Callable[[datetime, datetime], Awaitable[SourceReading]]
Record = Callable[[SourceReading, str, Depth], Awaitable[None]]  # what a window held, and how far back that is


class Say(Protocol):
    """Who wants to know how far it is: in words and, where that is known, which share of the work is done."""

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

    @property
    def seconds(self) -> float:
        """How long a window takes, at least as long as a call."""
        return max(self.pace.total_seconds(), 1.0)


class Progress:
    """Says which history keeps the others waiting, how far it is, and for how long."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._windows: dict[History, int] = {}
        self._done: Counter[History] = Counter()
        self._all_seconds, self._done_seconds = 0.0, 0.0  # by the exchange's limits
        self._began, self._said_at = monotonic(), -inf  # in seconds

    def begin(self, history: History, end: datetime) -> None:
        """It will be read from `end` back."""
        self._windows[history] = windows = max(0, ceil((end - history.since) / history.window))
        self._all_seconds += windows * history.seconds

    def step(self, history: History) -> None:
        """One of its windows was read."""
        self._done[history] += 1
        self._done_seconds += history.seconds
        if monotonic() - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = monotonic()
            self._describe(max(self._windows, key=self._left))

    def end(self, history: History) -> None:
        """It is read as far as it goes."""
        self._done_seconds += (self._windows.pop(history) - self._done[history]) * history.seconds

    def _left(self, history: History) -> timedelta:
        done = self._done[history]
        measured = timedelta(seconds=(monotonic() - self._began) / done) if done else timedelta(0)
        return max(measured, history.pace) * (self._windows[history] - done)

    def _describe(self, history: History) -> None:
        left, done = self._left(history), self._done[history]
        if done < self._windows[history]:
            words = f"{ceil(left / MINUTE)} min left" if left >= MINUTE else "less than a minute left"
            share = READ * self._done_seconds / self._all_seconds
            self._say(f"{history.name}: {done} of {self._windows[history]} windows, {words}", share)


async def read_back(
    histories: Iterable[History], known: Mapping[str, Depth], record: Record, say: Say
) -> dict[str, Depth]:
    """Read `histories` as far as they are not `known`; returns how far back each is known now.

    Raises the first ExchangeError of one that can't be read; what was recorded stays.
    """
    histories = tuple(histories)
    progress = Progress(say)
    tasks = [create_task(_read(history, known.get(history.name), record, progress)) for history in histories]
    try:
        depths = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {history.name: depth for history, depth in zip(histories, depths, strict=True) if depth}


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
