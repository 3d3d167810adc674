"""Python's own start-up hook: where CLOCK_FILE names a file, the clock of this process stands at the time written there.

It is on the path of the programs that the soak starts, and of nothing else. It is read anew at every look, so the clock
of running programs can be moved, forward and back. The monotonic clock goes on by itself, as it does when a machine's
clock is set.
"""

import datetime as dt
import os
import time
from pathlib import Path

FILE = os.environ.get("CLOCK_FILE", "")
REAL = dt.datetime


def read_clock() -> REAL:
    """The time that the file says."""
    return REAL.fromisoformat(Path(FILE).read_text(encoding="ascii"))


class AnyDatetime(type(REAL)):
    """What is made is the real class's; so is what is recognised."""

    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, REAL)

    def __subclasscheck__(cls, one: type) -> bool:
        return issubclass(one, REAL)


class Moved(REAL, metaclass=AnyDatetime):
    """The class that programs import, with another now."""

    __slots__ = ()  # as large as the real one: compiled modules look

    def __new__(cls, *arguments: object, **named: object) -> REAL:
        return REAL(*arguments, **named)

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> REAL:
        moment = read_clock()
        return moment.astimezone(tz) if tz else moment.astimezone().replace(tzinfo=None)


if FILE:
    Moved.__name__, Moved.__qualname__, Moved.__module__ = "datetime", "datetime", "datetime"
    dt.datetime = Moved
    time.time = lambda: read_clock().timestamp()
    time.time_ns = lambda: int(read_clock().timestamp() * 1000) * 1_000_000
