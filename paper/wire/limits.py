"""Calls of the last moments, by what they are counted against: a path and a key, or an address."""

from collections import defaultdict, deque

MOST_REMEMBERED = 10_000  # of one bucket: no limit is as high


class RecentCalls:
    """What was called in the last `seconds` of real time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._calls: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=MOST_REMEMBERED))

    def count(self, bucket: str, heard_at: float, weight: int = 1) -> int:
        """Count a call; returns what was called in the window, with it."""
        calls = self._calls[bucket]
        while calls and calls[0] <= heard_at - self._seconds:
            calls.popleft()
        calls.extend([heard_at] * weight)
        return len(calls)
