"""An error that nobody thought of, raised at a chosen call of our own code: counted with the interpreter's own tracing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

OURS = str(Path(__file__).parents[2] / "monitor") + "/"


class Unexpected(Exception):
    """What nobody thought of."""


class Calls:
    """The calls of our functions so far, and where it was raised."""

    def __init__(self, broken: int | None) -> None:
        self.made = 0
        self.place = ""
        self._broken = broken

    def trace(self, frame: FrameType, event: str, _: Any) -> None:
        """Told of every call; raises at the chosen one."""
        if event != "call" or not frame.f_code.co_filename.startswith(OURS):
            return
        self.made += 1
        if self.made == self._broken:
            self.place = f"{frame.f_code.co_filename.removeprefix(OURS)}: {frame.f_code.co_qualname}"
            raise Unexpected(self.place)


@contextmanager
def broken_at(number: int | None) -> Iterator[Calls]:
    """Break the call of that `number`, or count calls only."""
    calls = Calls(number)
    before = sys.gettrace()
    sys.settrace(calls.trace)
    try:
        yield calls
    finally:
        sys.settrace(before)
