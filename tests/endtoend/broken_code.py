"""An error that nobody thought of, raised at a chosen call of our own code: counted with the interpreter's own tracing."""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg

OURS = str(Path(__file__).parents[2] / "monitor") + "/"
ERRORS = (
    ValueError,
    KeyError,
    RuntimeError,
    RecursionError,
    MemoryError,
    TimeoutError,
    OSError,
    asyncio.CancelledError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.DataError,
    psycopg.errors.QueryCanceled,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.UniqueViolation,
)
# Before a command has its settings (what describes it to argparse, too), and the interpreter's own frames of a module.
LEFT_OUT = re.compile(r"__main__\.py: (main|parse_arguments|<module>)$|commands/.*: (add|describe)_\w+$|version\.py: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A call of a function of ours, and what it raises."""

    place: str  # file and function
    number: int  # of its calls, from 1
    error: type[BaseException]


class Calls:
    """The calls of our functions so far, by function."""

    def __init__(self, broken: Site | None) -> None:
        self.made: Counter[str] = Counter()
        self._broken = broken

    def trace(self, frame: FrameType, event: str, _: Any) -> None:
        """Told of every call; raises at the chosen one. What goes on after it waited is not called again."""
        is_ours = event == "call" and frame.f_code.co_filename.startswith(OURS)
        if not is_ours or frame.f_lineno != frame.f_code.co_firstlineno:
            return
        place = f"{frame.f_code.co_filename.removeprefix(OURS)}: {frame.f_code.co_qualname}"
        self.made[place] += 1
        if self._broken and place == self._broken.place and self.made[place] == self._broken.number:
            raise self._broken.error("what was read")


@contextmanager
def broken_at(site: Site | None) -> Iterator[Calls]:
    """Break the call of that `site`, or count calls only."""
    calls = Calls(site)
    before = sys.gettrace()
    sys.settrace(calls.trace)
    try:
        yield calls
    finally:
        sys.settrace(before)
