"""Who tries too often: passwords of one account from one address, and calls from one address. Tables are bounded.

A stranger can't lock an owner out, because what counts is the account and the address together; who tries many accounts
from one address is stopped by the number of his calls.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from math import ceil

from paper.users.refusals import TooMany


class Window:
    """At most `most` of something in a window of time, by whom it is counted against."""

    def __init__(self, most: int, window: timedelta, said: str, known: int = 10_000) -> None:
        self._most, self._window, self._said, self._known = most, window, said, known
        self._times: OrderedDict[str, deque[datetime]] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._times)

    def count(self, whom: str, now: datetime) -> None:
        """Count one more. Raises TooMany, and counts nothing, if that is one too many."""
        times = self._times.pop(whom, None) or deque()
        while times and times[0] <= now - self._window:
            times.popleft()
        self._times[whom] = times  # who was quiet for longest is forgotten first
        if len(self._times) > self._known:
            self._times.popitem(last=False)
        if len(times) >= self._most:
            raise TooMany(self._said, max(1, ceil((times[0] + self._window - now).total_seconds())))
        times.append(now)

    def forget(self, whom: str) -> None:
        """Let nothing be counted against somebody."""
        self._times.pop(whom, None)


def watch_passwords() -> Window:
    """Wrong passwords of an account from an address. One that is being checked counts as wrong until it proves right."""
    return Window(10, timedelta(minutes=15), "Too many wrong passwords. Try again later.")


def watch_calls() -> Window:
    """Calls of an address that cost much or may guess: logins, registrations, tokens."""
    return Window(120, timedelta(minutes=1), "Too many requests from this address. Try again later.")
